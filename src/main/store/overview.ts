/** @file Counts for the overview: alerts by day and verdict, open ones by age, how long looking and deciding took. Every one goes by an index. */
import type { SeverityLevel } from '../../shared/alerts.ts';
import type { VerdictValue } from '../../shared/verdicts.ts';
import { verdictValues } from '../../shared/verdicts.ts';
import type { Connection, Input, Output } from './statements.ts';

/** Waits come from the newest of each. */
const mostWaits = 5000;
const untimedAt = -Number.MAX_SAFE_INTEGER;
const shownStates = ['open', 'folded', 'decided'] as const;

export type Overviews = ReturnType<typeof prepareOverview>;

export function prepareOverview(db: Connection) {
  const newest = db
    .prepare<[string, number, number, number], number>(
      `SELECT order_at FROM alert INDEXED BY alert__by_time
       WHERE state = ? AND score >= ? AND order_at <= ? ORDER BY order_at DESC LIMIT 1 OFFSET ?`,
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
    `SELECT severity, count(*) AS count FROM alert INDEXED BY alert__open_raised_at
     WHERE state = 'open' AND raised_at > ? AND raised_at <= ? AND score >= ? GROUP BY severity`,
  );
  const ownedBySeverity = db.prepare<[number], { owner: string; severity: SeverityLevel; count: number }>(
    `SELECT owner, severity, count(*) AS count FROM alert INDEXED BY alert__owner
     WHERE owner IS NOT NULL AND decided_by IS NULL AND state = 'open' AND score >= ? GROUP BY owner, severity`,
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

  const countShown = (from: number, to: number, minScore: number): number =>
    shownStates.reduce(
      (sum, state) => sum + (countBetween.get(state, from, to, state === 'decided' ? -1 : minScore) ?? 0),
      0,
    );

  return {
    severeSince: ({ afterNumber, minScore }: Input<'severe_since'>): Output<'severe_since'> => {
      const last = lastNumber.get() ?? 0;
      const found = severities(afterNumber === null || afterNumber >= last ? [] : severe.all(afterNumber, minScore));
      return { critical: found[5], high: found[4], lastNumber: last };
    },
    newestAlertAt: ({ minScore, withinMs }: Input<'newest_alert_at'>): Output<'newest_alert_at'> => {
      const states = shownStates.map((state) => {
        const least = state === 'decided' ? -1 : minScore;
        const count = countBetween.get(state, untimedAt + 1, Number.MAX_SAFE_INTEGER, least) ?? 0;
        return { state, least, count };
      });
      const [most] = states.toSorted((one, other) => other.count - one.count);
      if (!most || most.count === 0) return null;
      // A few stamps far ahead of all others must not take the days away from these.
      const usual =
        newest.get(most.state, most.least, Number.MAX_SAFE_INTEGER, Math.floor(most.count / 10)) ?? untimedAt;
      return Math.max(...states.map(({ state, least }) => newest.get(state, least, usual + withinMs, 0) ?? untimedAt));
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
      untimed: countShown(untimedAt, untimedAt + 1, minScore),
      later: countShown(edges.at(-1) ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, minScore),
      owners: [...Map.groupBy(ownedBySeverity.all(minScore), ({ owner }) => owner)].map(([owner, counts]) => ({
        owner,
        bySeverity: severities(counts),
      })),
      ages: ageEdges
        .slice(1)
        .map((older, index) => severities(openBetween.all(older, ageEdges[index] ?? older, minScore))),
      toView: views.all(waitsSince),
      toVerdict: verdicts.all(waitsSince),
    }),
  };
}
