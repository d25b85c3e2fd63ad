/** @file Cases: alerts that belong together, with the analysts' notes. */
import type { CaseState } from '../../shared/domain.ts';
import { AppError } from '../../shared/errors.ts';
import type { Effect, Journal, Undoable } from './actions.ts';
import type { AlertJoinRow, AlertRows } from './alertRows.ts';
import { alertColumns, alertJoins } from './alertRows.ts';
import type { Audit } from './audit.ts';
import type { Counters } from './counters.ts';
import type { Actor, CaseRecord } from './protocol.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Targets } from './targets.ts';

export type Cases = ReturnType<typeof prepareCases>;

export function prepareCases(
  db: Connection,
  parts: { audit: Audit; counters: Counters; rows: AlertRows; journal: Journal; targets: Targets },
) {
  const { audit, counters, rows, journal, targets } = parts;
  // The audit entry that each change is about to get.
  const nextEntry = '(SELECT coalesce(max(sequence), 0) + 1 FROM audit)';
  const select = `SELECT id, number, title, state,
      (SELECT count(*) FROM case_alert WHERE case_number = case_file.number) AS alertCount,
      (SELECT max(alert.severity) FROM case_alert CROSS JOIN alert ON alert.number = case_alert.alert_number
       WHERE case_alert.case_number = case_file.number) AS severity,
      created_at AS createdAt, updated_at AS updatedAt
    FROM case_file`;
  const byId = db.prepare<[string], CaseRecord>(`${select} WHERE id = ?`);
  const byNumber = db.prepare<[number], CaseRecord>(`${select} WHERE number = ?`);
  const list = db.prepare<[], CaseRecord>(`${select} ORDER BY changed_by DESC, number DESC`);
  const insert = db.prepare<[number, string, string, number, number]>(
    `INSERT INTO case_file (number, id, title, state, created_at, updated_at, changed_by)
     VALUES (?, ?, ?, 'open', ?, ?, ${nextEntry})`,
  );
  const update = db.prepare<{ number: number; title: string; state: CaseState; at: number }>(
    `UPDATE case_file SET title = @title, state = @state, updated_at = @at, changed_by = ${nextEntry} WHERE number = @number`,
  );
  const touch = db.prepare<[number, number]>(
    `UPDATE case_file SET updated_at = ?, changed_by = ${nextEntry} WHERE number = ?`,
  );
  const alertNumber = db.prepare<[string], number>('SELECT number FROM alert WHERE id = ?').pluck();
  const leaveOut = db.prepare<[number]>(
    'DELETE FROM temp.target WHERE number IN (SELECT alert_number FROM case_alert WHERE case_number = ?)',
  );
  const addTargets = db.prepare<[number, number]>(
    'INSERT INTO case_alert (case_number, alert_number, added_at) SELECT ?, number, ? FROM temp.target ORDER BY number',
  );
  const takeOut = db.prepare<[number, number]>(
    'DELETE FROM case_alert WHERE case_number = ? AND alert_number IN (SELECT alert_number FROM action_alert WHERE action_number = ?)',
  );
  const putIn = db.prepare<[number, number, number]>(
    `INSERT INTO case_alert (case_number, alert_number, added_at)
     SELECT ?, alert.number, ? FROM action_alert CROSS JOIN alert ON alert.number = action_alert.alert_number
     WHERE action_alert.action_number = ? ON CONFLICT DO NOTHING`,
  );
  const removeAlert = db.prepare<[number, number]>('DELETE FROM case_alert WHERE case_number = ? AND alert_number = ?');
  const alertsOf = db.prepare<[number], AlertJoinRow>(
    `SELECT ${alertColumns} FROM case_alert CROSS JOIN alert ON alert.number = case_alert.alert_number ${alertJoins}
     WHERE case_alert.case_number = ? ORDER BY alert.at IS NULL, alert.at, alert.event_id`,
  );
  const insertNote = db.prepare<[string, number, string, number, string]>(
    'INSERT INTO note (id, case_number, analyst, written_at, text) VALUES (?, ?, ?, ?, ?)',
  );
  const notesOf = db.prepare<[number], Output<'get_case'>['notes'][number]>(
    'SELECT id, analyst, written_at AS writtenAt, text FROM note WHERE case_number = ? ORDER BY number',
  );

  const get = (caseId: string): CaseRecord => {
    const record = byId.get(caseId);
    if (!record) throw new AppError('NOT_FOUND', `There is no case ${caseId}.`);
    return record;
  };
  const alert = (alertId: string): number => {
    const number = alertNumber.get(alertId);
    if (number !== undefined) return number;
    throw new AppError('NOT_FOUND', `There is no alert ${alertId}. A later run may not have raised it again.`);
  };
  /** Adds those that are not in the case yet, as one action. Returns how many. */
  const addAll = (record: CaseRecord, { selection, minScore, actor }: Omit<Input<'add_to_case'>, 'caseId'>): number => {
    const found = targets.lay({ selection, minScore, now: actor.at, analyst: actor.analyst });
    if (selection.kind === 'ids')
      for (const alertId of found < selection.ids.length ? selection.ids : []) alert(alertId);
    const alertCount = found - leaveOut.run(record.number).changes;
    if (alertCount === 0) return 0;
    journal.enter({ kind: 'case', reference: record.number, owner: null, alertCount, ...actor }, 'none');
    addTargets.run(record.number, actor.at);
    return alertCount;
  };
  const change = (record: CaseRecord, name: string, alerts: number, actor: Actor): Effect => {
    touch.run(actor.at, record.number);
    audit.append({ action: name, subject: record.id, details: { alerts }, actor });
    return { alertCount: alerts, foldedCount: 0 };
  };
  const undoable: Undoable = {
    undo: (action, actor) => {
      const record = byNumber.get(action.reference ?? 0);
      const removed = record ? takeOut.run(record.number, action.number).changes : 0;
      return record && removed > 0 ? change(record, 'case.alerts_removed', removed, actor) : null;
    },
    redo: (action, actor) => {
      const record = byNumber.get(action.reference ?? 0);
      const added = record ? putIn.run(record.number, actor.at, action.number).changes : 0;
      return record && added > 0 ? change(record, 'case.alerts_added', added, actor) : null;
    },
  };

  return {
    undoable,
    /** Throws NOT_FOUND. */
    record: get,
    list: (): CaseRecord[] => list.all(),
    get: ({ caseId }: Input<'get_case'>): Output<'get_case'> => {
      const record = get(caseId);
      return { record, alerts: rows.toRecords(alertsOf.all(record.number)), notes: notesOf.all(record.number) };
    },
    create: ({ caseId, title, alertIds, actor }: Input<'create_case'>): CaseRecord =>
      inTransaction(db, () => {
        if (byId.get(caseId)) throw new AppError('CONFLICT', `There is a case ${caseId} already.`);
        const number = counters.take('case');
        insert.run(number, caseId, title, actor.at, actor.at);
        const added = addAll(get(caseId), { selection: { kind: 'ids', ids: alertIds }, minScore: 0, actor });
        audit.append({ action: 'case.created', subject: caseId, details: { alerts: added }, actor });
        return get(caseId);
      }),
    add: ({ caseId, ...adding }: Input<'add_to_case'>): CaseRecord =>
      inTransaction(db, () => {
        const record = get(caseId);
        change(record, 'case.alerts_added', addAll(record, adding), adding.actor);
        return get(caseId);
      }),
    removeAlert: ({ caseId, alertId, actor }: Input<'remove_case_alert'>): CaseRecord =>
      inTransaction(db, () => {
        const { number } = get(caseId);
        removeAlert.run(number, alert(alertId));
        touch.run(actor.at, number);
        audit.append({ action: 'case.alert_removed', subject: caseId, details: { alertId }, actor });
        return get(caseId);
      }),
    update: ({ caseId, title, state, actor }: Input<'update_case'>): CaseRecord =>
      inTransaction(db, () => {
        const record = get(caseId);
        const { number } = record;
        update.run({ number, title: title ?? record.title, state: state ?? record.state, at: actor.at });
        audit.append({
          action: 'case.updated',
          subject: caseId,
          details: { isRenamed: title !== undefined, state: state ?? record.state },
          actor,
        });
        return get(caseId);
      }),
    addNote: ({ noteId, caseId, text, actor }: Input<'add_note'>): undefined => {
      inTransaction(db, () => {
        const { number } = get(caseId);
        insertNote.run(noteId, number, actor.analyst, actor.at, text);
        touch.run(actor.at, number);
        audit.append({ action: 'case.note_added', subject: caseId, details: { noteId }, actor });
      });
    },
  };
}
