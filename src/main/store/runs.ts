/**
 * @file A scoring run replaces the one before it: new alerts come, those not raised again go, decided ones stay. The run of a growing source
 * raises alerts as its events come.
 */
import type { AlertOrigin, AlertState } from '../../shared/domain.ts';
import { AppError } from '../../shared/errors.ts';
import type { RuleFinding } from '../../shared/presets.ts';
import type { Audit } from './audit.ts';
import type { Counters } from './counters.ts';
import type { Follows } from './follows.ts';
import type { Memory, Recalled } from './memory.ts';
import type { Mutes } from './mutes.ts';
import type { AlertEvidence, Drift, NewAlert } from './protocol/alerts.ts';
import type { SampledEvent } from './protocol/learning.ts';
import type { Repeats } from './repeats.ts';
import type { Sources } from './sources.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

type NewestRun = Omit<Output<'list_runs'>[number], 'drift'> & {
  driftEventId: number | null;
  driftRatio: number | null;
  lineNumber: number | null;
};

type Existing = {
  number: number;
  id: string;
  signature: string;
  decidedBy: number | null;
  foldedBy: number | null;
  origin: AlertOrigin;
  score: number;
};

/** Rebuilt from its numbers, so that nothing else can be carried into the row. */
function evidenceJson({ rule, votes, surpriseAt, culprits }: AlertEvidence): string {
  return JSON.stringify({
    ...(rule ? { rule: ruleNumbers(rule) } : {}),
    votes: votes.map(({ detector, score }) => ({ detector, score })),
    ...(surpriseAt === undefined ? {} : { surpriseAt }),
    culprits: culprits.map(({ eventId, isEnd, bits, modelBits, expected }) => ({
      eventId,
      isEnd,
      bits,
      modelBits,
      expected: expected.map(({ templateIndex, isEnd: endsHere, probability }) => ({
        templateIndex,
        isEnd: endsHere,
        probability,
      })),
    })),
  });
}

function ruleNumbers(rule: RuleFinding): RuleFinding {
  if (rule.kind === 'top_k') return { kind: rule.kind, k: rule.k, kinds: rule.kinds };
  const { kind, perplexity, perplexityThreshold, confidence, consensus } = rule;
  return { kind, perplexity, perplexityThreshold, confidence, consensus };
}

function figures(alert: NewAlert, runNumber: number) {
  return {
    runNumber,
    eventId: alert.eventId,
    sessionId: alert.sessionId,
    lastEventId: alert.lastEventId,
    score: alert.score,
    bits: alert.bits,
    severity: alert.severity,
    reason: alert.reason,
    detector: alert.detector,
    title: alert.title,
    signature: alert.signature,
    fingerprint: alert.fingerprint,
    actor: alert.profile.actor,
    culprits: JSON.stringify(alert.profile.culprits.map(([index, share]) => [index, share])),
    templateId: alert.templateIndex + 1,
    entityKind: alert.entityKind,
    entityHash: alert.entityHash,
    eventCount: alert.eventCount,
    at: alert.at,
    perplexity: alert.perplexity,
    confidence: alert.confidence,
  };
}

function driftColumns(drift: Drift | null): { driftEventId: number | null; driftRatio: number | null } {
  return { driftEventId: drift?.eventId ?? null, driftRatio: drift?.ratio ?? null };
}

/** Score and severity as they are shown, and of a known threat its own. */
type Marked = {
  score: number;
  severity: number;
  knownBy: number | null;
  ownScore: number | null;
  ownSeverity: number | null;
};
type Figures = Omit<ReturnType<typeof figures>, keyof Marked> & Marked;

export type Runs = ReturnType<typeof prepareRuns>;

export function prepareRuns(
  db: Connection,
  parts: {
    audit: Audit;
    counters: Counters;
    follows: Follows;
    memory: Memory;
    repeats: Repeats;
    sources: Sources;
    mutes: Mutes;
  },
) {
  const { audit, counters, follows, memory, repeats, sources, mutes } = parts;
  const insertRun = db.prepare<Record<string, string | number | null>>(
    `INSERT INTO run (id, source_id, model_id, threshold_version, started_at, finished_at, event_count, over_count,
       drift_event_id, drift_ratio, replaced_to_event_id)
     VALUES (@runId, @sourceId, @modelId, @thresholdVersion, @startedAt, @finishedAt, @eventCount, @overCount, @driftEventId,
       @driftRatio, @lastEventId)`,
  );
  const existing = db.prepare<[number, number], Existing>(
    `SELECT number, id, signature, decided_by AS decidedBy, folded_by AS foldedBy, origin, score FROM alert
     WHERE event_id = ? AND source_id = ?`,
  );
  const insert = db.prepare<
    Figures & { number: number; id: string; sourceId: number; raisedAt: number; foldedBy: number | null }
  >(
    `INSERT INTO alert (number, id, run_number, source_id, event_id, session_id, last_event_id, score, bits, severity, reason,
       detector, title, signature, template_id, entity_kind, entity_hash, event_count, at, perplexity, confidence, raised_at, folded_by,
       fingerprint, actor, culprits, known_by, own_score, own_severity)
     VALUES (@number, @id, @runNumber, @sourceId, @eventId, @sessionId, @lastEventId, @score, @bits, @severity, @reason,
       @detector, @title, @signature, @templateId, @entityKind, @entityHash, @eventCount, @at, @perplexity, @confidence, @raisedAt,
       @foldedBy, @fingerprint, @actor, @culprits, @knownBy, @ownScore, @ownSeverity)`,
  );
  // How severe a decided alert is, its verdict found.
  const update = db.prepare<Figures & { number: number; foldedBy: number | null }>(
    `UPDATE alert SET run_number = @runNumber, event_id = @eventId, session_id = @sessionId, last_event_id = @lastEventId,
       score = @score, bits = @bits, severity = iif(decided_by IS NULL, @severity, severity), reason = @reason, detector = @detector, title = @title, signature = @signature,
       template_id = @templateId, entity_kind = @entityKind, entity_hash = @entityHash, event_count = @eventCount, at = @at,
       perplexity = @perplexity, confidence = @confidence, folded_by = @foldedBy,
       fingerprint = @fingerprint, actor = @actor, culprits = @culprits, known_by = @knownBy, own_score = @ownScore,
       own_severity = iif(decided_by IS NULL, @ownSeverity, own_severity)
     WHERE number = @number`,
  );
  const putEvidence = db.prepare<[number, string]>(
    `INSERT INTO alert_evidence (alert_number, evidence) VALUES (?, ?)
     ON CONFLICT (alert_number) DO UPDATE SET evidence = excluded.evidence`,
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
  const runByUid = db.prepare<[string], number>('SELECT number FROM run WHERE id = ?').pluck();
  const remove = db.prepare<[number]>(
    'DELETE FROM alert WHERE number = ? AND NOT EXISTS (SELECT 1 FROM case_alert WHERE alert_number = alert.number)',
  );
  const thresholdOf = db.prepare<[number], number>('SELECT score FROM threshold WHERE version = ?').pluck();
  const setOrigin = db.prepare<[origin: AlertOrigin, weight: number | null, number: number]>(
    'UPDATE alert SET origin = ?, sampling_weight = ? WHERE number = ?',
  );
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
  const claim = db.prepare<[number, number]>('INSERT INTO folded_alert (verdict_number, alert_number) VALUES (?, ?)');
  const dropClaims = db.prepare<[number]>('DELETE FROM folded_alert WHERE alert_number = ?');

  /** Puts alerts of a run: in the place of one that was there, or as a new one, folded where alike ones are. */
  const putter = (run: {
    runNumber: number;
    sourceId: number;
    raisedAt: number;
    at: number;
    thresholdVersion: number;
  }) => {
    const { runNumber, sourceId, raisedAt } = run;
    const minScore = thresholdOf.get(run.thresholdVersion) ?? 0;
    const recall = memory.recaller(run.at);
    const known = memory.known();
    const markOf = (alert: NewAlert, knownBy: number | null): Marked =>
      knownBy === null
        ? { score: alert.score, severity: alert.severity, knownBy, ownScore: null, ownSeverity: null }
        : {
            score: Math.max(alert.score, known.score),
            severity: Math.max(alert.severity, known.severity),
            knownBy,
            ownScore: alert.score,
            ownSeverity: alert.severity,
          };
    const put = (
      alert: NewAlert,
      found: Existing | undefined,
      origin: AlertOrigin = 'detector',
    ): { alertId: string; number: number; isNew: boolean; isFolded: boolean; isKnown: boolean } => {
      // What was drawn by chance is asked about as it is, whatever is remembered of its like.
      const recalled: Recalled =
        origin === 'detector' ? recall(alert) : { foldedBy: null, knownBy: null, claimedBy: [] };
      // What nobody decided or was shown makes room: the alert that its event has become is a new one, and comes behind the number up to which
      // outputs, notices and "new" have looked.
      const isShownNow =
        found?.origin === 'sample' ||
        (found !== undefined && found.score < minScore && markOf(alert, recalled.knownBy).score >= minScore);
      const makesRoom = origin === 'detector' && found?.decidedBy === null && isShownNow;
      const before = makesRoom && remove.run(found.number).changes === 1 ? undefined : found;
      // An alert that is alike others than before no longer belongs under the verdict that folded it.
      const isSame = before?.signature === alert.signature;
      const foldedBy = origin === 'detector' && before && isSame ? before.foldedBy : recalled.foldedBy;
      const values = { ...figures(alert, runNumber), ...markOf(alert, before?.decidedBy ? null : recalled.knownBy) };
      let number: number;
      if (before) {
        number = before.number;
        update.run({ ...values, number, foldedBy });
        // What an analyst missed and is still not flagged stays missed.
        const isMissed = before.origin === 'missed' && alert.score < minScore;
        setOrigin.run(isMissed ? 'missed' : origin, null, number);
      } else {
        number = counters.take('alert');
        insert.run({ ...values, number, id: alert.id, sourceId, raisedAt, foldedBy });
      }
      putEvidence.run(number, evidenceJson(alert.evidence));
      let isFolded = false;
      if (!isSame) {
        dropClaims.run(number);
        for (const verdict of recalled.claimedBy) claim.run(verdict, number);
        isFolded = foldedBy !== null && (before?.decidedBy ?? null) === null;
      }
      return {
        alertId: before?.id ?? alert.id,
        number,
        isNew: before === undefined,
        isFolded,
        isKnown: values.knownBy !== null,
      };
    };
    /** Of an event that is among the run's alerts, kept below the threshold, nothing but the weight is new. */
    const putSample = ({ alert, weight }: SampledEvent, among: ReadonlySet<number>): void => {
      const before = existing.get(alert.eventId, sourceId);
      if (before && among.has(alert.eventId)) return void setOrigin.run(before.origin, weight, before.number);
      // What is known of it was not learned by chance: it stands for itself.
      if (before && before.decidedBy !== null && before.origin !== 'sample') return;
      const { number } = put(alert, before, 'sample');
      setOrigin.run('sample', weight, number);
    };
    return { put, putSample };
  };

  const newestRuns = db.prepare<[string], NewestRun>(
    `SELECT run.source_id AS sourceId, source.name AS sourceName, run.threshold_version AS thresholdVersion, run.event_count AS eventCount,
       run.over_count AS overCount,
       run.drift_event_id AS driftEventId, run.drift_ratio AS driftRatio, event.line_number AS lineNumber
     FROM run CROSS JOIN source ON source.id = run.source_id LEFT JOIN event ON event.id = run.drift_event_id
     WHERE run.model_id = ? AND run.number = (SELECT max(number) FROM run AS newer WHERE newer.source_id = run.source_id)
     ORDER BY run.number`,
  );

  return {
    list: ({ modelId }: Input<'list_runs'>): Output<'list_runs'> =>
      newestRuns.all(modelId).map(({ driftEventId, driftRatio, lineNumber, ...run }) => ({
        ...run,
        drift:
          driftEventId === null ? null : { eventId: driftEventId, ratio: driftRatio ?? 1, lineNumber: lineNumber ?? 0 },
      })),
    logsByModel: (): Output<'logs_by_model'> => logsByModel.all(),
    /** Of a growing source. A decided alert is closed: what surprises after it is another one. */
    raise: (input: Input<'raise_alerts'>): Output<'raise_alerts'> =>
      inTransaction(db, () => {
        const { runId, sourceId, modelId, thresholdVersion, startedAt, at, eventCount, overCount, drift, actor } =
          input;
        sources.range(sourceId); // NOT_FOUND for a source that is gone
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
        const { put, putSample } = putter({ runNumber, sourceId, raisedAt: at, at: actor.at, thresholdVersion });
        const raisedNow = input.alerts.map(({ alert, previousEventId, fresh }) => {
          const previous = previousEventId === null ? undefined : existing.get(previousEventId, sourceId);
          const isCut = previousEventId !== null && (previous === undefined || previous.decidedBy !== null);
          const raised = isCut ? fresh : alert;
          const there = existing.get(raised.eventId, sourceId);
          const isDrawn = previous && there?.origin === 'sample' && there.decidedBy === null;
          // It grows on its own, and takes the place of what was drawn there.
          const atEvent = isDrawn && remove.run(there.number).changes === 1 ? undefined : there;
          // The strongest event of the finding is another now, and has an alert from an earlier run: one is enough.
          if (!isCut && previous && atEvent && atEvent.number !== previous.number && atEvent.decidedBy === null)
            remove.run(previous.number);
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
        const before = existing.get(eventId, sourceId);
        if (before?.origin === 'detector') return { alertId: before.id, isNew: false };
        const flagged = alert.score >= minScore ? covering.get({ sourceId, sessionId, eventId, minScore }) : undefined;
        if (flagged !== undefined) return { alertId: flagged, isNew: false };
        const at = { raisedAt: actor.at, at: actor.at };
        const { put } = putter({ runNumber: run.number, sourceId, thresholdVersion: run.thresholdVersion, ...at });
        const { alertId, number } = put(alert, before, origin);
        setOrigin.run(origin, null, number);
        const action = origin === 'missed' ? 'alert.missed' : 'alert.named_normal';
        audit.append({ action, subject: alertId, details: { eventId }, actor });
        return { alertId, isNew: before === undefined };
      }),

    /** `raised` counts the run's alerts, `folded` those of them that arrived folded, `removed` those not raised again. */
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
        const { put, putSample } = putter({
          runNumber,
          sourceId,
          raisedAt: finishedAt,
          at: actor.at,
          thresholdVersion,
        });
        const seenEvents = new Set<number>();
        const numbers: number[] = [];
        let folded = 0;
        for (const alert of input.alerts) {
          if (seenEvents.has(alert.eventId)) {
            throw new AppError('BAD_REQUEST', `The run ${runId} raised two alerts for event ${alert.eventId}.`);
          }
          seenEvents.add(alert.eventId);
          const { isFolded, number } = put(alert, existing.get(alert.eventId, sourceId));
          numbers.push(number);
          if (isFolded) folded++;
        }
        for (const sample of input.samples ?? []) putSample(sample, seenEvents);
        mutes.hideNew(numbers);
        const { lastEventId } = run;
        forgetWeights.run({ sourceId, runNumber, lastEventId });
        const { changes: removed } = removeOld.run({ sourceId, runNumber, lastEventId });
        removeEmptyRuns.run({ sourceId, runNumber });
        mutes.hideNew(repeats.fold(sourceId, 0));
        const outcome = { raised: input.alerts.length, folded, removed };
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
