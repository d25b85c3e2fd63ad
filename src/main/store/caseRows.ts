/** @file Rows of cases with their figures, and who may be written to: a case that was merged is read as a part of the one it is in. */
import type { CaseName } from '../../shared/cases.ts';
import type { SeverityLevel } from '../../shared/alerts.ts';
import { AppError } from '../../shared/errors.ts';
import type { CaseRecord } from './protocol/cases.ts';
import type { Connection } from './statements.ts';

/** The case and all that were merged into it. */
export const familyOf = (parameter: string): string => `(SELECT number FROM case_file WHERE root = ${parameter})`;

type Figures = [
  alertCount: number,
  severity: SeverityLevel | null,
  raisedAt: number | null,
  viewedAt: number | null,
  verdictAt: number | null,
];
type Row = Omit<
  CaseRecord,
  'tags' | 'alertCount' | 'severity' | 'raisedAt' | 'viewedAt' | 'verdictAt' | 'taskCount' | 'openTaskCount'
> & { tags: string; figures: string; bundled: string; tasks: string; root: number };

function least(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** Of alerts of this workspace, and of those that came with a bundle. */
function together(own: Figures, came: Figures): Figures {
  const severity = Math.max(own[1] ?? 0, came[1] ?? 0);
  return [
    own[0] + came[0],
    severity === 0 ? null : (severity as SeverityLevel),
    least(own[2], came[2]),
    least(own[3], came[3]),
    least(own[4], came[4]),
  ];
}

/** What was no threat makes no case severe. */
const severityInCase = `iif(verdict.value IN ('false_positive_logic', 'false_positive_data'), 1, alert.severity)`;

export type CaseRows = ReturnType<typeof prepareCaseRows>;

export function prepareCaseRows(db: Connection) {
  const select = `SELECT home.id, home.number, home.title, home.state, home.closing, home.own_severity AS ownSeverity, home.owner,
      home.tags, home.due_at AS dueAt, home.created_at AS createdAt, home.updated_at AS updatedAt, home.closed_at AS closedAt,
      home.merged_into AS mergedInto, home.root,
      (SELECT json_array(count(DISTINCT alert.number), max(${severityInCase}), min(alert.raised_at), min(alert.viewed_at), min(verdict.at))
       FROM case_file AS part CROSS JOIN case_alert ON case_alert.case_number = part.number
       CROSS JOIN alert ON alert.number = case_alert.alert_number LEFT JOIN verdict ON verdict.number = alert.decided_by
       WHERE part.root = home.number) AS figures,
      (SELECT json_array(coalesce(sum(bundle.alert_count), 0), max(bundle.severity), min(bundle.raised_at), min(bundle.viewed_at),
         min(bundle.verdict_at))
       FROM case_file AS part CROSS JOIN bundle ON bundle.case_number = part.number WHERE part.root = home.number) AS bundled,
      (SELECT json_array(count(*), count(*) - count(task.done_at)) FROM case_file AS part CROSS JOIN task ON task.case_number = part.number
       WHERE part.root = home.number) AS tasks
    FROM case_file AS home`;
  const byId = db.prepare<[string], Row>(`${select} WHERE home.id = ?`);
  const byNumber = db.prepare<[number], Row>(`${select} WHERE home.number = ?`);
  const list = db.prepare<[], Row>(
    `${select} WHERE home.merged_into IS NULL ORDER BY home.changed_by DESC, home.number DESC`,
  );
  const count = db.prepare<[], number>('SELECT count(*) FROM case_file WHERE merged_into IS NULL').pluck();
  // The audit entry that each change is about to get.
  const nextEntry = '(SELECT coalesce(max(sequence), 0) + 1 FROM audit)';
  const touch = db.prepare<[number, number]>(
    `UPDATE case_file SET updated_at = ?, changed_by = ${nextEntry} WHERE number = ?`,
  );
  const parts = db.prepare<[number, number], CaseName>(
    'SELECT id, number, title, state FROM case_file WHERE root = ? AND number <> ? ORDER BY number',
  );

  const toRecord = ({ root: _root, tags, figures, bundled, tasks, ...row }: Row): CaseRecord => {
    const [alertCount, severity, raisedAt, viewedAt, verdictAt] = together(
      JSON.parse(figures) as Figures,
      JSON.parse(bundled) as Figures,
    );
    const [taskCount, openTaskCount] = JSON.parse(tasks) as [number, number];
    return {
      ...row,
      tags: JSON.parse(tags) as string[],
      alertCount,
      severity: row.ownSeverity ?? severity,
      taskCount,
      openTaskCount,
      raisedAt: raisedAt ?? row.createdAt,
      viewedAt: Math.min(viewedAt ?? row.createdAt, row.createdAt),
      verdictAt,
    };
  };
  const found = (row: Row | undefined): CaseRecord | null => (row ? toRecord(row) : null);
  /** Throws NOT_FOUND. */
  const get = (caseId: string): CaseRecord => {
    const row = byId.get(caseId);
    if (!row) throw new AppError('NOT_FOUND', `There is no case ${caseId}.`);
    return toRecord(row);
  };
  return {
    get,
    find: (caseId: string): CaseRecord | null => found(byId.get(caseId)),
    byNumber: (number: number): CaseRecord | null => found(byNumber.get(number)),
    list: (): CaseRecord[] => list.all().map(toRecord),
    count: (): number => count.get() ?? 0,
    /** Throws NOT_FOUND, and CONFLICT for a case that is a part of another. */
    writable: (caseId: string): CaseRecord => {
      const record = get(caseId);
      if (record.mergedInto === null) return record;
      throw new AppError(
        'CONFLICT',
        `C-${record.number} was merged into C-${record.mergedInto}: change that one, or take the merge back first.`,
      );
    },
    parts: (number: number): CaseName[] => parts.all(number, number),
    /** Belongs before the audit entry of the change. */
    touch: (number: number, at: number): void => void touch.run(at, number),
  };
}
