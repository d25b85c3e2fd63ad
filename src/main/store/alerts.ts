/** @file The alert queue: pages by keyset, counts, one alert in full. Raising is in `runs.ts`, deciding in `verdicts.ts`. */
import type { AlertState } from '../../shared/alerts.ts';
import type { ListOrder } from '../../shared/alertLists.ts';
import type { Verdict } from '../../shared/verdicts.ts';
import { alertStates } from '../../shared/alerts.ts';
import { AppError } from '../../shared/errors.ts';
import { compileQuery, walkSql } from './alertQuery.ts';
import type { AlertJoinRow, AlertRows } from './alertRows.ts';
import { alertColumns, alertJoins, blinded } from './alertRows.ts';
import type { Audit } from './audit.ts';
import { countsAsked } from './countsAsked.ts';
import { compareCursors, formatCursor, parseCursor, type AlertCursor } from './cursor.ts';
import type { AlertEvidence, AlertRecord } from './protocol/alerts.ts';
import type { Parameters, StatementCache } from './statementCache.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { TextIndex } from './textIndex.ts';

/** Below every score: decided alerts are always shown. */
const noScore = -1;

/** Statement text of a page, for the query-plan test too. */
export function alertPageSql(order: ListOrder, has: { after: boolean; until: boolean; where?: string }): string {
  return `${walkSql(alertColumns, order, { joins: alertJoins, where: '', ...has })} LIMIT @limit`;
}

/** By number, as few are new. */
export function countNewSql(where: string): string {
  return `SELECT count(*) FROM alert NOT INDEXED
    WHERE alert.number > @newerThan AND alert.state = @state AND alert.score >= @minScore ${where}`;
}

export const countSql = `SELECT count(*) FROM alert INDEXED BY alert__by_severity
  WHERE state = ? AND severity IN (1, 2, 3, 4, 5) AND score >= ?`;

export type Alerts = ReturnType<typeof prepareAlerts>;

export function prepareAlerts(
  db: Connection,
  parts: { rows: AlertRows; audit: Audit; textIndex: TextIndex; cache: StatementCache },
) {
  const { rows, audit, textIndex, cache } = parts;
  const count = db.prepare<[AlertState, number], number>(countSql).pluck();
  const countMine = db
    .prepare<[string, number], number>(
      `SELECT count(*) FROM alert INDEXED BY alert__owner WHERE owner = ? AND decided_by IS NULL AND state = 'open' AND score >= ?`,
    )
    .pluck();
  const idOf = db.prepare<[number], { alertId: string }>('SELECT id AS alertId FROM alert WHERE number = ?');
  const byId = db.prepare<[string], AlertJoinRow & { evidence: string }>(
    `SELECT ${alertColumns}, alert_evidence.evidence FROM alert ${alertJoins}
     CROSS JOIN alert_evidence ON alert_evidence.alert_number = alert.number WHERE alert.id = ?`,
  );
  // Its own verdicts, and those on many that it was among.
  const history = db.prepare<{ alertId: string; number: number }, Verdict>(
    `SELECT id, alertId, value, note, analyst, givenAt FROM (
       SELECT number, id, alert_id AS alertId, value, note, analyst, at AS givenAt FROM standing_verdict
       WHERE alert_id = @alertId AND number NOT IN (SELECT number FROM verdict WHERE alert_count > 1)
       UNION ALL
       SELECT standing.number, standing.id, @alertId, standing.value, standing.note, standing.analyst, standing.at
       FROM verdict AS many CROSS JOIN action ON action.kind = 'verdict' AND action.reference = many.number
       CROSS JOIN standing_verdict AS standing ON standing.number = many.number
       WHERE many.alert_count > 1 AND EXISTS (
         SELECT 1 FROM action_alert WHERE action_number = action.number AND alert_number = @number)
     ) ORDER BY number`,
  );
  const cases = db.prepare<[number], Output<'get_alert'>['cases'][number]>(
    `SELECT DISTINCT home.id, home.number, home.title FROM case_alert
     CROSS JOIN case_file ON case_file.number = case_alert.case_number
     CROSS JOIN case_file AS home ON home.number = case_file.root
     WHERE case_alert.alert_number = ? ORDER BY home.number`,
  );
  const culprits = db.prepare<[string], { alertId: string; eventIds: string }>(
    `SELECT alert.id AS alertId, json_array(alert.event_id, json_extract(alert_evidence.evidence, '$.culprits')) AS eventIds
     FROM json_each(?) AS wanted CROSS JOIN alert ON alert.id = wanted.value
     CROSS JOIN alert_evidence ON alert_evidence.alert_number = alert.number ORDER BY wanted.key`,
  );
  const markViewed = db.prepare<[number, string]>(
    'UPDATE alert SET is_viewed = 1, viewed_at = ? WHERE id = ? AND is_viewed = 0',
  );
  const exists = db.prepare<[string], number>('SELECT 1 FROM alert WHERE id = ?').pluck();
  const newest = db.prepare<[], number>('SELECT coalesce(max(number), 0) FROM alert').pluck();

  const counts = countsAsked(db, (minScore, analyst) => ({
    open: count.get('open', minScore) ?? 0,
    mine: countMine.get(analyst, minScore) ?? 0,
    decided: count.get('decided', noScore) ?? 0,
    folded: count.get('folded', minScore) ?? 0,
    muted: count.get('muted', minScore) ?? 0,
  }));
  const notFound = (alertId: string): AppError =>
    new AppError('NOT_FOUND', `There is no alert ${alertId}. A later run may not have raised it again.`);

  return {
    counts: counts.of,
    newest: (): number => newest.get() ?? 0,
    /** At or above a score, whatever became of them; from the index alone. */
    shownCounts: (minScore: number): { decided: number; shown: number } => {
      const of = (state: AlertState): number => count.get(state, minScore) ?? 0;
      return { decided: of('decided'), shown: alertStates.reduce((sum, state) => sum + of(state), 0) };
    },
    list: (input: Input<'list_alerts'>): Output<'list_alerts'> => {
      const { order, limit, minScore } = input;
      const query = compileQuery(input, textIndex);
      const after = input.after === null ? null : parseCursor(input.after, order);
      const until = input.until === null ? null : parseCursor(input.until, order);
      const sql = alertPageSql(order, { after: after !== null, until: until !== null, where: query.where });
      const places: Parameters = { limit: limit + 1 }; // one more says whether there is a next page
      if (after) Object.assign(places, { first: after.first, second: after.second, eventId: after.eventId });
      if (until)
        Object.assign(places, { lastFirst: until.first, lastSecond: until.second, lastEventId: until.eventId });
      const found = query.states.flatMap((state) =>
        cache.rows<AlertJoinRow>(sql).all({ ...query.of(state), ...places }),
      );
      const placeOf = (row: AlertJoinRow): AlertCursor =>
        order === 'time'
          ? { first: row.order_at, second: 0, eventId: row.event_id }
          : {
              first: order === 'severity' ? row.severity : (row.perplexity ?? 0),
              second: row.score,
              eventId: row.event_id,
            };
      if (query.states.length > 1) found.sort((left, right) => compareCursors(placeOf(left), placeOf(right)));
      const shown = found.slice(0, limit);
      const last = shown.at(-1);
      return {
        rows: rows.toRecords(shown),
        nextCursor: found.length > limit && last ? formatCursor(order, placeOf(last)) : null,
        newest: newest.get() ?? 0,
        counts: counts.of(minScore, input.analyst),
      };
    },
    /** Alerts of the query that were raised after the one of this number. */
    countNew: (input: Input<'count_new_alerts'>): number => {
      const query = compileQuery({ ...input, asOf: null }, textIndex);
      const sql = countNewSql(query.where);
      return query.states.reduce(
        (total, state) =>
          total + (cache.values<number>(sql).get({ ...query.of(state), newerThan: input.newerThan }) ?? 0),
        0,
      );
    },
    find: ({ number }: Input<'find_alert'>): Output<'find_alert'> => idOf.get(number) ?? null,
    get: ({ alertId, isBlind = false }: Input<'get_alert'>): Output<'get_alert'> => {
      const row = byId.get(alertId);
      const [record] = row ? rows.toRecords([row]) : [];
      if (!row || !record) throw notFound(alertId);
      return {
        row: isBlind ? blinded(record) : record,
        evidence: { votes: [], ...(JSON.parse(row.evidence) as Partial<AlertEvidence>) } as AlertEvidence,
        history: isBlind ? [] : history.all({ alertId, number: row.number }),
        cases: isBlind ? [] : cases.all(row.number),
      };
    },
    culprits: ({ alertIds }: Input<'list_culprits'>): Output<'list_culprits'> =>
      culprits.all(JSON.stringify(alertIds)).map(({ alertId, eventIds }) => {
        const [own, others] = JSON.parse(eventIds) as [number, AlertEvidence['culprits'] | null];
        return { alertId, eventIds: [...new Set([own, ...(others ?? []).map(({ eventId }) => eventId)])] };
      }),
    /** In the order asked for; those that are gone are left out. */
    byNumbers: (numbers: readonly number[]): AlertRecord[] => {
      const sql = `SELECT ${alertColumns} FROM json_each(@numbers) AS wanted
        CROSS JOIN alert ON alert.number = wanted.value ${alertJoins} ORDER BY wanted.key`;
      return rows.toRecords(cache.rows<AlertJoinRow>(sql).all({ numbers: JSON.stringify(numbers) }));
    },
    /** Recorded the first time only. */
    markViewed: ({ alertId, actor }: Input<'mark_viewed'>): undefined => {
      counts.unchangedBy(() =>
        inTransaction(db, () => {
          if (exists.get(alertId) === undefined) throw notFound(alertId);
          if (markViewed.run(actor.at, alertId).changes === 0) return;
          audit.append({ action: 'alert.viewed', subject: alertId, details: {}, actor });
        }),
      );
    },
  };
}
