/** @file Counts for the overview: alerts by day and verdict, open ones by age, how long looking and deciding took. Every one goes by an index. */
import type { SeverityLevel, VerdictValue } from '../../shared/domain.ts';
import { verdictValues } from '../../shared/domain.ts';
import type { Connection, Input, Output } from './statements.ts';

/** Waits come from the newest of each. */
const mostWaits = 5000;
const untimedAt = -Number.MAX_SAFE_INTEGER;

export type Overviews = ReturnType<typeof prepareOverview>;

export function prepareOverview(db: Connection) {
  const newest = db
    .prepare<[string, number], number>(
      `SELECT order_at FROM alert INDEXED BY alert__by_time
       WHERE state = ? AND score >= ? ORDER BY order_at DESC LIMIT 1`,
    )
    .pluck();
  const countBetween = db
    .prepare<[string, number, number, number], number>(
      `SELECT count(*) FROM alert INDEXED BY alert__by_time
       WHERE state = ? AND order_at >= ? AND order_at < ? AND score >= ?`,
    )
    .pluck();
  const decidedBetween = db.prepare<[number, number], { value: VerdictValue; count: number }>(
    `SELECT verdict.value, count(*) AS count FROM alert INDEXED BY alert__by_time
     CROSS JOIN verdict ON verdict.number = alert.decided_by
     WHERE alert.state = 'decided' AND alert.origin = 'detector' AND alert.order_at >= ? AND alert.order_at < ? GROUP BY verdict.value`,
  );
  const openBetween = db.prepare<[number, number, number], { severity: SeverityLevel; count: number }>(
    `SELECT severity, count(*) AS count FROM alert INDEXED BY alert__state_raised_at
     WHERE state = 'open' AND raised_at > ? AND raised_at <= ? AND score >= ? GROUP BY severity`,
  );
  const views = db.prepare<[number], { at: number; waitMs: number }>(
    `SELECT audit.at, audit.at - alert.raised_at AS waitMs
     FROM audit INDEXED BY audit__viewed CROSS JOIN alert ON alert.id = audit.subject
     WHERE audit.action = 'alert.viewed' AND audit.at >= ? AND alert.origin = 'detector' ORDER BY audit.at DESC LIMIT ${mostWaits}`,
  );
  // Verdicts are numbered in the order they were given; the newest few thousand are looked at.
  const verdicts = db.prepare<[number], { at: number; waitMs: number }>(
    `SELECT verdict.at, verdict.at - alert.raised_at AS waitMs
     FROM verdict CROSS JOIN alert ON alert.id = verdict.alert_id
     WHERE verdict.number > (SELECT max(number) FROM verdict) - ${mostWaits} AND verdict.kind = 'given'
       AND verdict.at >= ? AND alert.decided_by = verdict.number AND alert.origin = 'detector'`,
  );
  const lastNumber = db.prepare<[], number>("SELECT next - 1 FROM counter WHERE name = 'alert'").pluck();
  const severe = db.prepare<[number, number], { severity: SeverityLevel; count: number }>(
    `SELECT severity, count(*) AS count FROM alert
     WHERE number > ? AND severity >= 4 AND state = 'open' AND score >= ? GROUP BY severity`,
  );
  const severities = (counts: readonly { severity: SeverityLevel; count: number }[]): Record<SeverityLevel, number> => {
    const found: Record<SeverityLevel, number> = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 };
    for (const { severity, count } of counts) found[severity] += count;
    return found;
  };

  return {
    severeSince: ({ afterNumber, minScore }: Input<'severe_since'>): Output<'severe_since'> => {
      const last = lastNumber.get() ?? 0;
      const found = severities(afterNumber === null || afterNumber >= last ? [] : severe.all(afterNumber, minScore));
      return { critical: found[5], high: found[4], lastNumber: last };
    },
    /** Time in the log of the newest alert that is shown; null where there is none with a time. */
    newestAlertAt: ({ minScore }: Input<'newest_alert_at'>): Output<'newest_alert_at'> => {
      const times = [newest.get('open', minScore), newest.get('folded', minScore), newest.get('decided', -1)];
      const latest = Math.max(...times.map((at) => at ?? untimedAt));
      return latest === untimedAt ? null : latest;
    },
    read: ({ edges, ageEdges, waitsSince, minScore }: Input<'read_overview'>): Output<'read_overview'> => ({
      days: edges.slice(1).map((end, index) => {
        const start = edges[index] ?? end;
        const found = Object.fromEntries(verdictValues.map((value) => [value, 0])) as Record<VerdictValue, number>;
        for (const { value, count } of decidedBetween.all(start, end)) found[value] = count;
        return {
          open: countBetween.get('open', start, end, minScore) ?? 0,
          folded: countBetween.get('folded', start, end, minScore) ?? 0,
          verdicts: found,
        };
      }),
      untimed: ['open', 'folded', 'decided'].reduce(
        (sum, state) =>
          sum + (countBetween.get(state, untimedAt, untimedAt + 1, state === 'decided' ? -1 : minScore) ?? 0),
        0,
      ),
      ages: ageEdges
        .slice(1)
        .map((older, index) => severities(openBetween.all(older, ageEdges[index] ?? older, minScore))),
      toView: views.all(waitsSince),
      toVerdict: verdicts.all(waitsSince),
    }),
  };
}
