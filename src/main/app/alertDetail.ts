/** @file Why one alert was raised, worked out when somebody looks: the session around it, what the model gave each event and what it expected instead. */
import type { AlertDetail, HeatSpan, SessionEvent } from '../../shared/alerts.ts';
import { AppError } from '../../shared/errors.ts';
import type { LinePart } from '../../shared/lines.ts';
import { presetNames, type RuleFinding } from '../../shared/presets.ts';
import { readingOf } from '../detect/reading.ts';
import { leastTopKBits } from '../detect/topK.ts';
import { consensusReading, tutorialReading } from '../detect/tutorial/decision.ts';
import { createKeyedHash } from '../text/keyedHash.ts';
import { lineParts } from '../text/lineParts.ts';
import { tokenize } from '../text/mask.ts';
import type { AlertEvidence, AlertRecord } from '../store/protocol/alerts.ts';
import type { EventRecord } from '../store/protocol/events.ts';
import type { TemplateRecord } from '../store/protocol/sources.ts';
import { groupKeyOf } from '../detect/groups.ts';
import { keyBitsAt } from './detection/judge.ts';
import { lineHeat } from './detection/lineHeat.ts';
import { whoWhereOf } from './detection/whoWhereOf.ts';
import { explainSession, judgedItems, templateNumberOf, type ExplainedSession } from './explain.ts';
import { sequenceIdName } from './importProtocol.ts';
import type { KeyModel } from './keyModel.ts';
import {
  detailChars,
  eventExcerpt,
  listChars,
  parsedChars,
  messageOf,
  parserOf,
  toAlertRow,
  toLogLine,
  type TemplateTexts,
} from './presenter.ts';
import { reasonText } from './reasonText.ts';
import { currentThreshold } from './thresholdInForce.ts';
import { idsOf } from './sequenceLines.ts';
import { StrangeParts } from './strangeParts.ts';
import type { Services } from './services.ts';

/** Events of the session before and after the anchor that are shown, within the model's context. */
const eventsBeforeShown = 24;
const eventsAfter = 12;
/** Events before the anchor that the model is given: as much context as the scoring had, and a window's step to start where it did. */
const contextEvents = 128;
const windowStep = 32;
const contextLines = 6;
const nearestShown = 3;

export type DetailDependencies = {
  services: Services;
  texts: TemplateTexts;
  /** Undefined when the model's files are gone: the alert is shown without what was expected. */
  modelOf: (modelId: string) => Promise<KeyModel | undefined>;
};

/** `isBlind`: without what was said of it and its like. Throws NOT_FOUND. */
export async function alertDetail(
  dependencies: DetailDependencies,
  alertId: string,
  { isBlind } = { isBlind: false },
): Promise<AlertDetail> {
  const { services, texts } = dependencies;
  const { store, host } = services;
  const { row, evidence, history, cases } = await store.call('get_alert', { alertId, now: host.now(), isBlind });
  const rule = evidence.rule ?? null;
  const [anchor] = await store.call('get_events', { ids: [row.eventId], maxChars: detailChars });
  if (!anchor) throw new AppError('NOT_FOUND', `A-${row.number}: its line is no longer in the workspace.`);
  const model = await dependencies.modelOf(row.modelId);
  const templates = await texts.records();
  const session = await sessionOf(services, row, anchor, evidence, templates);
  const textOf = await texts.of([row.templateIndex], [[row.templateIndex, row.eventId]]);
  const explained = model ? await explainSession({ services, texts, templates }, model, session) : unexplained(session);
  const events = explained.slice(session.hidden);
  const threshold = await currentThreshold(services);
  const context = await around(services, anchor, contextLines);
  const template = textOf(row.templateIndex);
  const heat = model ? await heatOf(services, model, anchor, row) : [];
  const hasBeginning = session.hasBegin && session.hidden === 0;
  const keyedHash = createKeyedHash(services.opened.hashKey);
  const [{ repeats }, nearest] = await Promise.all([
    store.call('list_repeats', { alertId }),
    isBlind ? [] : store.call('nearest_decided', { alertId, limit: nearestShown }),
  ]);
  return {
    row: toAlertRow(row, template, eventExcerpt(anchor, row.surpriseAt)),
    reasonText: reasonText({
      ...{ row, event: anchor, rule, events, model, heat, hasBeginning },
      before: context.before.at(-1),
      place: row.reason === 'who_where' && model ? whoWhereOf(model.learned, keyedHash)(anchor) : null,
    }),
    votes: evidence.votes,
    reading:
      rule?.kind === 'tutorial'
        ? `${tutorialReading(rule.perplexity, rule.perplexityThreshold)} ${consensusReading(rule.consensus)}`
        : readingOf(row.score, threshold?.score ?? 0, threshold?.calibrationEvents ?? 0),
    repeats,
    nearest: nearest.map(({ id, ...near }) => ({ alertId: id, ...near })),
    perplexity: row.perplexity,
    usualPerplexity: usualPerplexityOf(rule, model),
    confidence: row.confidence,
    raw: {
      text: anchor.raw,
      isCut: anchor.rawLengthChars > anchor.raw.length,
      lengthChars: anchor.rawLengthChars,
      heat,
      parts: partsOf(anchor),
    },
    session: {
      title: sessionTitle(row, anchor),
      events,
      hasBeginning,
      eventCount: session.eventCount,
      durationMs: session.durationMs,
    },
    margin: {
      score: row.score,
      threshold: threshold?.score ?? 0,
      histogram: model?.histogram ?? { binBits: 1, counts: [] },
      bits: row.bits,
      thresholdBits:
        rule?.kind === 'top_k'
          ? leastTopKBits(rule.k)
          : model?.card.shape
            ? thresholdBitsOf(model, anchor, templates, threshold?.score ?? 0)
            : 0,
    },
    modelName: model ? `m${model.number}` : 'model no longer there',
    judgedBy: judgedBy(rule),
    thresholdVersion: threshold?.version ?? 0,
    ...context,
    history,
    cases,
  };
}

/** Where the threshold lies on the key model's bits, if it alone spoke of a line as this. */
function thresholdBitsOf(
  { detection: { set, judges }, graph }: KeyModel,
  { format, templateIndex }: EventRecord,
  templates: ReadonlyMap<number, TemplateRecord>,
  score: number,
): number {
  const judge = judges[graph];
  const group = judge.groupOf(groupKeyOf(format, templates.get(templateIndex)?.prefixHash ?? 0));
  return keyBitsAt(judge, set.ids, score, group);
}

/** What an alert is about, as the model read it. Throws NOT_FOUND. */
export async function sessionOfAlert(
  { services, texts }: DetailDependencies,
  alertId: string,
): Promise<{ row: AlertRecord; session: ExplainedSession }> {
  const { row, evidence } = await services.store.call('get_alert', { alertId, now: services.host.now() });
  const [anchor] = await services.store.call('get_events', { ids: [row.eventId], maxChars: detailChars });
  if (!anchor) throw new AppError('NOT_FOUND', `A-${row.number}: its line is no longer in the workspace.`);
  return { row, session: await sessionOf(services, row, anchor, evidence, await texts.records()) };
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

/** The session around the anchor as it is explained and shown, and how much of it there is. */
async function sessionOf(
  services: Services,
  row: AlertRecord,
  anchor: EventRecord,
  evidence: AlertEvidence,
  templates: ReadonlyMap<number, TemplateRecord>,
): Promise<ExplainedSession & { eventCount: number; durationMs: number | null; hidden: number }> {
  if (anchor.format === 'sequences') return sequenceOf(services, row, anchor, templates);
  const { events, session, eventsBefore } = await services.store.call('session_events', {
    sessionId: row.sessionId,
    eventId: row.eventId,
    before: contextEvents,
    after: eventsAfter,
    maxChars: parsedChars,
  });
  // The engine's windows start at multiples of half the context; so does what it is given here, or its figures would differ.
  const cut = eventsBefore === 0 ? 0 : windowStep - ((1 + eventsBefore) % windowStep || windowStep);
  const kept = events.slice(cut);
  const judged = (eventId: number | undefined, isEnd: boolean): number | null =>
    evidence.culprits.find((culprit) => culprit.eventId === eventId && culprit.isEnd === isEnd)?.bits ?? null;
  const items = kept.map((event) => ({
    eventId: event.id,
    lineNumber: event.lineNumber,
    at: event.at,
    ...messageOf(event),
    templateIndex: event.templateIndex,
    severity: event.severity,
    judgedBits: judged(event.id, false),
  }));
  const last = kept.at(-1);
  const reachesEnd = last?.id === session.lastEventId && !session.isOpen;
  const anchorAt = kept.findIndex(({ id }) => id === row.eventId);
  return {
    items,
    hasBegin: eventsBefore === 0,
    end: reachesEnd ? { judgedBits: judged(last?.id, true) } : null,
    eventCount: session.eventCount,
    durationMs: session.startedAt !== null && session.endedAt !== null ? session.endedAt - session.startedAt : null,
    hidden: Math.max(0, anchorAt - eventsBeforeShown),
  };
}

/** A line that is a session of ids: its ids are the events. The alert was judged by the most surprising of them. */
async function sequenceOf(
  services: Services,
  row: AlertRecord,
  anchor: EventRecord,
  templates: ReadonlyMap<number, TemplateRecord>,
): Promise<ExplainedSession & { eventCount: number; durationMs: null; hidden: number }> {
  const keyedHash = createKeyedHash(services.opened.hashKey);
  const indexOf = new Map([...templates.values()].map((template) => [template.prefixHash, template.index]));
  const isTable = anchor.raw.includes(',');
  const items = idsOf(anchor.raw, isTable).map((id) => ({
    eventId: anchor.id,
    lineNumber: anchor.lineNumber,
    at: null,
    text: sequenceIdName(id),
    aside: null,
    templateIndex: indexOf.get(keyedHash(sequenceIdName(id))) ?? -1,
    severity: -1,
    judgedBits: null,
  }));
  const isEnd = row.reason === 'end';
  return {
    ...{ items, hasBegin: true, eventCount: items.length, durationMs: null, hidden: 0 },
    end: { judgedBits: isEnd ? row.bits : null },
    ...(isEnd ? {} : { unplaced: { templateIndex: row.templateIndex, bits: row.bits } }),
  };
}

/** Without a model: the events and what they were judged by. */
function unexplained(session: ExplainedSession): SessionEvent[] {
  return judgedItems(session).map(({ eventId, lineNumber, at, text, aside, templateIndex, judgedBits }) => ({
    ...{ eventId, lineNumber, at, text, aside },
    templateNumber: templateNumberOf(templateIndex),
    bits: judgedBits ?? 0,
    isCulprit: judgedBits !== null,
    expected: [],
    probability: 2 ** -(judgedBits ?? 0),
  }));
}

/**
 * Colours what is strange in a line that alerts by its text, and in one whose kind is new. Any other surprises by its place, not by its words.
 */
async function heatOf(services: Services, model: KeyModel, event: EventRecord, row: AlertRecord): Promise<HeatSpan[]> {
  if (row.detector === 'text' || row.detector === 'trigram') return lineHeat(services, model.lines, event);
  return row.reason === 'unseen' ? new StrangeParts(model, services.opened.hashKey).ofNewKind(event) : [];
}

/** A session of ids has none: its ids are events. */
function partsOf(event: EventRecord): LinePart[] {
  if (event.format === 'sequences') return [];
  const parsed = parserOf(event)(event.raw);
  return lineParts(event.raw, parsed, tokenize(event.raw, parsed.message));
}

function sessionTitle(row: AlertRecord, anchor: EventRecord): string {
  if (anchor.format === 'sequences') return `Session of line ${anchor.lineNumber}`;
  return row.entityKind === 'source' ? `All of ${row.sourceName}` : `Session of ${row.entity ?? 'an erased name'}`;
}

/** What a stretch, or by the tutorial a window, of this perplexity is compared with; null where nobody knows. */
function usualPerplexityOf(rule: RuleFinding | null, model: KeyModel | undefined): number | null {
  if (rule?.kind === 'tutorial') return rule.perplexityThreshold;
  return model && Number.isFinite(model.usualPerplexity) ? model.usualPerplexity : null;
}

function judgedBy(rule: RuleFinding | null): string {
  const name = presetNames[rule?.kind ?? 'budget'];
  return rule?.kind === 'top_k' ? `${name}, ${rule.k} of ${rule.kinds} kinds` : name;
}
