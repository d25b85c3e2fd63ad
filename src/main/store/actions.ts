/**
 * @file The journal of what was done, alert by alert or to many at once, and the two ways through it: undo takes the newest action in force
 * back, redo puts the one taken back last in again. Each kind of action knows how it is undone; this file knows the order.
 */
import type { ActionKind } from '../../shared/actions.ts';
import type { Alerts } from './alerts.ts';
import type { Actor } from './protocol/workspace.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

export type Action = {
  number: number;
  kind: ActionKind;
  reference: number | null;
  owner: string | null;
  alertCount: number;
  analyst: string;
  at: number;
};

/** How the audit names an action on many alerts; the journal has the alerts. */
export function subjectOf(actionNumber: number): string {
  return `action-${actionNumber}`;
}

/** What undoing, or doing again, did; null: nothing of it is there any more. */
export type Effect = { alertCount: number; foldedCount: number };
export type Undoable = {
  undo: (action: Action, actor: Actor) => Effect | null;
  redo: (action: Action, actor: Actor) => Effect | null;
};

export type Journal = ReturnType<typeof prepareJournal>;

export function prepareJournal(db: Connection) {
  const drop = db.prepare<[]>(`UPDATE action SET state = 'dropped' WHERE state = 'undone'`);
  const insert = db.prepare<Omit<Action, 'number'>>(
    `INSERT INTO action (kind, reference, owner, alert_count, analyst, at)
     VALUES (@kind, @reference, @owner, @alertCount, @analyst, @at)`,
  );
  const insertAlerts = {
    decided_by: db.prepare<[number]>(
      'INSERT INTO action_alert SELECT ?, number, decided_by FROM temp.target ORDER BY number',
    ),
    owner: db.prepare<[number]>('INSERT INTO action_alert SELECT ?, number, owner FROM temp.target ORDER BY number'),
    none: db.prepare<[number]>('INSERT INTO action_alert SELECT ?, number, NULL FROM temp.target ORDER BY number'),
  };
  return {
    /** Enters an action with the targets laid out. What was undone before can no longer be put back. */
    enter: (action: Omit<Action, 'number'>, before: keyof typeof insertAlerts | null): number => {
      drop.run();
      const number = Number(insert.run(action).lastInsertRowid);
      if (before) insertAlerts[before].run(number);
      return number;
    },
  };
}

export type Actions = ReturnType<typeof prepareActions>;

export function prepareActions(db: Connection, parts: { alerts: Alerts; kinds: Record<ActionKind, Undoable> }) {
  const { alerts, kinds } = parts;
  const columns = 'number, kind, reference, owner, alert_count AS alertCount, analyst, at';
  const newestDone = db.prepare<[], Action>(
    `SELECT ${columns} FROM action WHERE state = 'done' ORDER BY number DESC LIMIT 1`,
  );
  const oldestUndone = db.prepare<[], Action>(
    `SELECT ${columns} FROM action WHERE state = 'undone' ORDER BY number LIMIT 1`,
  );
  const setState = db.prepare<[state: string, number: number]>('UPDATE action SET state = ? WHERE number = ?');
  const anAlert = db
    .prepare<[number], string>(
      `SELECT alert.id FROM action_alert CROSS JOIN alert ON alert.number = action_alert.alert_number
       WHERE action_alert.action_number = ? ORDER BY action_alert.alert_number LIMIT 1`,
    )
    .pluck();

  const step = (direction: 'undo' | 'redo', { actor, minScore }: Input<'undo_action'>): Output<'undo_action'> => {
    const outcome = inTransaction(db, () => {
      for (;;) {
        const action = direction === 'undo' ? newestDone.get() : oldestUndone.get();
        if (!action) return null;
        const effect = kinds[action.kind][direction](action, actor);
        setState.run(effect ? (direction === 'undo' ? 'undone' : 'done') : 'dropped', action.number);
        // Of an action whose alerts a later run did not raise again nothing is left to undo: the one before it is meant.
        if (!effect) continue;
        return {
          kind: action.kind,
          owner: action.owner,
          reference: action.reference,
          ...effect,
          alertId: anAlert.get(action.number) ?? null,
        };
      }
    });
    return outcome && { ...outcome, counts: alerts.counts(minScore, actor.analyst) };
  };
  return {
    undo: (input: Input<'undo_action'>): Output<'undo_action'> => step('undo', input),
    redo: (input: Input<'redo_action'>): Output<'redo_action'> => step('redo', input),
  };
}
