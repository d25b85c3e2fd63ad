/**
 * @file Verdicts and what they fold. The log of verdicts is append-only and is the truth; `alert.decided_by` and
 * `alert.folded_by` are its outcome. Undo is a stack: the newest verdict that stands is taken back first.
 */
import type { AlertState, Verdict, VerdictValue } from '../../shared/domain.ts';
import { AppError } from '../../shared/errors.ts';
import type { Alerts } from './alerts.ts';
import type { Audit } from './audit.ts';
import { isUniqueViolation } from './failures.ts';
import type { Actor } from './protocol.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

type Given = {
  number: number;
  id: string;
  alertId: string;
  value: VerdictValue;
  note: string;
  analyst: string;
  at: number;
};
type Decided = { number: number; signature: string; state: AlertState; decidedBy: number | null };

function toVerdict({ id, alertId, value, note, analyst, at }: Given): Verdict {
  return { id, alertId, value, note, analyst, givenAt: at };
}

export type Verdicts = ReturnType<typeof prepareVerdicts>;

export function prepareVerdicts(db: Connection, parts: { alerts: Alerts; audit: Audit }) {
  const { alerts, audit } = parts;
  const findAlert = db.prepare<[string], Decided>(
    'SELECT number, signature, state, decided_by AS decidedBy FROM alert WHERE id = ?',
  );
  const insertGiven = db.prepare<Omit<Given, 'number'>>(
    `INSERT INTO verdict (kind, id, alert_id, value, note, analyst, at)
     VALUES ('given', @id, @alertId, @value, @note, @analyst, @at)`,
  );
  const insertLater = db.prepare<{ kind: string; given: number; alertId: string; analyst: string; at: number }>(
    `INSERT INTO verdict (kind, given_number, alert_id, analyst, at) VALUES (@kind, @given, @alertId, @analyst, @at)`,
  );
  const insertFold = db.prepare<[number, string, number]>(
    'INSERT INTO fold (verdict_number, signature, expires_at) VALUES (?, ?, ?)',
  );
  const claim = db.prepare<[number, string, number]>(
    `INSERT INTO folded_alert (verdict_number, alert_number)
     SELECT ?, number FROM alert WHERE signature = ? AND state = 'open' AND score >= ?`,
  );
  const decide = db.prepare<[number | null, number]>('UPDATE alert SET decided_by = ? WHERE number = ?');
  const release = db.prepare<[number]>('UPDATE alert SET folded_by = NULL WHERE folded_by = ?');
  const foldClaimed = db.prepare<{ verdict: number }>(
    `UPDATE alert SET folded_by = @verdict
     WHERE folded_by IS NULL AND number IN (SELECT alert_number FROM folded_alert WHERE verdict_number = @verdict)`,
  );
  const columns = 'number, id, alert_id AS alertId, value, note, analyst, at';
  const newestStanding = db.prepare<[], Given>(`SELECT ${columns} FROM standing_verdict ORDER BY number DESC LIMIT 1`);
  const currentOf = db
    .prepare<[string], number>('SELECT number FROM standing_verdict WHERE alert_id = ? ORDER BY number DESC LIMIT 1')
    .pluck();
  const newestGiven = db
    .prepare<[], number>(`SELECT number FROM verdict NOT INDEXED WHERE kind = 'given' ORDER BY number DESC LIMIT 1`)
    .pluck();
  // Taken back since the newest verdict was given, not put back since, newest first; of alerts that still exist.
  const newestTakenBack = db.prepare<[number], Given>(
    `SELECT given.number, given.id, given.alert_id AS alertId, given.value, given.note, given.analyst, given.at
     FROM verdict AS later CROSS JOIN verdict AS given ON given.number = later.given_number
     WHERE later.number > ? AND later.kind = 'taken_back' AND NOT EXISTS (
         SELECT 1 FROM verdict AS again
         WHERE again.given_number = given.number AND again.kind <> 'given' AND again.number > later.number)
       AND EXISTS (SELECT 1 FROM alert WHERE alert.id = given.alert_id)
     ORDER BY later.number DESC LIMIT 1`,
  );
  const labelled = db.prepare<[string], { score: number; value: VerdictValue }>(
    `SELECT alert.score, verdict.value FROM verdict CROSS JOIN alert ON alert.decided_by = verdict.number
     CROSS JOIN run ON run.number = alert.run_number
     WHERE verdict.kind = 'given' AND run.model_id = ? ORDER BY verdict.number`,
  );

  /** Moves the alert from the verdict in force to another (or none), with the alerts folded under each. */
  const moveTo = (alert: Decided, verdict: number | null): { released: number; folded: number } => {
    const released = alert.decidedBy === null ? 0 : release.run(alert.decidedBy).changes;
    decide.run(verdict, alert.number);
    return { released, folded: verdict === null ? 0 : foldClaimed.run({ verdict }).changes };
  };
  const record = (kind: 'given' | 'taken_back' | 'put_back', given: Given, folded: number, actor: Actor): void => {
    audit.append({
      action: `verdict.${kind}`,
      subject: given.alertId,
      details: { verdictId: given.id, value: given.value, folded },
      actor,
    });
  };
  const later = (kind: 'taken_back' | 'put_back', given: Given, actor: Actor): void => {
    insertLater.run({ kind, given: given.number, alertId: given.alertId, ...actor });
  };

  return {
    give: (input: Input<'give_verdict'>): Output<'give_verdict'> =>
      inTransaction(db, () => {
        const { alertId, value, note, analyst, minScore } = input;
        const alert = findAlert.get(alertId);
        if (!alert) {
          throw new AppError('NOT_FOUND', `There is no alert ${alertId}. A later run may not have raised it again.`);
        }
        const row = { id: input.verdictId, alertId, value, note, analyst, at: input.givenAt };
        let number: number;
        try {
          number = Number(insertGiven.run(row).lastInsertRowid);
        } catch (error) {
          if (!isUniqueViolation(error)) throw error;
          throw new AppError('CONFLICT', `The verdict ${input.verdictId} was given already.`, { cause: error });
        }
        // Alerts under the verdict it replaces are open again before the new one folds: they follow the new verdict.
        moveTo(alert, number);
        let foldedCount = 0;
        if (input.folds) {
          foldedCount = claim.run(number, alert.signature, minScore).changes;
          foldClaimed.run({ verdict: number });
          if (input.foldExpiresAt !== null) insertFold.run(number, alert.signature, input.foldExpiresAt);
        }
        const given = { ...row, number };
        record('given', given, foldedCount, { analyst, at: input.givenAt });
        return { verdict: toVerdict(given), foldedCount, counts: alerts.counts(minScore) };
      }),

    undo: ({ actor, minScore }: Input<'undo_verdict'>): Output<'undo_verdict'> =>
      inTransaction(db, () => {
        const given = newestStanding.get();
        const alert = given && findAlert.get(given.alertId);
        if (!given || !alert) return null;
        later('taken_back', given, actor);
        const { released } = moveTo(alert, currentOf.get(given.alertId) ?? null);
        record('taken_back', given, released, actor);
        return { verdict: toVerdict(given), foldedCount: released, counts: alerts.counts(minScore) };
      }),

    redo: ({ actor, minScore }: Input<'redo_verdict'>): Output<'redo_verdict'> =>
      inTransaction(db, () => {
        const given = newestTakenBack.get(newestGiven.get() ?? 0);
        const alert = given && findAlert.get(given.alertId);
        if (!given || !alert) return null;
        later('put_back', given, actor);
        const { folded } = moveTo(alert, given.number);
        record('put_back', given, folded, actor);
        return { verdict: toVerdict(given), foldedCount: folded, counts: alerts.counts(minScore) };
      }),

    labelledScores: ({ modelId }: Input<'labelled_scores'>): Output<'labelled_scores'> => labelled.all(modelId),
  };
}
