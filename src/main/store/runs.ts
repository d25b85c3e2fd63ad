/** @file A scoring run replaces the one before it: new alerts come, those not raised again go, decided ones stay. */
import { AppError } from '../../shared/errors.ts';
import type { Audit } from './audit.ts';
import type { Counters } from './counters.ts';
import type { AlertEvidence, NewAlert } from './protocol.ts';
import type { Sources } from './sources.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

type Existing = { number: number; signature: string; decidedBy: number | null; foldedBy: number | null };

/** Rebuilt from its numbers, so that nothing else can be carried into the row. */
function evidenceJson({ culprits }: AlertEvidence): string {
  return JSON.stringify({
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
    title: alert.title,
    signature: alert.signature,
    templateId: alert.templateIndex + 1,
    entityKind: alert.entityKind,
    entityHash: alert.entityHash,
    eventCount: alert.eventCount,
    at: alert.at,
    evidence: evidenceJson(alert.evidence),
  };
}

type Figures = ReturnType<typeof figures>;

export type Runs = ReturnType<typeof prepareRuns>;

export function prepareRuns(db: Connection, parts: { audit: Audit; counters: Counters; sources: Sources }) {
  const { audit, counters, sources } = parts;
  const insertRun = db.prepare<Record<string, string | number>>(
    `INSERT INTO run (id, source_id, model_id, threshold_version, started_at, finished_at, event_count)
     VALUES (@runId, @sourceId, @modelId, @thresholdVersion, @startedAt, @finishedAt, @eventCount)`,
  );
  const existing = db.prepare<[number, number], Existing>(
    `SELECT number, signature, decided_by AS decidedBy, folded_by AS foldedBy FROM alert
     WHERE event_id = ? AND source_id = ?`,
  );
  const insert = db.prepare<
    Figures & { number: number; id: string; sourceId: number; raisedAt: number; foldedBy: number | null }
  >(
    `INSERT INTO alert (number, id, run_number, source_id, event_id, session_id, last_event_id, score, bits, severity, reason,
       title, signature, template_id, entity_kind, entity_hash, event_count, at, raised_at, folded_by, evidence)
     VALUES (@number, @id, @runNumber, @sourceId, @eventId, @sessionId, @lastEventId, @score, @bits, @severity, @reason,
       @title, @signature, @templateId, @entityKind, @entityHash, @eventCount, @at, @raisedAt, @foldedBy, @evidence)`,
  );
  const update = db.prepare<Figures & { number: number; foldedBy: number | null }>(
    `UPDATE alert SET run_number = @runNumber, event_id = @eventId, session_id = @sessionId, last_event_id = @lastEventId,
       score = @score, bits = @bits, severity = @severity, reason = @reason, title = @title, signature = @signature,
       template_id = @templateId, entity_kind = @entityKind, entity_hash = @entityHash, event_count = @eventCount, at = @at,
       folded_by = @foldedBy, evidence = @evidence
     WHERE number = @number`,
  );
  // In a case counts as decided: somebody built on it.
  const removeOld = db.prepare<{ sourceId: number; runNumber: number }>(
    `DELETE FROM alert WHERE source_id = @sourceId AND run_number <> @runNumber AND decided_by IS NULL
       AND NOT EXISTS (SELECT 1 FROM case_alert WHERE alert_number = alert.number)`,
  );
  const removeEmptyRuns = db.prepare<{ sourceId: number; runNumber: number }>(
    `DELETE FROM run WHERE source_id = @sourceId AND number <> @runNumber
       AND NOT EXISTS (SELECT 1 FROM alert WHERE run_number = run.number)`,
  );
  const logsByModel = db.prepare<[], { modelId: string; logs: number }>(
    'SELECT model_id AS modelId, count(DISTINCT source_id) AS logs FROM run GROUP BY model_id',
  );
  const foldInForce = db
    .prepare<[string, number], number>(
      `SELECT fold.verdict_number FROM fold WHERE fold.signature = ? AND fold.expires_at > ?
         AND EXISTS (SELECT 1 FROM alert WHERE alert.decided_by = fold.verdict_number)
       ORDER BY fold.verdict_number DESC LIMIT 1`,
    )
    .pluck();
  const claim = db.prepare<[number, number]>('INSERT INTO folded_alert (verdict_number, alert_number) VALUES (?, ?)');
  const dropClaims = db.prepare<[number]>('DELETE FROM folded_alert WHERE alert_number = ?');

  return {
    logsByModel: (): Output<'logs_by_model'> => logsByModel.all(),
    /** `raised` counts the run's alerts, `folded` those of them that arrived folded, `removed` those not raised again. */
    replace: (input: Input<'replace_run'>): Output<'replace_run'> =>
      inTransaction(db, () => {
        const { runId, sourceId, modelId, actor } = input;
        sources.range(sourceId); // NOT_FOUND for a source that is gone
        const { thresholdVersion, startedAt, finishedAt, eventCount } = input;
        const run = { runId, sourceId, modelId, thresholdVersion, startedAt, finishedAt, eventCount };
        const runNumber = Number(insertRun.run(run).lastInsertRowid);
        const folds = new Map<string, number | null>();
        const foldOf = (signature: string): number | null => {
          let verdict = folds.get(signature);
          if (verdict === undefined) folds.set(signature, (verdict = foldInForce.get(signature, actor.at) ?? null));
          return verdict;
        };
        const seenEvents = new Set<number>();
        let folded = 0;
        let nextNumber = counters.peek('alert');
        for (const alert of input.alerts) {
          if (seenEvents.has(alert.eventId)) {
            throw new AppError('BAD_REQUEST', `The run ${runId} raised two alerts for event ${alert.eventId}.`);
          }
          seenEvents.add(alert.eventId);
          const before = existing.get(alert.eventId, sourceId);
          // An alert that is alike others than before no longer belongs under the verdict that folded it.
          const isSame = before?.signature === alert.signature;
          const foldedBy = before && isSame ? before.foldedBy : foldOf(alert.signature);
          const values = figures(alert, runNumber);
          let number: number;
          if (before) {
            number = before.number;
            update.run({ ...values, number, foldedBy });
          } else {
            number = nextNumber++;
            insert.run({ ...values, number, id: alert.id, sourceId, raisedAt: finishedAt, foldedBy });
          }
          if (!isSame) {
            dropClaims.run(number);
            if (foldedBy !== null) {
              claim.run(foldedBy, number);
              if ((before?.decidedBy ?? null) === null) folded++;
            }
          }
        }
        counters.raise('alert', nextNumber - 1);
        const { changes: removed } = removeOld.run({ sourceId, runNumber });
        removeEmptyRuns.run({ sourceId, runNumber });
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
