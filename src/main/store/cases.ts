/** @file Cases: what is said of each, and all of one as it is shown. Its alerts are `caseAlerts.ts`, what is beside them `caseParts.ts`. */
import type { CaseChange } from '../../shared/cases.ts';
import { AppError } from '../../shared/errors.ts';
import type { Audit } from './audit.ts';
import type { Bundles } from './bundles.ts';
import type { CaseAlerts } from './caseAlerts.ts';
import type { CaseParts } from './caseParts.ts';
import type { CaseRows } from './caseRows.ts';
import type { Counters } from './counters.ts';
import type { CaseRecord } from './protocol/cases.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

type Fields = Pick<CaseRecord, 'title' | 'state' | 'closing' | 'ownSeverity' | 'owner' | 'dueAt' | 'closedAt'> & {
  tags: string;
};

export type Cases = ReturnType<typeof prepareCases>;

export function prepareCases(
  db: Connection,
  parts: { audit: Audit; counters: Counters; rows: CaseRows; alerts: CaseAlerts; parts: CaseParts; bundles: Bundles },
) {
  const { audit, counters, rows, alerts, bundles, parts: caseParts } = parts;
  const insert = db.prepare<[number, string, string, number, number, number]>(
    `INSERT INTO case_file (number, id, title, state, created_at, updated_at, root) VALUES (?, ?, ?, 'open', ?, ?, ?)`,
  );
  const update = db.prepare<Fields & { number: number }>(
    `UPDATE case_file SET title = @title, state = @state, closing = @closing, own_severity = @ownSeverity, owner = @owner,
       tags = @tags, due_at = @dueAt, closed_at = @closedAt WHERE number = @number`,
  );

  /** Opening again takes the closing with it; closing says when. */
  const changed = (record: CaseRecord, change: CaseChange, at: number): Fields => {
    const state = change.state ?? record.state;
    const isClosed = state === 'closed';
    if (!isClosed && (change.closing ?? null) !== null) {
      throw new AppError('BAD_REQUEST', `C-${record.number} is not closed, so it has no closing class.`);
    }
    return {
      title: change.title ?? record.title,
      state,
      closing: isClosed ? (change.closing === undefined ? record.closing : change.closing) : null,
      closedAt: isClosed ? (record.closedAt ?? at) : null,
      ownSeverity: change.ownSeverity === undefined ? record.ownSeverity : change.ownSeverity,
      owner: change.owner === undefined ? record.owner : change.owner,
      tags: JSON.stringify(change.tags ?? record.tags),
      dueAt: change.dueAt === undefined ? record.dueAt : change.dueAt,
    };
  };

  return {
    list: (): CaseRecord[] => rows.list(),
    get: ({ caseId }: Input<'get_case'>): Output<'get_case'> => {
      const record = rows.get(caseId);
      return {
        record,
        alerts: alerts.of(record.number),
        bundled: bundles.rows(record.number),
        origins: bundles.origins(record.number),
        ...caseParts.of(record.number),
        parts: rows.parts(record.number),
      };
    },
    create: ({ caseId, title, alertIds, actor }: Input<'create_case'>): CaseRecord =>
      inTransaction(db, () => {
        if (rows.find(caseId)) throw new AppError('CONFLICT', `There is a case ${caseId} already.`);
        const number = counters.take('case');
        insert.run(number, caseId, title.toWellFormed(), actor.at, actor.at, number);
        const adding = { selection: { kind: 'ids' as const, ids: alertIds }, minScore: 0, actor };
        const added = alerts.add(rows.get(caseId), adding);
        rows.touch(number, actor.at);
        audit.append({ action: 'case.created', subject: caseId, details: { alerts: added }, actor });
        return rows.get(caseId);
      }),
    /** One entry in the audit: which fields, and of those that are no free text, what they are now. */
    update: ({ caseId, actor, ...change }: Input<'update_case'>): CaseRecord =>
      inTransaction(db, () => {
        const record = rows.writable(caseId);
        const fields = changed(record, change, actor.at);
        update.run({ ...fields, number: record.number });
        rows.touch(record.number, actor.at);
        const { state, closing, ownSeverity, dueAt } = fields;
        const names = Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [name]));
        const details = { fields: names, state, closing, ownSeverity, dueAt };
        audit.append({ action: 'case.updated', subject: caseId, details, actor });
        return rows.get(caseId);
      }),
  };
}
