/**
 * @file Which alerts are in which case: adding, taking out, moving, and merging whole cases. Each is one action of the journal, which keeps
 * where every alert was, so that taking it back puts each where it had been.
 */
import { AppError } from '../../shared/errors.ts';
import type { Action, Effect, Journal, Undoable } from './actions.ts';
import type { AlertJoinRow, AlertRows } from './alertRows.ts';
import { alertColumns, alertJoins } from './alertRows.ts';
import type { Audit } from './audit.ts';
import type { prepareBundleNumbers } from './bundleNumbers.ts';
import { familyOf, type CaseRows } from './caseRows.ts';
import type { Actor } from './protocol/workspace.ts';
import type { AlertRecord } from './protocol/alerts.ts';
import type { CaseRecord } from './protocol/cases.ts';
import type { Connection, Input } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Targets } from './targets.ts';

export type CaseAlerts = ReturnType<typeof prepareCaseAlerts>;

export function prepareCaseAlerts(
  db: Connection,
  parts: {
    audit: Audit;
    cases: CaseRows;
    rows: AlertRows;
    journal: Journal;
    targets: Targets;
    bundleNumbers: ReturnType<typeof prepareBundleNumbers>;
  },
) {
  const { audit, cases, rows, journal, targets, bundleNumbers } = parts;
  const alertNumber = db.prepare<[string], number>('SELECT number FROM alert WHERE id = ?').pluck();
  const leaveOut = db.prepare<[number]>(
    `DELETE FROM temp.target WHERE number IN (SELECT alert_number FROM case_alert WHERE case_number IN ${familyOf('?')})`,
  );
  const leaveOutOthers = db.prepare<[number]>(
    `DELETE FROM temp.target WHERE number NOT IN (SELECT alert_number FROM case_alert WHERE case_number IN ${familyOf('?')})`,
  );
  const addTargets = db.prepare<[number, number]>(
    'INSERT INTO case_alert (case_number, alert_number, added_at) SELECT ?, number, ? FROM temp.target WHERE true ORDER BY number ON CONFLICT DO NOTHING',
  );
  // Of a case of many parts an alert may stand in several of them.
  const enterPlaces = db.prepare<{ action: number; from: number; into: number }>(
    `INSERT INTO action_alert SELECT @action, target.number, json_object(
       'from', json((SELECT json_group_array(json_array(case_number, added_at)) FROM case_alert
                     WHERE alert_number = target.number AND case_number IN ${familyOf('@from')})),
       'wasThere', EXISTS (SELECT 1 FROM case_alert WHERE alert_number = target.number AND case_number IN ${familyOf('@into')}))
     FROM temp.target ORDER BY target.number`,
  );
  const takeOut = db.prepare<[number, number]>(
    'DELETE FROM case_alert WHERE case_number = ? AND alert_number IN (SELECT alert_number FROM action_alert WHERE action_number = ?)',
  );
  const putIn = db.prepare<[number, number, number]>(
    `INSERT INTO case_alert (case_number, alert_number, added_at)
     SELECT ?, alert.number, ? FROM action_alert CROSS JOIN alert ON alert.number = action_alert.alert_number
     WHERE action_alert.action_number = ? ON CONFLICT DO NOTHING`,
  );
  const places = `FROM action_alert CROSS JOIN alert ON alert.number = action_alert.alert_number
     CROSS JOIN json_each(action_alert.before, '$.from') AS place WHERE action_alert.action_number = ?`;
  const putBack = db.prepare<[number]>(
    `INSERT INTO case_alert (case_number, alert_number, added_at)
     SELECT place.value ->> 0, alert.number, place.value ->> 1 ${places} ON CONFLICT DO NOTHING`,
  );
  const takeFrom = db.prepare<[number]>(
    `DELETE FROM case_alert WHERE (case_number, alert_number) IN (SELECT place.value ->> 0, alert.number ${places})`,
  );
  const takeNew = db.prepare<[number, number]>(
    `DELETE FROM case_alert WHERE case_number = ? AND alert_number IN (
       SELECT alert_number FROM action_alert WHERE action_number = ? AND NOT (before ->> '$.wasThere'))`,
  );
  const casesOf = db.prepare<[number], number>(`SELECT DISTINCT place.value ->> 0 ${places}`).pluck();
  const alertsOf = db.prepare<[number], AlertJoinRow>(
    `SELECT ${alertColumns} FROM
       (SELECT DISTINCT alert_number FROM case_alert WHERE case_number IN ${familyOf('?')}) AS held
     CROSS JOIN alert ON alert.number = held.alert_number ${alertJoins}
     ORDER BY alert.at IS NULL, alert.at, alert.event_id`,
  );
  const setMerged = db.prepare<[number | null, number]>('UPDATE case_file SET merged_into = ? WHERE number = ?');
  const setRoot = db.prepare<[number, number]>(
    `UPDATE case_file SET root = ? WHERE number IN (
       WITH RECURSIVE part (number) AS (
         SELECT ? UNION SELECT case_file.number FROM part CROSS JOIN case_file ON case_file.merged_into = part.number)
       SELECT number FROM part)`,
  );
  const countAlerts = db
    .prepare<[number], number>(
      `SELECT count(DISTINCT alert_number) FROM case_alert WHERE case_number IN ${familyOf('?')}`,
    )
    .pluck();
  const intoOf = db.prepare<[number], number>('SELECT into_reference FROM action WHERE number = ?').pluck();
  const setInto = db.prepare<[number, number]>('UPDATE action SET into_reference = ? WHERE number = ?');

  const checkAlert = (alertId: string): void => {
    if (alertNumber.get(alertId) !== undefined) return;
    bundleNumbers.checkMovable(alertId);
    throw new AppError('NOT_FOUND', `There is no alert ${alertId}. A later run may not have raised it again.`);
  };
  const lay = ({ selection, minScore, actor }: Omit<Input<'add_to_case'>, 'caseId'>): number => {
    const found = targets.lay({ selection, minScore, now: actor.at, analyst: actor.analyst });
    if (selection.kind === 'ids' && found < selection.ids.length)
      for (const alertId of selection.ids) checkAlert(alertId);
    return found;
  };
  const tell = (record: CaseRecord, action: string, alerts: number, actor: Actor, more: object = {}): Effect => {
    cases.touch(record.number, actor.at);
    audit.append({ action, subject: record.id, details: { alerts, ...more }, actor });
    return { alertCount: alerts, foldedCount: 0 };
  };
  /** Adds those that are not in the case yet, as one action. Returns how many. */
  const add = (record: CaseRecord, adding: Omit<Input<'add_to_case'>, 'caseId'>): number => {
    const { actor } = adding;
    const alertCount = lay(adding) - leaveOut.run(record.number).changes;
    if (alertCount === 0) return 0;
    bundleNumbers.checkTargets(record);
    journal.enter({ kind: 'case', reference: record.number, owner: null, alertCount, ...actor }, 'none');
    addTargets.run(record.number, actor.at);
    return alertCount;
  };
  const enter = (kind: 'case_out' | 'case_move', from: CaseRecord, into: CaseRecord, actor: Actor): number => {
    const alertCount = targets.count();
    const action = journal.enter({ kind, reference: into.number, owner: null, alertCount, ...actor }, null);
    enterPlaces.run({ action, from: from.number, into: into.number });
    return action;
  };
  /** The cases that alerts were taken from, as they are read now, are told, too. */
  const tellOthers = (action: Action, except: number, name: string, alerts: number, actor: Actor): void => {
    for (const number of casesOf.all(action.number)) {
      const record = cases.byNumber(number);
      if (record && record.number !== except) tell(record, name, alerts, actor);
    }
  };
  const mergeNow = (merged: CaseRecord, into: CaseRecord, actor: Actor): Effect => {
    setMerged.run(into.number, merged.number);
    setRoot.run(into.number, merged.number);
    cases.touch(merged.number, actor.at);
    audit.append({ action: 'case.merged', subject: merged.id, details: { into: into.id }, actor });
    return tell(into, 'case.took_in', countAlerts.get(into.number) ?? 0, actor, { other: merged.id });
  };

  const reverse =
    (change: (record: CaseRecord, action: Action, actor: Actor) => Effect | null) =>
    (action: Action, actor: Actor): Effect | null => {
      const record = cases.byNumber(action.reference ?? 0);
      return record ? change(record, action, actor) : null;
    };
  const none = (count: number, effect: () => Effect): Effect | null => (count > 0 ? effect() : null);

  const undoableAdd: Undoable = {
    undo: reverse((record, action, actor) => {
      const removed = takeOut.run(record.number, action.number).changes;
      return none(removed, () => tell(record, 'case.alerts_removed', removed, actor));
    }),
    redo: reverse((record, action, actor) => {
      const added = putIn.run(record.number, actor.at, action.number).changes;
      return none(added, () => tell(record, 'case.alerts_added', added, actor));
    }),
  };
  const undoableOut: Undoable = {
    undo: reverse((record, action, actor) => {
      const added = putBack.run(action.number).changes;
      return none(added, () => tell(record, 'case.alerts_added', added, actor));
    }),
    redo: reverse((record, action, actor) => {
      const removed = takeFrom.run(action.number).changes;
      return none(removed, () => tell(record, 'case.alerts_removed', removed, actor));
    }),
  };
  const undoableMove: Undoable = {
    undo: reverse((record, action, actor) => {
      takeNew.run(record.number, action.number);
      const back = putBack.run(action.number).changes;
      if (back === 0) return null;
      tellOthers(action, record.number, 'case.alerts_added', back, actor);
      return tell(record, 'case.alerts_removed', back, actor);
    }),
    redo: reverse((record, action, actor) => {
      const taken = takeFrom.run(action.number).changes;
      if (taken === 0) return null;
      putIn.run(record.number, actor.at, action.number);
      tellOthers(action, record.number, 'case.alerts_removed', taken, actor);
      return tell(record, 'case.alerts_added', taken, actor);
    }),
  };
  const undoableMerge: Undoable = {
    undo: reverse((merged, _action, actor) => {
      const into = merged.mergedInto === null ? null : cases.byNumber(merged.mergedInto);
      if (!into) return null;
      setMerged.run(null, merged.number);
      setRoot.run(merged.number, merged.number);
      cases.touch(into.number, actor.at);
      audit.append({ action: 'case.let_go', subject: into.id, details: { other: merged.id }, actor });
      return tell(merged, 'case.stands_again', countAlerts.get(merged.number) ?? 0, actor);
    }),
    redo: reverse((merged, action, actor) => {
      const into = cases.byNumber(intoOf.get(action.number) ?? 0);
      if (!into || into.mergedInto !== null || merged.mergedInto !== null) return null;
      return mergeNow(merged, into, actor);
    }),
  };

  return {
    undoables: { case: undoableAdd, case_out: undoableOut, case_move: undoableMove, case_merge: undoableMerge },
    /** Of the case and its parts, in the order of the log. */
    of: (number: number): AlertRecord[] => rows.toRecords(alertsOf.all(number)),
    add,
    addTo: ({ caseId, ...adding }: Input<'add_to_case'>): CaseRecord =>
      inTransaction(db, () => {
        const record = cases.writable(caseId);
        tell(record, 'case.alerts_added', add(record, adding), adding.actor);
        return cases.get(caseId);
      }),
    remove: ({ caseId, alertIds, actor }: Input<'remove_case_alerts'>): CaseRecord =>
      inTransaction(db, () => {
        const record = cases.writable(caseId);
        lay({ selection: { kind: 'ids', ids: alertIds }, minScore: 0, actor });
        leaveOutOthers.run(record.number);
        const alerts = targets.count();
        if (alerts === 0) return record;
        const action = enter('case_out', record, record, actor);
        takeFrom.run(action);
        tell(record, 'case.alerts_removed', alerts, actor, alertIds.length === 1 ? { alertId: alertIds[0] } : {});
        return cases.get(caseId);
      }),
    /** Out of one case and into another. Gives the case they are in now. */
    move: ({ caseId, intoId, alertIds, actor }: Input<'move_case_alerts'>): CaseRecord =>
      inTransaction(db, () => {
        const from = cases.writable(caseId);
        const into = cases.writable(intoId);
        if (from.id === into.id) throw new AppError('BAD_REQUEST', 'The alerts are in that case already.');
        lay({ selection: { kind: 'ids', ids: alertIds }, minScore: 0, actor });
        leaveOutOthers.run(from.number);
        const alerts = targets.count();
        if (alerts === 0) return into;
        bundleNumbers.checkTargets(into);
        const action = enter('case_move', from, into, actor);
        takeFrom.run(action);
        leaveOut.run(into.number);
        addTargets.run(into.number, actor.at);
        tell(from, 'case.alerts_removed', alerts, actor, { into: into.id });
        tell(into, 'case.alerts_added', alerts, actor, { from: from.id });
        return cases.get(intoId);
      }),
    /** The case goes into another with all it has, and is read as a part of it from then on. */
    merge: ({ caseId, intoId, actor }: Input<'merge_cases'>): CaseRecord =>
      inTransaction(db, () => {
        const merged = cases.writable(caseId);
        const into = cases.writable(intoId);
        if (merged.id === into.id) throw new AppError('BAD_REQUEST', 'A case cannot be merged into itself.');
        bundleNumbers.checkMerge(merged, into);
        const kind = 'case_merge';
        const alertCount = merged.alertCount;
        const action = journal.enter({ kind, reference: merged.number, owner: null, alertCount, ...actor }, null);
        setInto.run(into.number, action);
        mergeNow(merged, into, actor);
        return cases.get(intoId);
      }),
  };
}
