/** @file Gathers what came of a span of time: from the store's counts to figures, days and words. */
import { createTimeFormat } from '../report/format.ts';
import type { PeriodAlert, PeriodCase, PeriodReport, PeriodThreshold } from '../report/period/periodReport.ts';
import type { Instant } from '../../shared/instant.ts';
import type { ThresholdVersion } from '../../shared/thresholds.ts';
import { sideOf, type Precision } from '../../shared/teaching.ts';
import type { Span } from '../../shared/period.ts';
import { shareOf } from '../detect/estimates.ts';
import { ZoneOffsets } from '../ingest/zones.ts';
import type { AlertRecord } from '../store/protocol/alerts.ts';
import type { CaseRecord } from '../store/protocol/cases.ts';
import type { PeriodRows } from '../store/protocol/periods.ts';
import { CaseObservables, culpritLines } from './caseObservables.ts';
import type { AppParts } from './createApp.ts';
import { figuresOf } from './learningReport.ts';
import { openNow, waitedOf } from './overview.ts';
import { parsedChars, toAlertRow } from './presenter.ts';
import { currentThreshold, listThresholds } from './thresholdInForce.ts';

const quarterMs = 900_000;

/** Throws BAD_INPUT for a zone that does not exist. */
export async function gatherPeriod(parts: AppParts, { from, to }: Span, zone: string): Promise<PeriodReport> {
  const { services } = parts;
  const { store, host } = services;
  createTimeFormat(zone);
  const offsets = new ZoneOffsets(zone);
  const [threshold, actor] = await Promise.all([currentThreshold(services), services.actor()]);
  const minScore = threshold?.score ?? 0;
  const [rows, cases, models, thresholds, learning, open, audit] = await Promise.all([
    store.call('read_period', { from, to, minScore }),
    store.call('list_cases', undefined),
    store.call('list_models', undefined),
    listThresholds(services),
    store.call('read_learning', { edges: [from, to], analyst: actor.analyst }),
    openNow(services, minScore),
    store.call('verify_audit', undefined),
  ]);
  const { groups, newKinds, top, shownAt, decisions, toView, models: changes, ...facts } = rows;
  const named = await namedAlerts(
    parts,
    [...top, ...groups, ...newKinds].map((one) => ('alert' in one ? one.alert : one)),
  );
  const closedCases = cases.filter(({ closedAt }) => closedAt !== null && closedAt >= from && closedAt < to);
  const standing = decisions.filter(({ isStanding }) => isStanding);
  const all = figuresOf(learning, () => true);
  const modelName = new Map(models.map(({ id, number }) => [id, `m${number}`]));
  return {
    ...facts,
    ...{ from, to, generatedAt: host.now(), zone, workspace: services.opened.name },
    ...{ analyst: actor.analyst, appVersion: host.appVersion },
    groups: groups.map(({ alert, ...group }) => ({ ...group, alert: named.of(alert) })),
    newKinds: newKinds.map(({ alert, ...kind }) => ({ ...kind, alert: named.of(alert) })),
    top: top.map(named.of),
    decisions,
    toView: waitedOf(toView),
    toVerdict: waitedOf(standing.map(({ at, raisedAt }) => ({ at, waitMs: at - raisedAt }))),
    toClosing: waitedOf(
      closedCases.map(({ closedAt, raisedAt }) => ({ at: closedAt ?? to, waitMs: (closedAt ?? to) - raisedAt })),
    ),
    budget: threshold?.budget ?? null,
    shownByDay: byDay(shownAt, offsets),
    thresholds: changedThresholds(thresholds, { from, to }),
    models: changes.map(({ modelId, ...change }) => ({ ...change, model: modelName.get(modelId) ?? 'deleted since' })),
    precisionOfSpan: precisionOf(standing),
    ...all,
    ...open,
    openCases: cases.filter(({ state }) => state !== 'closed').map(toPeriodCase),
    closedCases: closedCases.map(toPeriodCase),
    observables: named.observables,
    auditSentence:
      audit.brokenAt === null
        ? `Audit chain intact, ${audit.count} entries when the report was made. Head: ${audit.head}`
        : 'The audit chain is broken: entries were changed or removed outside Surprisal. Do not rely on who did what.',
    redactions: [],
  };
}

function precisionOf(decisions: PeriodReport['decisions']): Precision {
  const right = decisions.filter(({ value }) => sideOf(value) === 'threat').length;
  const wrong = decisions.filter(({ value }) => sideOf(value) === 'harmless').length;
  return { estimate: shareOf(right, right + wrong), right, wrong };
}

/** Oldest first, each with what was in force of its model before. */
function changedThresholds(all: readonly ThresholdVersion[], { from, to }: Span): PeriodThreshold[] {
  const lastOf = new Map<string, ThresholdVersion>();
  return all.toReversed().flatMap((one) => {
    const before = lastOf.get(one.modelId);
    lastOf.set(one.modelId, one);
    if (one.createdAt < from || one.createdAt >= to) return [];
    const { version, reason, score, budget, meaning, verdictCount, createdAt: at } = one;
    return [{ ...{ version, reason, score, budget, meaning, verdictCount, at }, scoreBefore: before?.score ?? null }];
  });
}

/** Days begin at quarters of an hour in every zone there is. */
function byDay(rows: PeriodRows['shownAt'], offsets: ZoneOffsets): PeriodReport['shownByDay'] {
  const counts = new Map<Instant | null, number>();
  for (const { quarter, count } of rows) {
    const day = quarter === null ? null : startOfDay(quarter * quarterMs, offsets);
    counts.set(day, (counts.get(day) ?? 0) + count);
  }
  return [...counts]
    .map(([day, count]) => ({ day, count }))
    .sort((one, other) => (one.day ?? Infinity) - (other.day ?? Infinity));
}

function startOfDay(at: Instant, offsets: ZoneOffsets): Instant {
  const dayMs = 86_400_000;
  return offsets.toUtc(Math.floor((at + offsets.offsetAt(at)) / dayMs) * dayMs);
}

function toPeriodCase(row: CaseRecord): PeriodCase {
  const { number, title, state, severity, owner, dueAt, alertCount, openTaskCount, createdAt, closedAt, closing } = row;
  return { number, title, state, severity, owner, dueAt, alertCount, openTaskCount, createdAt, closedAt, closing };
}

/** Alerts with the words of their kind, and what is named in their lines. */
async function namedAlerts(
  { services, texts }: AppParts,
  records: readonly AlertRecord[],
): Promise<{ of: (record: AlertRecord) => PeriodAlert; observables: PeriodReport['observables'] }> {
  const kinds = records.map(({ templateIndex, eventId }) => [templateIndex, eventId] as const);
  const [textOf, linesOf] = await Promise.all([
    texts.of(
      kinds.map(([index]) => index),
      kinds,
    ),
    culpritLines(services.store, records, parsedChars),
  ]);
  const observables = new CaseObservables();
  for (const record of new Map(records.map((one) => [one.number, one])).values()) {
    observables.addLines(record, linesOf(record));
  }
  const of = (record: AlertRecord): PeriodAlert => {
    const row = toAlertRow(record, textOf(record.templateIndex), null);
    const { number, severity, state, score, title, template, entity, host, sourceName, lineNumber, at, raisedAt } = row;
    return {
      ...{ number, severity, state, score, title, template, entity, host, sourceName, lineNumber, at, raisedAt },
      ...{ verdict: row.verdict?.value ?? null, decidedBy: row.verdict?.analyst ?? null },
    };
  };
  return { of, observables: observables.listed() };
}
