/** @file Stored alerts under other weights of the detectors: what they voted stays, and the score follows from it. */
import type { Vote } from '../../shared/detectors.ts';
import type { SourceFormat } from '../../shared/lines.ts';
import { groupKeyOf } from '../detect/groups.ts';
import { VoteJudge } from '../detect/reweigh.ts';
import { severityOf } from '../detect/severity.ts';
import type { Memory } from './memory.ts';
import type { Repeats } from './repeats.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

type Row = {
  number: number;
  sourceId: number;
  eventId: number;
  score: number;
  isKnown: number;
  isDecided: number;
  votes: string | null;
  format: SourceFormat;
  prefixHash: number;
};

/** Less is rounding. */
const leastChange = 1e-6;

export function prepareRescoring(db: Connection, { memory, repeats }: { memory: Memory; repeats: Repeats }) {
  const behind = db.prepare<{ modelId: string; afterNumber: number; upTo: number }, Row>(
    `SELECT alert.number, alert.source_id AS sourceId, alert.event_id AS eventId, coalesce(alert.own_score, alert.score) AS score,
       alert.known_by IS NOT NULL AS isKnown, alert.decided_by IS NOT NULL AS isDecided, json_extract(alert_evidence.evidence, '$.votes') AS votes, source.format,
       coalesce(template.prefix_hash, 0) AS prefixHash
     FROM alert CROSS JOIN run ON run.number = alert.run_number CROSS JOIN source ON source.id = alert.source_id
     LEFT JOIN template ON template.id = alert.template_id LEFT JOIN alert_evidence ON alert_evidence.alert_number = alert.number
     WHERE alert.number > @afterNumber AND alert.number <= @upTo AND run.model_id = @modelId ORDER BY alert.number`,
  );
  /** The last of so many, whichever model raised them: those of a model may be few among many. */
  const lastOf = db
    .prepare<{ afterNumber: number; limit: number }, number>(
      'SELECT number FROM alert WHERE number > @afterNumber ORDER BY number LIMIT 1 OFFSET @limit - 1',
    )
    .pluck();
  const set = db.prepare<[number, number, number]>('UPDATE alert SET score = ?, severity = ? WHERE number = ?');
  // A confirmed attack stays as severe as its verdict made it; its own severity is kept for when that goes.
  const isConfirmed = `coalesce((SELECT value = 'true_positive' FROM verdict WHERE number = alert.decided_by), 0)`;
  const setDecided = db.prepare<{ score: number; severity: number; number: number }>(
    `UPDATE alert SET score = @score, severity = iif(${isConfirmed}, severity, @severity),
       own_severity = iif(${isConfirmed}, @severity, NULL) WHERE number = @number`,
  );
  const setKnown = db.prepare<Record<'score' | 'severity' | 'ownScore' | 'ownSeverity' | 'number', number>>(
    `UPDATE alert SET score = @score, severity = iif(decided_by IS NULL, @severity, severity), own_score = @ownScore,
       own_severity = @ownSeverity WHERE number = @number`,
  );
  return (input: Input<'rescore_alerts'>): Output<'rescore_alerts'> =>
    inTransaction(db, () => {
      const { modelId, weights, second, thresholdScore, afterNumber, limit } = input;
      const judge = new VoteJudge(weights, second);
      const known = memory.known();
      let changedCount = 0;
      const firstOf = new Map<number, number>();
      const lastNumber = lastOf.get({ afterNumber, limit }) ?? null;
      const rows = behind.all({ modelId, afterNumber, upTo: lastNumber ?? Number.MAX_SAFE_INTEGER });
      for (const { number, sourceId, eventId, score: before, isKnown, isDecided, votes, format, prefixHash } of rows) {
        const ownScore = judge.score(JSON.parse(votes ?? '[]') as Vote[], groupKeyOf(format, prefixHash));
        if (ownScore === null || Math.abs(ownScore - before) < leastChange) continue;
        changedCount++;
        firstOf.set(sourceId, Math.min(firstOf.get(sourceId) ?? eventId, eventId));
        const ownSeverity = severityOf(ownScore, thresholdScore);
        if (isKnown === 0 && isDecided === 1) setDecided.run({ score: ownScore, severity: ownSeverity, number });
        else if (isKnown === 0) set.run(ownScore, ownSeverity, number);
        else {
          const [score, severity] = [Math.max(ownScore, known.score), Math.max(ownSeverity, known.severity)];
          setKnown.run({ score, severity, ownScore, ownSeverity, number });
        }
      }
      for (const [sourceId, eventId] of firstOf) repeats.foldFromLater(sourceId, eventId);
      return { lastNumber, changedCount };
    });
}
