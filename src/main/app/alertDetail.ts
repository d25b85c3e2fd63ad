/** @file Why one alert was raised, worked out when somebody looks: the session around it, what the model gave each event and what it expected instead. */
import type { AlertDetail, HeatSpan, SessionEvent } from '../../shared/domain.ts';
import { AppError } from '../../shared/errors.ts';
import { keyTokens, packSequences } from '../../shared/sequences.ts';
import { bitsAt } from '../detect/calibration.ts';
import { createLineParser } from '../ingest/parser.ts';
import { createKeyedHash } from '../text/keyedHash.ts';
import { tokenize, wordKind } from '../text/mask.ts';
import type { AlertEvidence, AlertRecord, EventRecord, SessionRecord, TemplateRecord } from '../store/protocol.ts';
import { kindOf, surpriseOf, type KeyModel } from './keyModel.ts';
import { listChars, messageText, toAlertRow, toLogLine, type TemplateTexts } from './presenter.ts';
import { probabilityInWords } from './words.ts';
import { currentThreshold } from './teach.ts';
import type { Services } from './services.ts';

/** Events of the session before and after the anchor that are shown, within the model's context. */
const eventsBefore = 24;
const eventsAfter = 12;
const contextLines = 6;
const expectedShown = 3;
/** The detail shows lines whole up to here; longer ones are cut in view and whole in the store. */
const rawChars = 20_000;
/** Words of a new kind that are common among known kinds are not coloured. */
const minHeatBits = 1;

export type DetailDependencies = {
  services: Services;
  texts: TemplateTexts;
  /** Undefined when the model's files are gone: the alert is shown without what was expected. */
  modelOf: (modelId: string) => Promise<KeyModel | undefined>;
};

export async function alertDetail(dependencies: DetailDependencies, alertId: string): Promise<AlertDetail> {
  const { services, texts } = dependencies;
  const { store, host } = services;
  const { row, evidence, history, cases } = await store.call('get_alert', { alertId, now: host.now() });
  const [anchor] = await store.call('get_events', { ids: [row.eventId], maxChars: rawChars });
  if (!anchor) throw new AppError('NOT_FOUND', `A-${row.number}: its line is no longer in the workspace.`);
  const model = await dependencies.modelOf(row.modelId);
  const templates = await texts.records();
  const window = await store.call('session_events', {
    sessionId: row.sessionId,
    eventId: row.eventId,
    before: eventsBefore,
    after: eventsAfter,
    maxChars: listChars,
  });
  const textOf = await texts.of([row.templateIndex, ...window.events.map((event) => event.templateIndex)]);
  const events = model
    ? await explainWindow(dependencies, model, row, evidence, window, templates)
    : window.events.map((event): SessionEvent => plainEvent(event, evidence));
  const threshold = await currentThreshold(services);
  const context = await around(services, anchor, contextLines);
  const template = textOf(row.templateIndex);
  return {
    row: toAlertRow(row, template),
    reasonText: reasonText(row, events, model),
    raw: {
      text: anchor.raw,
      isCut: anchor.rawLengthChars > anchor.raw.length,
      lengthChars: anchor.rawLengthChars,
      heat: model ? heatOf(services, model, anchor, row) : [],
    },
    session: {
      title: sessionTitle(row),
      events,
      eventCount: window.session.eventCount,
      durationMs:
        window.session.startedAt !== null && window.session.endedAt !== null
          ? window.session.endedAt - window.session.startedAt
          : null,
    },
    margin: {
      score: row.score,
      threshold: threshold?.score ?? 0,
      histogram: model?.histogram ?? { binBits: 1, counts: [] },
      bits: row.bits,
      thresholdBits: model ? bitsAt(model.calibration, threshold?.score ?? 0) : 0,
    },
    modelName: model ? `m${model.number}` : 'model no longer there',
    thresholdVersion: threshold?.version ?? 0,
    ...context,
    history,
    cases,
  };
}

/** Lines before and after an event in its source. */
export async function around(
  services: Services,
  event: EventRecord,
  lines: number,
): Promise<Pick<AlertDetail, 'before' | 'after'>> {
  const read = (limit: number): Promise<EventRecord[]> =>
    services.store.call('read_lines', {
      sourceId: event.sourceId,
      afterLine: event.lineNumber,
      limit,
      maxChars: listChars,
    });
  const [before, after] = await Promise.all([read(-lines), read(lines)]);
  return { before: before.map(toLogLine), after: after.map(toLogLine) };
}

async function explainWindow(
  { services, texts }: DetailDependencies,
  model: KeyModel,
  row: AlertRecord,
  evidence: AlertEvidence,
  window: { session: SessionRecord; events: EventRecord[]; eventsBefore: number },
  templates: ReadonlyMap<number, TemplateRecord>,
): Promise<SessionEvent[]> {
  const { events, session } = window;
  const startsHere = window.eventsBefore === 0;
  const reachesEnd = events.at(-1)?.id === session.lastEventId && !session.isOpen;
  const ids: number[] = startsHere ? [keyTokens.begin] : [];
  for (const event of events) ids.push(model.vocabulary.idOf(event.templateIndex, event.severity));
  if (reachesEnd) ids.push(keyTokens.end);
  const first = startsHere ? 1 : 0;
  const packed = packSequences([ids]);
  const bits = await surpriseOf(services.engine(), model, packed, (_sequence, position) => {
    const event = events[position - first];
    return kindOf(templates.get(event?.templateIndex ?? -1), event?.severity ?? -1);
  });
  const culpritOf = (eventId: number, isEnd: boolean) =>
    evidence.culprits.find((culprit) => culprit.eventId === eventId && culprit.isEnd === isEnd);
  // The figure an event was judged by stands, even where this window gives the model less context than the scoring had.
  const shown = events.map(
    (event, index): { event: EventRecord; position: number; bits: number; isEnd: boolean; isCulprit: boolean } => {
      const culprit = culpritOf(event.id, false);
      return {
        event,
        position: index + first,
        bits: culprit?.bits ?? bits[index + first] ?? 0,
        isEnd: false,
        isCulprit: culprit !== undefined,
      };
    },
  );
  const last = events.at(-1);
  if (reachesEnd && last) {
    const culprit = culpritOf(last.id, true);
    const position = ids.length - 1;
    shown.push({
      event: last,
      position,
      bits: culprit?.bits ?? bits[position] ?? 0,
      isEnd: true,
      isCulprit: culprit !== undefined,
    });
  }
  const explained = shown.filter(
    ({ isCulprit, position, event }) => position > 0 && (isCulprit || event.id === row.eventId),
  );
  const top = Math.min(expectedShown, model.vocabulary.size - keyTokens.firstEventId + 1);
  const expected = await services.engine().call('explain', {
    modelId: model.id,
    ids: Int32Array.from(ids),
    positions: Int32Array.from(explained, ({ position }) => position),
    top,
  });
  const alternatives = new Map(
    explained.map(({ position }, index) => [
      position,
      Array.from({ length: top }, (_unused, rank) => ({
        id: expected.ids[index * top + rank] ?? keyTokens.unseen,
        probability: expected.probabilities[index * top + rank] ?? 0,
      })),
    ]),
  );
  const named = [...alternatives.values()]
    .flat()
    .flatMap(({ id }) => model.vocabulary.entryOf(id)?.templateIndex ?? []);
  const nameOf = await texts.of(named);
  const nameToken = (id: number): string => {
    const entry = model.vocabulary.entryOf(id);
    if (entry) return nameOf(entry.templateIndex);
    return id === keyTokens.end ? 'end of session' : 'a kind of line not seen before';
  };
  return shown.map(({ event, position, bits: eventBits, isEnd, isCulprit }) => ({
    eventId: isEnd ? null : event.id,
    lineNumber: isEnd ? null : event.lineNumber,
    at: event.at,
    text: isEnd ? 'end of session' : messageText(event),
    bits: eventBits,
    isCulprit,
    expected: (alternatives.get(position) ?? []).map(({ id, probability }) => ({ text: nameToken(id), probability })),
    probability: 2 ** -eventBits,
  }));
}

function plainEvent(event: EventRecord, evidence: AlertEvidence): SessionEvent {
  const culprit = evidence.culprits.find((candidate) => candidate.eventId === event.id);
  const bits = culprit?.bits ?? 0;
  return {
    eventId: event.id,
    lineNumber: event.lineNumber,
    at: event.at,
    text: messageText(event),
    bits,
    isCulprit: culprit !== undefined,
    expected: [],
    probability: 2 ** -bits,
  };
}

/** Colours the words of a line whose kind is new by how many known kinds have them. A known kind surprises by its place, not by its words. */
function heatOf(services: Services, model: KeyModel, event: EventRecord, row: AlertRecord): HeatSpan[] {
  if (row.reason !== 'unseen') return [];
  const keyedHash = createKeyedHash(services.opened.hashKey);
  const parsed = createLineParser(event.format, event.assumption)(event.raw);
  const heat: HeatSpan[] = [];
  for (const token of tokenize(event.raw, parsed.message)) {
    if (token.kind !== wordKind) continue;
    const bits = model.kinds.wordBits(keyedHash(event.raw.slice(token.start, token.end)));
    if (bits >= minHeatBits) heat.push({ start: token.start, end: token.end, bits });
  }
  return heat;
}

function sessionTitle(row: AlertRecord): string {
  return row.entityKind === 'source' ? `All of ${row.sourceName}` : `Session of ${row.entity ?? 'an erased name'}`;
}

function reasonText(row: AlertRecord, events: readonly SessionEvent[], model: KeyModel | undefined): string {
  const what = probabilityInWords(2 ** -row.bits);
  const rarity = probabilityInWords(10 ** -row.score);
  const anchor = events.find((event) => event.isCulprit && event.expected.length > 0);
  const instead = anchor?.expected[0];
  const expected =
    instead && instead.probability >= 0.05
      ? ` Most expected here, with ${Math.round(instead.probability * 100)} %: ${instead.text.slice(0, 120)}.`
      : '';
  const given = model
    ? `The model gave ${what} to what happened (${row.bits.toFixed(1)} bits).`
    : `It was given ${what} (${row.bits.toFixed(1)} bits).`;
  return `${given} Of normal events, about ${rarity} surprise as much.${expected}`;
}
