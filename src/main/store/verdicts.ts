/**
 * @file Verdicts, each on one alert or on many, and what they fold. The log of verdicts is append-only and is the truth, with the alerts of a
 * verdict on many in the journal of actions; `alert.decided_by` and `alert.folded_by` are its outcome. All alerts of a verdict change in one
 * statement each.
 */
import type { Vote } from '../../shared/detectors.ts';
import type { AlertSelection } from '../../shared/actions.ts';
import { sideOf } from '../../shared/teaching.ts';
import type { VerdictValue } from '../../shared/verdicts.ts';
import { AppError } from '../../shared/errors.ts';
import type { SourceFormat } from '../../shared/lines.ts';
import { groupKeyOf } from '../detect/groups.ts';
import { confirmedSeverity } from '../detect/severity.ts';
import { subjectOf, type Effect, type Journal, type Undoable } from './actions.ts';
import type { Alerts } from './alerts.ts';
import type { Audit } from './audit.ts';
import { isUniqueViolation } from './failures.ts';
import type { Memory } from './memory.ts';
import type { Actor } from './protocol/workspace.ts';
import { standingRuns } from './standingRuns.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Targets } from './targets.ts';

type Given = {
  number: number;
  id: string;
  alertId: string;
  alertCount: number;
  value: VerdictValue;
  note: string;
  analyst: string;
  at: number;
};

type Labelled = Omit<Output<'labelled_scores'>[number], 'votes' | 'group' | 'agreeing'> & {
  signature: string;
  verdict: number;
  votes: string | null;
  format: SourceFormat;
  prefixHash: number;
};

/** Learning looks at no more: of an old verdict hardly anything is left in the weights. */
const mostLabels = 1000;

export type Verdicts = ReturnType<typeof prepareVerdicts>;

export function prepareVerdicts(
  db: Connection,
  parts: { alerts: Alerts; audit: Audit; journal: Journal; memory: Memory; targets: Targets },
) {
  const { alerts, audit, journal, memory, targets } = parts;
  const insertGiven = db.prepare<Omit<Given, 'number'>>(
    `INSERT INTO verdict (kind, id, alert_id, alert_count, value, note, analyst, at)
     VALUES ('given', @id, @alertId, @alertCount, @value, @note, @analyst, @at)`,
  );
  const insertLater = db.prepare<{ kind: string; given: number; alertId: string; analyst: string; at: number }>(
    `INSERT INTO verdict (kind, given_number, alert_id, analyst, at) VALUES (@kind, @given, @alertId, @analyst, @at)`,
  );
  const byNumber = db.prepare<[number], Given>(
    `SELECT number, id, alert_id AS alertId, alert_count AS alertCount, value, note, analyst, at FROM verdict WHERE number = ?`,
  );
  const release = db.prepare<[number]>('UPDATE alert SET folded_by = NULL WHERE folded_by = ?');
  const releaseAlike = db.prepare<{ verdict: number; action: number }>(
    `UPDATE alert SET folded_by = NULL WHERE folded_by = @verdict AND signature IN (
       SELECT moved.signature FROM action_alert CROSS JOIN alert AS moved ON moved.number = action_alert.alert_number
       WHERE action_alert.action_number = @action AND action_alert.before = @verdict
       GROUP BY moved.signature HAVING count(*) =
         (SELECT count(*) FROM alert AS held WHERE held.signature = moved.signature AND held.decided_by = @verdict))`,
  );
  const decide = db.prepare<{ verdict: number; action: number }>(
    `UPDATE alert SET decided_by = @verdict, ${severityUnder('@verdict')}
     WHERE number IN (SELECT alert_number FROM action_alert WHERE action_number = @action)`,
  );
  const reopen = db.prepare<[action: number]>(
    `UPDATE alert SET decided_by = NULL, ${severityUnder('NULL')}
     WHERE number IN (SELECT alert_number FROM action_alert WHERE action_number = ? AND before IS NULL)`,
  );
  const restore = db.prepare<[action: number]>(
    `UPDATE alert SET decided_by = action_alert.before, ${severityUnder('action_alert.before')} FROM action_alert
     WHERE action_alert.action_number = ? AND action_alert.before IS NOT NULL AND alert.number = action_alert.alert_number`,
  );
  const verdictsBefore = db
    .prepare<[number], number>(
      'SELECT DISTINCT before FROM action_alert WHERE action_number = ? AND before IS NOT NULL ORDER BY before',
    )
    .pluck();
  const countFolded = db
    .prepare<[number], number>('SELECT count(*) FROM alert WHERE folded_by = ? AND decided_by IS NULL')
    .pluck();
  const countKnown = db
    .prepare<[number], number>(
      `SELECT count(*) FROM alert INDEXED BY alert__known_by WHERE known_by = ? AND state = 'open'`,
    )
    .pluck();
  const signaturesOf = db
    .prepare<[number], string>(
      `SELECT DISTINCT alert.signature FROM action_alert CROSS JOIN alert ON alert.number = action_alert.alert_number
       WHERE action_alert.action_number = ?`,
    )
    .pluck();
  const byModel = 'run_number IN (SELECT number FROM run WHERE model_id = @modelId)';
  const labelled = db.prepare<{ modelId: string; limit: number }, Labelled>(
    // Which they are is found without their evidence, which is read of these alone.
    `SELECT alert.signature, one.decided_by AS verdict, coalesce(alert.own_score, alert.score) AS score, verdict.value, verdict.at, alert.origin, one.weight AS samplingWeight,
       json_extract(alert_evidence.evidence, '$.votes') AS votes, source.format, coalesce(template.prefix_hash, 0) AS prefixHash
     FROM (SELECT number, decided_by, weight
           FROM (SELECT min(number) AS number, decided_by, NULL AS weight FROM alert INDEXED BY alert__decided
                 WHERE decided_by IS NOT NULL AND sampling_weight IS NULL AND ${byModel} GROUP BY signature, decided_by
               UNION ALL
                 SELECT min(number), decided_by, sum(sampling_weight) FROM alert INDEXED BY alert__sampled
                 WHERE decided_by IS NOT NULL AND sampling_weight IS NOT NULL AND ${byModel} GROUP BY signature, decided_by, origin)
           ORDER BY decided_by DESC, number DESC LIMIT @limit) AS one
     CROSS JOIN alert ON alert.number = one.number
     CROSS JOIN verdict ON verdict.number = one.decided_by CROSS JOIN source ON source.id = alert.source_id
     LEFT JOIN template ON template.id = alert.template_id LEFT JOIN alert_evidence ON alert_evidence.alert_number = alert.number
     ORDER BY one.decided_by DESC, one.number DESC`,
  );
  const judged = db.prepare<[string], { rows: number }>(
    `SELECT coalesce(sum(run.event_count), 0) AS rows FROM ${standingRuns} WHERE run.model_id = ?`,
  );

  const record = (
    kind: 'given' | 'taken_back' | 'put_back',
    given: Given,
    { action, folded, actor }: { action: number; folded: number; actor: Actor },
  ): void => {
    const { id: verdictId, value, alertCount, alertId } = given;
    const isOne = alertCount === 1;
    const details = { verdictId, value, folded, ...(isOne ? {} : { alerts: alertCount }) };
    audit.append({ action: `verdict.${kind}`, subject: isOne ? alertId : subjectOf(action), details, actor });
  };
  /** What the verdicts that the alerts of an action had before were folding: let go, unless others alike stay under the same verdict. */
  const releaseBefore = (action: number): void => {
    for (const verdict of verdictsBefore.all(action)) releaseAlike.run({ verdict, action });
  };

  const undoable: Undoable = {
    undo: (action, actor): Effect | null => {
      const given = byNumber.get(action.reference ?? 0);
      if (!given) return null;
      const foldedCount = release.run(given.number).changes;
      const alertCount = reopen.run(action.number).changes + restore.run(action.number).changes;
      if (alertCount === 0) return null;
      for (const verdict of verdictsBefore.all(action.number)) memory.foldClaimed(verdict);
      memory.settle(signaturesOf.all(action.number));
      insertLater.run({ kind: 'taken_back', given: given.number, alertId: given.alertId, ...actor });
      record('taken_back', given, { action: action.number, folded: foldedCount, actor });
      return { alertCount, foldedCount };
    },
    redo: (action, actor): Effect | null => {
      const given = byNumber.get(action.reference ?? 0);
      if (!given) return null;
      releaseBefore(action.number);
      const alertCount = decide.run({ verdict: given.number, action: action.number }).changes;
      if (alertCount === 0) return null;
      memory.foldClaimed(given.number);
      memory.settle(signaturesOf.all(action.number), given.number);
      const foldedCount = countFolded.get(given.number) ?? 0;
      insertLater.run({ kind: 'put_back', given: given.number, alertId: given.alertId, ...actor });
      record('put_back', given, { action: action.number, folded: foldedCount, actor });
      return { alertCount, foldedCount };
    },
  };

  const giveTo = (selection: AlertSelection, input: Omit<Input<'give_verdict'>, 'alertId'>): Output<'give_verdict'> => {
    const { value, note, analyst, minScore, givenAt: at, verdictId: id } = input;
    const outcome = inTransaction(db, () => {
      const alertCount = targets.lay({ selection, minScore, now: at, analyst });
      const first = targets.first();
      if (!first) throw nothingThere(selection);
      const row = { id, alertId: first.id, alertCount, value, note, analyst, at };
      let number: number;
      try {
        number = Number(insertGiven.run(row).lastInsertRowid);
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new AppError('CONFLICT', `The verdict ${id} was given already.`, { cause: error });
      }
      const entry = { kind: 'verdict' as const, reference: number, owner: null, alertCount, analyst, at };
      const action = journal.enter(entry, 'decided_by');
      // Alerts under the verdict it replaces are open again before the new one folds: they follow the new verdict.
      releaseBefore(action);
      decide.run({ verdict: number, action });
      const { scope = 'signature' } = input;
      const signatures = targets.signatures();
      memory.remember(number, { value, scope, expiresAt: input.folds ? input.foldExpiresAt : null });
      const threats = memory.settle(signatures, number);
      if (input.folds) {
        memory.claim(number, scope, minScore);
        memory.foldClaimed(number);
        memory.settle(threats, number);
      }
      const foldedCount = countFolded.get(number) ?? 0;
      const knownCount = countKnown.get(number) ?? 0;
      const heldCount = input.folds ? memory.heldCount(number) : 0;
      const given = { ...row, number };
      record('given', given, { action, folded: foldedCount, actor: { analyst, at } });
      const verdict = { id, alertId: first.id, value, note, analyst, givenAt: at };
      return { verdict, alertCount, foldedCount, heldCount, knownCount };
    });
    return { ...outcome, counts: alerts.counts(minScore, analyst) };
  };

  return {
    undoable,
    give: ({ alertId, ...input }: Input<'give_verdict'>): Output<'give_verdict'> =>
      giveTo({ kind: 'ids', ids: [alertId] }, input),
    giveMany: ({ selection, ...input }: Input<'give_verdict_to_many'>): Output<'give_verdict_to_many'> =>
      giveTo(selection, input),

    /**
     * Of alike alerts with the same verdict one; of those that were drawn another, which stands for all that they stand for. The newest, in the order
     * they were given.
     */
    labelledScores: ({ modelId, limit = mostLabels }: Input<'labelled_scores'>): Output<'labelled_scores'> => {
      const rows = labelled.all({ modelId, limit }).reverse();
      const agreeing = agreeingOn(rows);
      return rows.map(({ votes, format, prefixHash, signature, verdict: _verdict, ...label }) => ({
        ...label,
        votes: JSON.parse(votes ?? '[]') as Vote[],
        group: groupKeyOf(format, prefixHash),
        agreeing: agreeing.get(signature) ?? 0,
      }));
    },
    judgedRows: ({ modelId, minScore }: Input<'judged_rows'>): Output<'judged_rows'> => {
      // What verdicts taught may have taken all that was decided below the threshold: then all that is kept is asked.
      const above = alerts.shownCounts(minScore);
      const { decided, shown } = above.decided > 0 ? above : alerts.shownCounts(0);
      return { rows: judged.get(modelId)?.rows ?? 0, decidedShare: shown === 0 ? 0 : decided / shown };
    },
  };
}

/** By signature, how many verdicts say that it is a false alarm; none where one says that it is a threat. */
function agreeingOn(rows: readonly Labelled[]): Map<string, number> {
  const agreeing = new Map<string, number>();
  for (const [signature, own] of Map.groupBy(rows, (row) => row.signature)) {
    const sides = Map.groupBy(own, ({ value }) => sideOf(value));
    if (sides.has('threat')) continue;
    agreeing.set(signature, new Set(sides.get('harmless')?.map(({ verdict }) => verdict)).size);
  }
  return agreeing;
}

/**
 * What is confirmed for an attack is severe, whatever its figures were; its own severity is kept for when the verdict goes. That of a known threat
 * was raised already.
 */
function severityUnder(verdict: string): string {
  const isConfirmed = `coalesce((SELECT value = 'true_positive' FROM verdict WHERE number = ${verdict}), 0)`;
  return `severity = CASE WHEN ${isConfirmed} THEN max(severity, ${confirmedSeverity})
      WHEN known_by IS NULL THEN coalesce(own_severity, severity) ELSE severity END,
    own_severity = CASE WHEN ${isConfirmed} THEN coalesce(own_severity, severity)
      WHEN known_by IS NULL THEN NULL ELSE own_severity END`;
}

function nothingThere(selection: AlertSelection): AppError {
  if (selection.kind === 'query') return new AppError('NOT_FOUND', 'No alert matches any more. Nothing was decided.');
  const which = selection.ids.length === 1 ? `no alert ${selection.ids[0]}` : 'none of these alerts';
  return new AppError('NOT_FOUND', `There is ${which}. A later run may not have raised it again.`);
}
