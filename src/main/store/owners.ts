/** @file Whose alerts are whose: taking them, giving them to somebody, letting them go. */
import { AppError } from '../../shared/errors.ts';
import { subjectOf, type Effect, type Journal, type Undoable } from './actions.ts';
import type { Alerts } from './alerts.ts';
import type { Audit } from './audit.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Targets } from './targets.ts';

export type Owners = ReturnType<typeof prepareOwners>;

export function prepareOwners(
  db: Connection,
  parts: { alerts: Alerts; audit: Audit; journal: Journal; targets: Targets },
) {
  const { alerts, audit, journal, targets } = parts;
  const assign = db.prepare<[owner: string | null, action: number]>(
    `UPDATE alert SET owner = ? FROM action_alert
     WHERE action_alert.action_number = ? AND alert.number = action_alert.alert_number`,
  );
  const restore = db.prepare<[action: number]>(
    `UPDATE alert SET owner = action_alert.before FROM action_alert
     WHERE action_alert.action_number = ? AND alert.number = action_alert.alert_number`,
  );
  const known = db
    .prepare<[], string>(
      'SELECT owner FROM alert INDEXED BY alert__owner WHERE owner IS NOT NULL GROUP BY owner LIMIT 50',
    )
    .pluck();

  const undoable: Undoable = {
    undo: (action, actor): Effect | null => {
      const alertCount = restore.run(action.number).changes;
      if (alertCount === 0) return null;
      audit.append({
        action: 'alerts.assignment_undone',
        subject: subjectOf(action.number),
        details: { alerts: alertCount },
        actor,
      });
      return { alertCount, foldedCount: 0 };
    },
    redo: (action, actor): Effect | null => {
      const alertCount = assign.run(action.owner, action.number).changes;
      if (alertCount === 0) return null;
      audit.append({
        action: 'alerts.assigned',
        subject: subjectOf(action.number),
        details: { alerts: alertCount },
        actor,
      });
      return { alertCount, foldedCount: 0 };
    },
  };

  return {
    undoable,
    /** Names that own something. */
    known: (): string[] => known.all(),
    assign: (input: Input<'assign_alerts'>): Output<'assign_alerts'> =>
      inTransaction(db, () => {
        const { selection, owner, actor, minScore } = input;
        const alertCount = targets.lay({ selection, minScore, now: actor.at, analyst: actor.analyst });
        if (alertCount === 0) throw new AppError('NOT_FOUND', 'None of these alerts is there any more.');
        const entry = { kind: 'assign' as const, reference: null, owner, alertCount, ...actor };
        const action = journal.enter(entry, 'owner');
        assign.run(owner, action);
        // The owner's name is the analysts' own text: the journal has it.
        audit.append({ action: 'alerts.assigned', subject: subjectOf(action), details: { alerts: alertCount }, actor });
        return { alertCount, counts: alerts.counts(minScore, actor.analyst) };
      }),
  };
}
