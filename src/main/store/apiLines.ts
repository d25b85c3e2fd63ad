/** @file Lines that the local API was sent: which event one became, which alert shows it, and what verdicts say of all of them. */
import type { ApiLine } from './protocol/follows.ts';
import type { Connection, Input, Output } from './statements.ts';

export type ApiLines = ReturnType<typeof prepareApiLines>;

export function prepareApiLines(db: Connection) {
  const keep = db.prepare<[number, number]>(
    `INSERT INTO api_line (line_hash, event_id) VALUES (?, ?)
     ON CONFLICT (line_hash) DO UPDATE SET event_id = excluded.event_id`,
  );
  // The text decides: hashes may be alike.
  const find = db.prepare<[number, string], { eventId: number }>(
    `SELECT event.id AS eventId FROM api_line CROSS JOIN event ON event.id = api_line.event_id
     WHERE api_line.line_hash = ? AND event.raw = ?`,
  );
  const forget = db.prepare<[number, number]>('DELETE FROM api_line WHERE event_id BETWEEN ? AND ?');
  // A known threat has the score that it is shown by. The alert of a finding stands at its strongest event.
  const flagged = db.prepare<{ eventId: number; minScore: number }, { alertId: string }>(
    `SELECT alert.id AS alertId FROM event CROSS JOIN alert INDEXED BY alert__source_id_event_id
     WHERE event.id = @eventId AND alert.source_id = event.source_id
       AND alert.event_id BETWEEN @eventId - 5000 AND @eventId + 5000 AND alert.session_id = event.session_id
       AND (alert.event_id = @eventId OR @eventId BETWEEN alert.event_id AND alert.last_event_id)
       AND alert.origin = 'detector' AND alert.score >= @minScore
     ORDER BY abs(alert.event_id - @eventId) LIMIT 1`,
  );
  // By the verdicts: of the alerts of the API there may be a million, and whoever watches asks every few seconds.
  const verdicts = db.prepare<[], Output<'api_verdicts'>>(
    `SELECT coalesce(sum(verdict.value = 'true_positive'), 0) AS truePositives,
       coalesce(sum(verdict.value IN ('false_positive_logic', 'false_positive_data')), 0) AS falsePositives
     FROM alert INDEXED BY alert__decided CROSS JOIN verdict ON verdict.number = alert.decided_by
     WHERE alert.decided_by IS NOT NULL AND alert.origin = 'detector' AND alert.source_id IN (
       SELECT follow.source_id FROM watch CROSS JOIN follow ON follow.watch_id = watch.id WHERE watch.kind = 'api')`,
  );
  return {
    /** Belongs into the transaction that writes the events. */
    keep: (lines: readonly ApiLine[]): void => {
      for (const { lineHash, eventId } of lines) keep.run(lineHash, eventId);
    },
    find: ({ lineHash, raw }: Input<'find_api_line'>): Output<'find_api_line'> => find.get(lineHash, raw) ?? null,
    /** Of these events, which go. */
    forget: (firstEventId: number, lastEventId: number): void => void forget.run(firstEventId, lastEventId),
    flagged: (input: Input<'flagged_event'>): Output<'flagged_event'> => flagged.get(input) ?? null,
    verdicts: (): Output<'api_verdicts'> => verdicts.get() ?? { truePositives: 0, falsePositives: 0 },
  };
}
