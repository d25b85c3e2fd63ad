/**
 * @file Why an alert was raised, in two sentences with the values that were unusual: what the strongest detector saw, and how rare that is. It
 * quotes the line: hostile text, never kept.
 */
import type { HeatSpan, SessionEvent } from '../../shared/alerts.ts';
import type { RuleFinding } from '../../shared/presets.ts';
import type { UnusualPlace } from '../detect/detectors/whoWhere.ts';
import { daysAt, hourOf, isWeekend, usualHours } from '../detect/streams/hours.ts';
import type { AlertRecord } from '../store/protocol/alerts.ts';
import type { EventRecord } from '../store/protocol/events.ts';
import { tokenize } from '../text/mask.ts';
import { findWho } from '../text/who.ts';
import type { KeyModel } from './keyModel.ts';
import { parserOf } from './presenter.ts';
import { counted, probabilityInWords, shareInWords } from './words.ts';

const longestQuote = 80;
/** Strange parts of a line that are named. */
const mostParts = 3;
/** What the model gave less to was no expectation. */
const leastExpected = 0.05;

export type Explained = {
  row: AlertRecord;
  /** The event that the alert stands on. */
  event: EventRecord;
  rule: RuleFinding | null;
  events: readonly SessionEvent[];
  /** The first of `events` is the first of its session. */
  hasBeginning: boolean;
  /** The line before it in its log. */
  before: { at: number | null } | undefined;
  heat: readonly HeatSpan[];
  /** Of the detector of users, hosts and hours. */
  place: UnusualPlace | null;
  model: KeyModel | undefined;
};

export function reasonText(explained: Explained): string {
  const { row, rule, model } = explained;
  if (rule?.kind === 'tutorial')
    return `The ten lines that end here have a perplexity of ${rule.perplexity.toFixed(2)}; 5 % of normal windows have more than ${rule.perplexityThreshold.toFixed(2)}. With the z-score and the isolation forest the consensus is ${rule.consensus.toFixed(2)}; above 0.5 it is an anomaly.`;
  const byRule =
    rule?.kind === 'top_k' ? `It is not among the ${rule.k} of ${rule.kinds} kinds that were expected most.` : '';
  const counts = model?.card.shape === null ? 'No network was trained: it was counted.' : '';
  const rarity = `Of normal events, about ${probabilityInWords(10 ** -row.score)} surprise as much.`;
  return [sawOf(explained), byRule, rarity, counts].filter((sentence) => sentence !== '').join(' ');
}

/** What the strongest detector saw. */
function sawOf(explained: Explained): string {
  const { row, event, events, hasBeginning, heat, place } = explained;
  const at = indexOfTop(explained);
  const isFirst = hasBeginning && at === 0 && row.reason !== 'end';
  const previous = events[at - 1];
  switch (row.reason) {
    case 'order':
      return isFirst ? startText(row) : given(explained, 'what happened');
    case 'end':
      return given(explained, 'an end of the session here');
    case 'unseen':
      return `No line of this kind was in training${partsText(event.raw, heat, '; strangest in it: ')}.`;
    case 'rare':
      return `${rareText(explained)}${isFirst ? '' : instead(explained)}`;
    case 'sequence':
      return `Training hardly had these events in this order${previous ? `: here it is behind ${quoted(previous.text)}` : ''}.`;
    case 'pair':
      return previous
        ? `In training no line of this kind came right behind one like ${quoted(previous.text)}.`
        : 'In training no session began with a line of this kind.';
    case 'stretch':
      return row.perplexity === null
        ? 'The events up to here surprise more than usual, taken together.'
        : `Taken together, the events up to here have a perplexity of ${row.perplexity.toPrecision(3)}.`;
    case 'counts':
      return 'No session of training has such numbers of each kind of line.';
    case 'mix':
      return 'Training had hardly any stretch with such a mixture of kinds of line.';
    case 'text':
    case 'wording':
      return `Its text is unlike that of training${partsText(event.raw, heat, ', most of all in ')}.`;
    case 'shape':
      return `Lines of this kind are of another length or make-up; this one has ${counted(event.rawLengthChars, 'character')}.`;
    case 'misfit':
      return `The log is read as ${event.format}; this line is not of that form.`;
    case 'clock':
      return clockText(explained);
    case 'volume':
      return 'So many lines of this kind, or failed logins of one user or network, do not come within ten minutes.';
    case 'silence':
      return 'Something that came regularly stayed away: this is the first line of the log after it was due.';
    case 'who_where':
      return place ? placeText(event, place) : '';
    case 'labelled':
      return 'By the classifier in use, the events up to here are like those of confirmed threats.';
    case 'after_failures': {
      const { user, address } = whoIn(event);
      return `${user ?? 'The user'} was let in${address === null ? '' : ` from ${address}`} after failed logins of the same user or network.`;
    }
    case 'travel': {
      const { user, address } = whoIn(event);
      return `${user ?? 'The user'} came from two networks within less time than anybody took in training${address === null ? '' : `, now from ${address}`}.`;
    }
  }
}

function indexOfTop({ row, events }: Explained): number {
  const isTop = ({ eventId, isCulprit }: SessionEvent): boolean =>
    isCulprit && (row.reason === 'end' ? eventId === null : eventId === row.eventId);
  return Math.max(
    0,
    events.findIndex((event) => isTop(event)),
  );
}

function startText({ bits }: AlertRecord): string {
  return `A session seldom starts with a line like this: ${probabilityInWords(2 ** -bits)}.`;
}

function given(explained: Explained, what: string): string {
  const { row, model } = explained;
  if (model?.card.shape === null) return '';
  const probability = probabilityInWords(2 ** -row.bits);
  const by = model ? `The model gave ${probability}` : `It was given ${probability},`;
  return `${by} to ${what} (${row.bits.toFixed(1)} bits).${instead(explained)}`;
}

/** What was expected most, where something was. */
function instead(explained: Explained): string {
  const most = explained.events[indexOfTop(explained)]?.expected[0];
  if (!most || most.probability < leastExpected) return '';
  return ` Most expected here, with ${shareInWords(most.probability)}: ${quoted(most.text)}.`;
}

function rareText({ event, model }: Explained): string {
  const { vocabulary } = model ?? {};
  const count = vocabulary?.entryOf(vocabulary.idOf(event.templateIndex, event.severity))?.count;
  if (!vocabulary || count === undefined) return 'Training hardly ever saw this kind of line.';
  return `Of the ${counted(vocabulary.eventCount, 'event')} of training ${count === 1 ? 'one was' : `${count} were`} of this kind.`;
}

/** The strangest parts of the line as they are written. */
function partsText(raw: string, heat: readonly HeatSpan[], lead: string): string {
  const [most, ...others] = [...heat].sort((a, b) => b.bits - a.bits);
  if (!most) return '';
  const strangest = [most, ...others.filter(({ bits }) => bits >= most.bits / 2)].slice(0, mostParts);
  const inOrder = strangest.sort((a, b) => a.start - b.start);
  return `${lead}${inOrder.map(({ start, end }) => quoted(raw.slice(start, end))).join(', ')}`;
}

function clockText({ event, before }: Explained): string {
  if (event.at === null || !before || before.at === null) return 'Its time does not go on from the lines before it.';
  const apartMs = event.at - before.at;
  if (apartMs === 0) return 'Its time does not go on from the lines before it.';
  return `Its time is ${spanInWords(Math.abs(apartMs))} ${apartMs > 0 ? 'after' : 'before'} that of the line before it.`;
}

const spans = [
  { ms: 86_400_000, name: 'day' },
  { ms: 3_600_000, name: 'hour' },
  { ms: 60_000, name: 'minute' },
  { ms: 1000, name: 'second' },
] as const;

function spanInWords(ms: number): string {
  const unit = spans.find((one) => ms >= 2 * one.ms) ?? spans[spans.length - 1];
  return unit ? counted(Math.round(ms / unit.ms), unit.name) : '';
}

function whoIn(event: EventRecord): { user: string | null; address: string | null } {
  const { raw } = event;
  const parsed = parserOf(event)(raw);
  const { user, address } = findWho(raw, parsed, tokenize(raw, parsed.message));
  const textOf = (span: typeof user): string | null => (span ? raw.slice(span.start, span.end) : null);
  return { user: textOf(user), address: textOf(address) };
}

function placeText(event: EventRecord, place: UnusualPlace): string {
  const { user, address } = whoIn(event);
  const who = user ?? 'The user';
  switch (place.of) {
    case 'user_hour':
      return hourText(who, event.at, place.hours);
    case 'kind_hour':
      return hourText('This kind of line', event.at, place.hours);
    case 'network':
      return `${who} never came from the network of ${address ?? 'this address'} in training; ${knownText(place.known, 'network')}.`;
    case 'host':
      return `${who} was never on ${event.host ?? 'this host'} in training; ${knownText(place.known, 'host')}.`;
    case 'user':
      return `${who} was never seen in training${place.isElsewhere && address !== null ? `, nor was anybody from the network of ${address}` : ''}.`;
  }
}

function knownText(count: number, what: string): string {
  return count === 0 ? `no ${what} is known` : `${counted(count, `${what} is`, `${what}s are`)} known`;
}

function hourText(what: string, at: number | null, hours: Parameters<typeof usualHours>[0]): string {
  const hour = hourOf(at ?? 0);
  const { all, alike } = daysAt(hours, hour);
  const between = `between ${clock(hour)} and ${clock(hour + 1)} UTC`;
  const day = isWeekend(hour) ? 'at a weekend' : 'on a working day';
  const usual = usualHours(hours);
  const usually = usual ? `; usually ${clock(usual.from)} to ${clock(usual.to)}` : '';
  if (all === 0) return `${what} was never seen ${between}${usually}.`;
  if (alike === 0) return `${what} was never seen ${between} ${day}${usually}.`;
  return `${what} was seen ${between} on ${counted(all, 'day')} only${usually}.`;
}

function clock(hour: number): string {
  return `${String(hour % 24).padStart(2, '0')}:00`;
}

/** On one line, and not too long; what is left out is said. */
function quoted(text: string): string {
  const short = text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text;
  return `“${short.trim().replace(/\.+$/, '')}”`;
}
