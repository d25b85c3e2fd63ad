/**
 * @file A scoring run replaces the one before it: new alerts come, those not raised again go, decided ones stay. The run of a growing source
 * raises alerts as its events come.
 */
import type { AlertState } from '../../shared/alerts.ts';
import { AppError } from '../../shared/errors.ts';
import type { AlertPlaces } from './alertPlaces.ts';
import type { Audit } from './audit.ts';
import type { AwaitedLogs } from './awaitedLogs.ts';
import { prepareDecidedFindings } from './decidedFindings.ts';
import type { Follows } from './follows.ts';
import type { Mutes } from './mutes.ts';
import type { Drift } from './protocol/alerts.ts';
import type { Repeats } from './repeats.ts';
import type { Sources } from './sources.ts';
import { standingRuns } from './standingRuns.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

type NewestRun = Omit<Output<'list_runs'>[number], 'drift'> & {
  driftEventId: number | null;
  driftRatio: number | null;
  lineNumber: number | null;
};

function driftColumns(drift: Drift | null): { driftEventId: number | null; driftRatio: number | null } {
  return { driftEventId: drift?.eventId ?? null, driftRatio: drift?.ratio ?? null };
}

export type Runs = ReturnType<typeof prepareRuns>;

export function prepareRuns(
  db: Connection,
  parts: {
    audit: Audit;
    awaited: AwaitedLogs;
    follows: Follows;
    places: AlertPlaces;
    repeats: Repeats;
    sources: Sources;
    mutes: Mutes;
  },
) {
  const { audit, awaited, follows, places, repeats, sources, mutes } = parts;
  const decidedFindings = prepareDecidedFindings(db);
  const insertRun = db.prepare<Record<string, string | number | null>>(
    `INSERT INTO run (id, source_id, model_id, threshold_version, started_at, finished_at, event_count, over_count,
       drift_event_id, drift_ratio, replaced_to_event_id)
     VALUES (@runId, @sourceId, @modelId, @thresholdVersion, @startedAt, @finishedAt, @eventCount, @overCount, @driftEventId,
       @driftRatio, @lastEventId)`,
  );
  // In a case counts as decided: somebody built on it.
  const removeOld = db.prepare<{ sourceId: number; runNumber: number; lastEventId: number }>(
    `DELETE FROM alert WHERE source_id = @sourceId AND run_number <> @runNumber AND decided_by IS NULL
       AND event_id <= @lastEventId
       AND NOT EXISTS (SELECT 1 FROM case_alert WHERE alert_number = alert.number)`,
  );
  const removeEmptyRuns = db.prepare<{ sourceId: number; runNumber: number }>(
    `DELETE FROM run WHERE source_id = @sourceId AND number <> @runNumber
       AND NOT EXISTS (SELECT 1 FROM alert WHERE run_number = run.number)`,
  );
  const logsByModel = db.prepare<[], { modelId: string; logs: number }>(
    'SELECT model_id AS modelId, count(DISTINCT source_id) AS logs FROM run GROUP BY model_id',
  );
  const grow = db.prepare<Record<string, string | number | null>>(
    `INSERT INTO run (id, source_id, model_id, threshold_version, started_at, finished_at, event_count, over_count,
       drift_event_id, drift_ratio)
     VALUES (@runId, @sourceId, @modelId, @thresholdVersion, @startedAt, @finishedAt, @eventCount, @overCount, @driftEventId,
       @driftRatio)
     ON CONFLICT (id) DO UPDATE SET finished_at = excluded.finished_at, event_count = event_count + excluded.event_count,
       over_count = over_count + excluded.over_count, drift_event_id = excluded.drift_event_id,
       drift_ratio = excluded.drift_ratio`,
  );
  const newestWhole = db
    .prepare<[number], number | null>(
      'SELECT max(number) FROM run WHERE source_id = ? AND replaced_to_event_id IS NOT NULL',
    )
    .pluck();
  const runByUid = db.prepare<[string], number>('SELECT number FROM run WHERE id = ?').pluck();
  const forgetWeights = db.prepare<{ sourceId: number; runNumber: number; lastEventId: number }>(
    `UPDATE alert SET sampling_weight = NULL WHERE sampling_weight IS NOT NULL AND source_id = @sourceId
       AND run_number <> @runNumber AND event_id <= @lastEventId`,
  );
  const newestRun = db.prepare<[number], { number: number; thresholdVersion: number }>(
    `SELECT number, threshold_version AS thresholdVersion FROM run WHERE source_id = ? ORDER BY number DESC LIMIT 1`,
  );
  // The alert of a finding stands at its strongest event.
  const covering = db
    .prepare<{ sourceId: number; sessionId: number; eventId: number; minScore: number }, string>(
      `SELECT id FROM alert INDEXED BY alert__source_id_event_id
       WHERE source_id = @sourceId AND event_id BETWEEN @eventId - 5000 AND @eventId + 5000 AND session_id = @sessionId
         AND last_event_id >= @eventId AND origin = 'detector' AND score >= @minScore
       ORDER BY abs(event_id - @eventId) LIMIT 1`,
    )
    .pluck();
  const stateOf = db.prepare<[string], AlertState>('SELECT state FROM alert WHERE id = ?').pluck();
  const isUnderNewest = 'FILTER (WHERE run.threshold_version = newest.threshold_version)';
  const newestRuns = db.prepare<[string], NewestRun>(
    `SELECT newest.source_id AS sourceId, source.name AS sourceName, newest.threshold_version AS thresholdVersion,
       sum(run.event_count) ${isUnderNewest} AS eventCount,
       iif(count(run.over_count) ${isUnderNewest} < count(*) ${isUnderNewest}, NULL, sum(run.over_count) ${isUnderNewest}) AS overCount,
       sum(run.event_count) AS judgedCount,
       newest.drift_event_id AS driftEventId, newest.drift_ratio AS driftRatio, event.line_number AS lineNumber
     FROM ${standingRuns} CROSS JOIN run AS newest ON newest.number = since.newest AND newest.model_id = run.model_id
     CROSS JOIN source ON source.id = newest.source_id LEFT JOIN event ON event.id = newest.drift_event_id
     WHERE run.model_id = ? GROUP BY newest.number ORDER BY newest.number`,
  );
  const judged = db.prepare<[], number>(`SELECT coalesce(sum(run.event_count), 0) FROM ${standingRuns}`).pluck();

  /** What comes after the log was scored as a whole is of a run behind that one: what it counted before was judged again. */
  const goingOn = (runId: string, sourceId: number): string => {
    const begun = runByUid.get(runId);
    const whole = newestWhole.get(sourceId) ?? 0;
    return begun !== undefined && begun < whole ? `${runId}-${whole}` : runId;
  };

  return {
    list: ({ modelId }: Input<'list_runs'>): Output<'list_runs'> =>
      newestRuns.all(modelId).map(({ driftEventId, driftRatio, lineNumber, ...run }) => ({
        ...run,
        drift:
          driftEventId === null ? null : { eventId: driftEventId, ratio: driftRatio ?? 1, lineNumber: lineNumber ?? 0 },
      })),
    judged: (): Output<'count_judged'> => judged.get() ?? 0,
    logsByModel: (): Output<'logs_by_model'> => logsByModel.all(),
    /** Of a growing source. A decided alert is closed: what surprises after it is another one. */
    raise: (input: Input<'raise_alerts'>): Output<'raise_alerts'> =>
      inTransaction(db, () => {
        const { sourceId, modelId, thresholdVersion, startedAt, at, eventCount, overCount, drift, actor } = input;
        sources.range(sourceId); // NOT_FOUND for a source that is gone
        const runId = goingOn(input.runId, sourceId);
        const isBegun = runByUid.get(runId) !== undefined;
        grow.run({
          runId,
          sourceId,
          modelId,
          thresholdVersion,
          startedAt,
          finishedAt: at,
          eventCount,
          overCount,
          ...driftColumns(drift),
        });
        const runNumber = runByUid.get(runId) ?? 0;
        const { put, putSample } = places.putter({ runNumber, sourceId, raisedAt: at, at: actor.at, thresholdVersion });
        const raisedNow = input.alerts.map(({ alert, previousEventId, fresh }) => {
          const previous = previousEventId === null ? undefined : places.at(previousEventId, sourceId);
          const isCut = previousEventId !== null && (previous === undefined || previous.decidedBy !== null);
          const raised = isCut ? fresh : alert;
          const there = places.at(raised.eventId, sourceId);
          const isDrawn = previous && there?.origin === 'sample' && there.decidedBy === null;
          // It grows on its own, and takes the place of what was drawn there.
          const atEvent = isDrawn && places.remove(there.number) ? undefined : there;
          // The strongest event of the finding is another now, and has an alert from an earlier run: one is enough.
          if (!isCut && previous && atEvent && atEvent.number !== previous.number && atEvent.decidedBy === null)
            places.remove(previous.number);
          return { ...put(raised, isCut ? atEvent : (atEvent ?? previous)), isCut };
        });
        const raisedAt = new Set(input.alerts.map(({ alert }) => alert.eventId));
        for (const sample of input.samples ?? []) putSample(sample, raisedAt);
        mutes.hideNew(raisedNow.map(({ number }) => number));
        const changed = input.alerts.flatMap(({ alert, fresh, previousEventId }) => [
          alert.eventId,
          fresh.eventId,
          previousEventId ?? alert.eventId,
        ]);
        if (changed.length > 0) {
          const first = changed.reduce((least, id) => Math.min(least, id));
          mutes.hideNew(repeats.fold(sourceId, first));
        }
        const outcomes = raisedNow.map(({ number: _number, ...outcome }) => outcome);
        follows.scored(sourceId, input.scoredEventId, input.endsScored);
        if (!isBegun) {
          const details = { sourceId, modelId, thresholdVersion };
          audit.append({ action: 'run.begun', subject: runId, details, actor });
        }
        return {
          outcomes: outcomes.map((one) => {
            const state = stateOf.get(one.alertId) ?? 'open';
            return { ...one, state, isFolded: one.isFolded || state === 'repeat' };
          }),
        };
      }),

    /** What was shown, or is kept below the threshold, stays what it is. */
    markMissed: ({
      sourceId,
      alert,
      minScore,
      origin = 'missed',
      actor,
    }: Input<'mark_missed'>): Output<'mark_missed'> =>
      inTransaction(db, () => {
        const run = newestRun.get(sourceId);
        if (!run)
          throw new AppError(
            'CONFLICT',
            'This log was not scored yet, so that nothing of it was missed. Score it first.',
          );
        const { eventId, sessionId } = alert;
        const before = places.at(eventId, sourceId);
        if (before?.origin === 'detector') return { alertId: before.id, isNew: false };
        const flagged = alert.score >= minScore ? covering.get({ sourceId, sessionId, eventId, minScore }) : undefined;
        if (flagged !== undefined) return { alertId: flagged, isNew: false };
        const at = { raisedAt: actor.at, at: actor.at };
        const { put } = places.putter({
          runNumber: run.number,
          sourceId,
          thresholdVersion: run.thresholdVersion,
          ...at,
        });
        const { alertId, number } = put(alert, before, origin);
        places.setOrigin(number, origin, null);
        const action = origin === 'missed' ? 'alert.missed' : 'alert.named_normal';
        audit.append({ action, subject: alertId, details: { eventId }, actor });
        return { alertId, isNew: before === undefined };
      }),

    /**
     * `raised` counts the run's alerts, without findings that were decided at another event of theirs; `folded` those of them that arrived folded,
     * `removed` those not raised again.
     */
    replace: (input: Input<'replace_run'>): Output<'replace_run'> =>
      inTransaction(db, () => {
        const { runId, sourceId, modelId, actor } = input;
        sources.range(sourceId); // NOT_FOUND for a source that is gone
        const { thresholdVersion, startedAt, finishedAt, eventCount, overCount, drift } = input;
        const run = {
          runId,
          sourceId,
          modelId,
          thresholdVersion,
          startedAt,
          finishedAt,
          eventCount,
          overCount,
          ...driftColumns(drift),
          lastEventId: input.lastEventId ?? Number.MAX_SAFE_INTEGER,
        };
        const runNumber = Number(insertRun.run(run).lastInsertRowid);
        const { put, putSample } = places.putter({
          runNumber,
          sourceId,
          raisedAt: finishedAt,
          at: actor.at,
          thresholdVersion,
        });
        const raisedEvents = new Set<number>();
        for (const { eventId } of input.alerts) {
          if (raisedEvents.has(eventId)) {
            throw new AppError('BAD_REQUEST', `The run ${runId} raised two alerts for event ${eventId}.`);
          }
          raisedEvents.add(eventId);
        }
        const wasDecided = decidedFindings.among(sourceId, raisedEvents);
        const numbers: number[] = [];
        let folded = 0;
        for (const alert of input.alerts) {
          const there = places.at(alert.eventId, sourceId);
          if (!there && wasDecided(alert)) continue;
          const { isFolded, number } = put(alert, there);
          numbers.push(number);
          if (isFolded) folded++;
        }
        for (const sample of input.samples ?? []) putSample(sample, raisedEvents);
        mutes.hideNew(numbers);
        const { lastEventId } = run;
        forgetWeights.run({ sourceId, runNumber, lastEventId });
        const { changes: removed } = removeOld.run({ sourceId, runNumber, lastEventId });
        removeEmptyRuns.run({ sourceId, runNumber });
        mutes.hideNew(repeats.fold(sourceId, 0));
        awaited.scored(sourceId, modelId);
        const outcome = { raised: numbers.length, folded, removed };
        audit.append({
          action: 'run.replaced',
          subject: runId,
          details: { sourceId, modelId, thresholdVersion, ...outcome },
          actor,
        });
        return outcome;
      }),
  };
}
