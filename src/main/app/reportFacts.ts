/** @file Gathers what a report of a case says: its alerts with their reasons, observables, techniques, logs, audit. Alert by alert, so that main stays free. */
import { readFile, stat } from 'node:fs/promises';
import { AppError } from '../../shared/errors.ts';
import type { BundleAlert, BundleAuditEntry } from '../../shared/bundle.ts';
import type { CaseDetail } from '../../shared/cases.ts';
import type { AlertDetail } from '../../shared/alerts.ts';
import type { Client } from '../../shared/port.ts';
import type { ReportLayout } from '../../shared/report.ts';
import { attackNotice, readTechniques, Suggestions, type Technique } from '../report/attack.ts';
import {
  briefReportAlert,
  buildCaseReport,
  toReportAlert,
  type ReportAlert,
  type ReportAuditEntry,
  type ReportSource,
} from '../report/caseReport.ts';
import type { ReportMethods } from '../report/reportMethods.ts';
import type { AlertRecord } from '../store/protocol/alerts.ts';
import type { EventRecord } from '../store/protocol/events.ts';
import type { StoreMethods } from '../store/protocol.ts';
import { observablesOf } from '../text/observables.ts';
import { alertDetail } from './alertDetail.ts';
import { Came, type CameAlert } from './bundle/came.ts';
import { CaseObservables, culpritLines } from './caseObservables.ts';
import type { AppParts } from './createApp.ts';
import { resourcePath } from './resources.ts';
import { toModel } from './modelRegistry.ts';
import { detailChars, eventExcerpt, parsedChars, parserOf, toAlertRow } from './presenter.ts';
import { incomingDirectory } from './services.ts';
import { currentThreshold } from './thresholdInForce.ts';

/** Alerts that are worked on at a time: what each asks of store and engine overlaps. */
const atATime = 8;
const perMessage = 64;
/** A larger file is not compared: reading it would keep the report waiting. */
const mostHashedBytes = 1 << 30;

/** Of a line, for observables. */
export const mostLookedThrough = Math.min(parsedChars, detailChars);

type Facts = StoreMethods['get_case_facts']['output'];

export async function attackTechniques(): Promise<Technique[]> {
  return readTechniques(await readFile(resourcePath('attack/techniques.tsv'), 'utf8'));
}

/** Hands the report of a case to a thread. `mostDetailed`: alerts that are explained in full, the most severe; the rest keeps its row. */
export async function gatherReport(
  parts: AppParts,
  thread: Client<ReportMethods>,
  detail: CaseDetail,
  options: { zone: string; mostDetailed: number; comparesFiles: boolean; layout: ReportLayout },
): Promise<void> {
  const { services } = parts;
  const { store, host } = services;
  const caseId = detail.row.id;
  const [{ alerts }, facts, whole, models, threshold, actor, techniques] = await Promise.all([
    store.call('get_case', { caseId, now: host.now() }),
    store.call('get_case_facts', { caseId }),
    store.call('read_case_whole', { caseId }),
    store.call('list_models', undefined),
    currentThreshold(services),
    services.actor(),
    attackTechniques(),
  ]);
  const inUse = models.find(({ state }) => state === 'in_use');
  const came = Came.of(
    store,
    caseId,
    whole.came,
    facts.sources.map(({ id }) => id),
  );
  const isOfHere = came.bundles.length === 0 || alerts.length > 0;
  const located = await Promise.all(
    facts.sources.map((source) => {
      const lines = alerts.filter(({ sourceId }) => sourceId === source.id).map(({ lineNumber }) => lineNumber);
      return locateSource(parts, source, options.comparesFiles ? lines : null);
    }),
  );
  const offsets = new Map(located.map(({ source, offsets }) => [source.id, offsets]));
  const report = buildCaseReport({
    detail,
    model: inUse ? toModel(inUse) : null,
    threshold: threshold ?? null,
    workspace: services.opened.name,
    analyst: actor.analyst,
    generatedAt: host.now(),
    zone: options.zone,
    appVersion: host.appVersion,
    summary: facts.text.summary,
    findings: facts.text.findings,
    // Chosen as a section, for the formats that have none, too.
    explanations: options.layout.some(({ id }) => id === 'explanations') ? detail.explanations : [],
    sources: [
      ...located.map(({ source }) => source),
      ...came.sources.map((source) => ({ ...source, file: 'bundled' as const })),
    ],
    labels: isOfHere ? facts.labels : (came.bundles[0]?.facts.labels ?? facts.labels),
    audit: [...(await came.audit()).map(toReportEntry), ...facts.audit],
    isOfHere,
    judgedElsewhere: came.bundles.flatMap(({ facts: { modelSentences } }) => modelSentences),
    attackNotice,
    observables: [],
    techniques: [],
  });
  await thread.call('begin', { report });
  const originOf = ({ sourceId, lineNumber }: AlertRecord) => ({
    sourceId,
    byteOffset: offsets.get(sourceId)?.get(lineNumber) ?? null,
  });

  const observables = new CaseObservables();
  const suggestions = new Suggestions();
  const detailed = new Set(
    [...alerts]
      .sort((a, b) => b.severity - a.severity || b.score - a.score)
      .slice(0, options.mostDetailed)
      .map(({ id }) => id),
  );
  const rows = new Map(detail.alerts.map((row) => [row.id, row]));
  for (let start = 0; start < alerts.length; start += perMessage) {
    const part = alerts.slice(start, start + perMessage);
    const [events, linesOf] = await Promise.all([eventsOf(parts, part), culpritLines(store, part, mostLookedThrough)]);
    const whole = await overlapping(part, async (record) => {
      const event = events.get(record.eventId);
      if (detailed.has(record.id)) return toReportAlert(await detailOf(parts, record), originOf(record));
      const row = rows.get(record.id) ?? toAlertRow(record, '', eventExcerpt(event, record.surpriseAt));
      return briefReportAlert(row, lineOf(event), originOf(record));
    });
    for (const record of part) observables.addLines(record, linesOf(record));
    for (const alert of whole)
      suggestions.add({ ...alert, raw: alert.raw.text, detectors: alert.votes.map(({ detector }) => detector) });
    await thread.call('add', { alerts: whole });
  }
  for await (const part of came.alerts()) {
    for (const one of part) addCame(one, observables, suggestions);
    await thread.call('add', { alerts: part.map(({ alert }) => toCameReport(alert)) });
  }
  await thread.call('complete', {
    observables: came.withSightings(await observables.lookedUp(store, detail.row.number)),
    techniques: suggestions.techniques(techniques, facts.text.techniques),
  });
}

/** As an alert of this workspace is looked through. */
export function addCame({ alert, source }: CameAlert, observables: CaseObservables, suggestions: Suggestions): void {
  const { row, raw, votes } = alert.detail;
  const parse = parserOf(source);
  for (const line of [raw.text, ...alert.culprits]) {
    const text = line.slice(0, mostLookedThrough);
    observables.add({ number: row.number, at: row.at }, observablesOf(text, parse(text)));
  }
  suggestions.add({ ...toCameReport(alert), raw: raw.text, detectors: votes.map(({ detector }) => detector) });
}

function toCameReport({ detail, sourceId, byteOffset }: BundleAlert): ReportAlert {
  return toReportAlert(detail, { sourceId, byteOffset });
}

function toReportEntry({ sequence, at, analyst, action, subject, details }: BundleAuditEntry): ReportAuditEntry {
  return { sequence, at, analyst, action, subject, details };
}

export function detailOf({ services, texts, models }: AppParts, { id }: AlertRecord): Promise<AlertDetail> {
  return alertDetail({ services, texts, modelOf: (modelId) => models.of(modelId) }, id);
}

function lineOf(event: EventRecord | undefined): { text: string; lengthChars: number } {
  return { text: event?.raw ?? '', lengthChars: event?.rawLengthChars ?? 0 };
}

export async function eventsOf(
  { services }: AppParts,
  alerts: readonly AlertRecord[],
): Promise<Map<number, EventRecord>> {
  const ids = alerts.map(({ eventId }) => eventId);
  const events = await services.store.call('get_events', { ids, maxChars: mostLookedThrough });
  return new Map(events.map((event) => [event.id, event]));
}

/** In the order of the items. */
export async function overlapping<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, worker));
  return results;
}

type Located = { source: ReportSource; offsets: Map<number, number> };

/**
 * What was read stays, whatever became of its file; a report says which. Where the file is the same, its lines have their place in it. Without
 * `lineNumbers` it is not read.
 */
export async function locateSource(
  { services }: AppParts,
  facts: Facts['sources'][number],
  lineNumbers: readonly number[] | null,
): Promise<Located> {
  const { path, isFollowed, ...source } = facts;
  const as = (file: ReportSource['file'], offsets = new Map<number, number>()): Located => ({
    source: { ...source, file },
    offsets,
  });
  if (isFollowed) return as('followed');
  // An upload is deleted when it was read.
  if (path === null || path.startsWith(incomingDirectory(services)) || source.sha256 === null) return as('unknown');
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return as('gone');
  if (found.size !== source.sizeBytes) return as('changed');
  if (lineNumbers === null || found.size > mostHashedBytes) return as('not_compared');
  const importer = await services.importer();
  try {
    const located = await importer.call('locate', { path, lineNumbers: [...lineNumbers] });
    if (located.sha256 !== source.sha256) return as('changed');
    const places = lineNumbers.flatMap((line, index): [number, number][] => {
      const offset = located.offsets[index];
      return typeof offset === 'number' ? [[line, offset]] : [];
    });
    return as('same', new Map(places));
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return as('gone');
    return as('unknown');
  }
}
