/** @file The alert queue: pages by keyset, counts, one alert in full. Raising is in `runs.ts`, deciding in `verdicts.ts`. */
import type { AlertCounts, AlertState, Verdict } from '../../shared/domain.ts';
import { AppError } from '../../shared/errors.ts';
import type { AlertJoinRow, AlertRows } from './alertRows.ts';
import { alertColumns, alertJoins } from './alertRows.ts';
import type { Audit } from './audit.ts';
import type { AlertCursor } from './cursor.ts';
import { formatCursor, parseCursor } from './cursor.ts';
import type { AlertEvidence } from './protocol.ts';
import { scanTerms } from './search.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

/** Below every score: decided alerts are always shown. */
const noScore = -1;

type PageInput = {
  state: AlertState;
  minScore: number;
  limit: number;
  terms: string;
  first: number | null;
  second: number | null;
  eventId: number | null;
};

/** Every term in the title, the entity, the host or the raw line. The event's row is read for the list anyway. */
const matchesText = `NOT EXISTS (
  SELECT 1 FROM json_each(@terms) AS term
  WHERE instr(lower(alert.title), term.value) = 0 AND instr(lower(coalesce(event.entity, '')), term.value) = 0
    AND instr(lower(coalesce(event.host, '')), term.value) = 0 AND instr(lower(coalesce(event.raw, '')), term.value) = 0)`;

const keysets = {
  severity: {
    after: '(alert.severity, alert.score, alert.event_id) < (@first, @second, @eventId)',
    order: 'alert.severity DESC, alert.score DESC, alert.event_id DESC',
    index: 'alert__state_severity_score_event_id',
  },
  time: {
    after: '(alert.order_at, alert.event_id) < (@first, @eventId)',
    order: 'alert.order_at DESC, alert.event_id DESC',
    index: 'alert__state_order_at_event_id_score',
  },
};

/** Statement text of a page, for the query-plan test too. */
export function alertPageSql(order: 'severity' | 'time', has: { cursor: boolean; text: boolean }): string {
  const keyset = keysets[order];
  const conditions = ['alert.state = @state', 'alert.score >= @minScore'];
  if (has.cursor) conditions.push(keyset.after);
  if (has.text) conditions.push(matchesText);
  return `SELECT ${alertColumns}, alert.order_at FROM alert INDEXED BY ${keyset.index} ${alertJoins}
    WHERE ${conditions.join(' AND ')} ORDER BY ${keyset.order} LIMIT @limit`;
}

export const countSql = `SELECT count(*) FROM alert INDEXED BY alert__state_severity_score_event_id
  WHERE state = ? AND severity IN (1, 2, 3, 4, 5) AND score >= ?`;

export type Alerts = ReturnType<typeof prepareAlerts>;

export function prepareAlerts(db: Connection, parts: { rows: AlertRows; audit: Audit }) {
  const { rows, audit } = parts;
  const preparePages = (order: 'severity' | 'time') => {
    const page = (cursor: boolean, text: boolean) =>
      db.prepare<PageInput, AlertJoinRow & { order_at: number }>(alertPageSql(order, { cursor, text }));
    return {
      first: page(false, false),
      next: page(true, false),
      firstText: page(false, true),
      nextText: page(true, true),
    };
  };
  const pages = { severity: preparePages('severity'), time: preparePages('time') };
  const count = db.prepare<[AlertState, number], number>(countSql).pluck();
  const countText = db
    .prepare<Pick<PageInput, 'state' | 'minScore' | 'terms'>, number>(
      `SELECT count(*) FROM alert INDEXED BY alert__state_severity_score_event_id CROSS JOIN event ON event.id = alert.event_id
       WHERE alert.state = @state AND alert.score >= @minScore AND ${matchesText}`,
    )
    .pluck();
  const byId = db.prepare<[string], AlertJoinRow & { evidence: string }>(
    `SELECT ${alertColumns}, alert.evidence FROM alert ${alertJoins} WHERE alert.id = ?`,
  );
  const history = db.prepare<[string], Verdict>(
    `SELECT id, alert_id AS alertId, value, note, analyst, at AS givenAt FROM standing_verdict
     WHERE alert_id = ? ORDER BY number`,
  );
  const cases = db.prepare<[number], Output<'get_alert'>['cases'][number]>(
    `SELECT case_file.id, case_file.number, case_file.title FROM case_alert
     CROSS JOIN case_file ON case_file.number = case_alert.case_number
     WHERE case_alert.alert_number = ? ORDER BY case_file.number`,
  );
  const markViewed = db.prepare<[string]>('UPDATE alert SET is_viewed = 1 WHERE id = ? AND is_viewed = 0');
  const exists = db.prepare<[string], number>('SELECT 1 FROM alert WHERE id = ?').pluck();

  const counts = (minScore: number): AlertCounts => ({
    open: count.get('open', minScore) ?? 0,
    decided: count.get('decided', noScore) ?? 0,
    folded: count.get('folded', minScore) ?? 0,
  });
  const notFound = (alertId: string): AppError =>
    new AppError('NOT_FOUND', `There is no alert ${alertId}. A later run may not have raised it again.`);

  return {
    counts,
    list: (input: Input<'list_alerts'>): Output<'list_alerts'> => {
      const { state, order, limit } = input;
      const minScore = state === 'decided' ? noScore : input.minScore;
      const cursor: AlertCursor | null = input.cursor === null ? null : parseCursor(input.cursor, order);
      const terms = scanTerms(input.text);
      const hasText = terms.length > 0;
      const { first, next, firstText, nextText } = pages[order];
      const statement = hasText ? (cursor ? nextText : firstText) : cursor ? next : first;
      const parameters = {
        state,
        minScore,
        limit: limit + 1, // one more says whether there is a next page
        terms: JSON.stringify(terms),
        first: cursor?.first ?? null,
        second: cursor?.second ?? null,
        eventId: cursor?.eventId ?? null,
      };
      const found = statement.all(parameters);
      const shown = found.slice(0, limit);
      const last = shown.at(-1);
      const allCounts = counts(input.minScore);
      return {
        rows: rows.toRecords(shown),
        nextCursor:
          last && found.length > limit
            ? formatCursor(order, {
                first: order === 'severity' ? last.severity : last.order_at,
                second: order === 'severity' ? last.score : 0,
                eventId: last.event_id,
              })
            : null,
        total: hasText
          ? (countText.get({ state, minScore, terms: parameters.terms }) ?? 0)
          : state === 'repeat'
            ? (count.get(state, minScore) ?? 0)
            : allCounts[state],
        counts: allCounts,
      };
    },
    get: ({ alertId }: Input<'get_alert'>): Output<'get_alert'> => {
      const row = byId.get(alertId);
      if (!row) throw notFound(alertId);
      const [record] = rows.toRecords([row]);
      if (!record) throw notFound(alertId);
      return {
        row: record,
        evidence: { votes: [], ...(JSON.parse(row.evidence) as Partial<AlertEvidence>) } as AlertEvidence,
        history: history.all(alertId),
        cases: cases.all(row.number),
      };
    },
    /** Recorded the first time only. */
    markViewed: ({ alertId, actor }: Input<'mark_viewed'>): undefined => {
      inTransaction(db, () => {
        if (exists.get(alertId) === undefined) throw notFound(alertId);
        if (markViewed.run(alertId).changes === 0) return;
        audit.append({ action: 'alert.viewed', subject: alertId, details: {}, actor });
      });
    },
  };
}
