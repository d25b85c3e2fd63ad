/**
 * @file What is known of an entity, bounded whatever its size: by its sessions, which are indexed by its hash; and of a host or of any other
 * name by the full-text index, since events are not indexed by what stands in them.
 */
import type { AlertState } from '../../shared/alerts.ts';
import type { VerdictValue } from '../../shared/verdicts.ts';
import { verdictValues } from '../../shared/verdicts.ts';
import type { AlertJoinRow, AlertRows } from './alertRows.ts';
import { alertColumns, alertJoins, blinded } from './alertRows.ts';
import type { EventRow } from './events.ts';
import { eventColumns, toEventRecords } from './events.ts';
import { ftsPhrase } from './search.ts';
import type { EntityRecord } from './protocol/events.ts';
import type { Connection, Input, Output } from './statements.ts';
import type { TextIndex } from './textIndex.ts';

/** The newest of each are looked at. */
const mostSessions = 5000;
const mostMatches = 10_000;
const mostAlerts = 10_000;
/** Up to so many lines their own times are read; of more, those of their sessions. */
const mostTimes = 20_000;
const alertsShown = 100;
const linesShown = 60;

type CountRow = { state: AlertState; value: VerdictValue | null; count: number };
type SessionRow = [id: number, eventCount: number, startedAt: number | null, endedAt: number | null];
type MatchRow = [id: number, at: number | null];

export type Entities = ReturnType<typeof prepareEntities>;

export function prepareEntities(db: Connection, parts: { rows: AlertRows; textIndex: TextIndex }) {
  const { rows, textIndex } = parts;
  const sessions = db
    .prepare<{ hash: number; kind: string }, SessionRow>(
      `SELECT session.id, session.event_count, session.started_at, session.ended_at
       FROM session INDEXED BY session__entity CROSS JOIN source ON source.id = session.source_id
       WHERE session.entity_hash = @hash AND session.entity_kind = @kind AND source.state <> 'removing'
       ORDER BY session.id DESC LIMIT ${mostSessions + 1}`,
    )
    .raw();
  const timesOf = db.prepare<[number], number | null>('SELECT at FROM event WHERE session_id = ?').pluck();
  const linesOf = db.prepare<[number, number], EventRow>(
    `SELECT ${eventColumns} FROM event CROSS JOIN source ON source.id = event.source_id
     WHERE event.session_id = ? ORDER BY event.id DESC LIMIT ?`,
  );
  const shown = `(alert.state = 'decided' OR (alert.score >= @minScore AND alert.state <> 'sampled'))`;
  const ofEntity = `alert INDEXED BY alert__entity`;
  const isEntity = `alert.entity_hash = @hash AND alert.entity_kind = @kind AND ${shown}`;
  const alertsOf = db.prepare<{ hash: number; kind: string; minScore: number }, AlertJoinRow>(
    `SELECT ${alertColumns} FROM ${ofEntity} ${alertJoins} WHERE ${isEntity}
     ORDER BY alert.order_at DESC, alert.event_id DESC LIMIT ${alertsShown}`,
  );
  const countsOf = db.prepare<{ hash: number; kind: string; minScore: number; without: number | null }, CountRow>(
    `SELECT newest.state, verdict.value, count(*) AS count
     FROM (SELECT iif(number = @without, 'open', state) AS state, iif(number = @without, NULL, decided_by) AS decided_by FROM ${ofEntity} WHERE ${isEntity}
           ORDER BY order_at DESC, event_id DESC LIMIT ${mostAlerts}) AS newest
     LEFT JOIN verdict ON verdict.number = newest.decided_by GROUP BY newest.state, verdict.value`,
  );

  /** The newest lines that contain the text; with `host`, only those that this host wrote. */
  const found = `(SELECT rowid AS id FROM event_text WHERE event_text MATCH @query ORDER BY rowid DESC LIMIT ${mostMatches + 1})`;
  const isTheirs = `source.state <> 'removing' AND (@host IS NULL OR event.host = @host)`;
  const matches = db
    .prepare<{ query: string; host: string | null }, MatchRow>(
      `SELECT event.id, event.at FROM ${found} AS found CROSS JOIN event ON event.id = found.id
       CROSS JOIN source ON source.id = event.source_id WHERE ${isTheirs}`,
    )
    .raw();
  const oldest = db
    .prepare<{ query: string; host: string | null }, MatchRow>(
      `SELECT event.id, event.at
       FROM (SELECT rowid AS id FROM event_text WHERE event_text MATCH @query ORDER BY rowid LIMIT 1000) AS found
       CROSS JOIN event ON event.id = found.id CROSS JOIN source ON source.id = event.source_id
       WHERE ${isTheirs} LIMIT 1`,
    )
    .raw();
  const byIds = db.prepare<[string], EventRow>(
    `SELECT ${eventColumns} FROM json_each(?) AS wanted CROSS JOIN event ON event.id = wanted.value
     CROSS JOIN source ON source.id = event.source_id`,
  );
  const alertsAt = db.prepare<{ ids: string; minScore: number }, AlertJoinRow>(
    `SELECT ${alertColumns} FROM json_each(@ids) AS wanted CROSS JOIN alert ON alert.event_id = wanted.value
     ${alertJoins} WHERE ${shown}`,
  );

  const open = db.prepare<{ minScore: number }, AlertJoinRow>(
    `SELECT ${alertColumns} FROM alert INDEXED BY alert__by_severity ${alertJoins}
     WHERE alert.state = 'open' AND alert.score >= @minScore
     ORDER BY alert.severity DESC, alert.score DESC, alert.event_id DESC LIMIT 1000`,
  );

  const tally = (counts: readonly CountRow[]): Pick<EntityRecord, 'alertCounts' | 'verdicts'> => {
    const alertCounts = { open: 0, folded: 0, muted: 0 };
    const verdicts = Object.fromEntries(verdictValues.map((value) => [value, 0])) as Record<VerdictValue, number>;
    for (const { state, value, count } of counts) {
      if (state === 'decided') {
        if (value !== null) verdicts[value] += count;
      } else if (state !== 'sampled') alertCounts[state === 'repeat' ? 'folded' : state] += count;
    }
    return { alertCounts, verdicts };
  };

  const bySessions = (input: Input<'read_entity'>): EntityRecord | null => {
    const { hash, kind, minScore, maxChars, without = null } = input;
    const all = sessions.all({ hash, kind });
    if (all.length === 0) return null;
    // Those that ended last come first, whichever log they are from.
    const kept = all.slice(0, mostSessions).sort(([, , , one], [, , , other]) => (other ?? 0) - (one ?? 0));
    const lineCount = kept.reduce((sum, [, events]) => sum + events, 0);
    const lines: EventRow[] = [];
    for (const [id] of kept) {
      if (lines.length >= linesShown) break;
      lines.push(...linesOf.all(id, linesShown - lines.length));
    }
    const times = lineCount <= mostTimes ? kept.flatMap(([id]) => timesOf.all(id)).filter((at) => at !== null) : null;
    const counts = countsOf.all({ hash, kind, minScore, without });
    const alertCount = counts.reduce((sum, { count }) => sum + count, 0);
    return {
      by: 'sessions',
      lineCount,
      sessionCount: kept.length,
      isCut: all.length > mostSessions || alertCount === mostAlerts,
      firstAt: null,
      spans: kept.flatMap(([, count, from, to]) => (from === null || to === null ? [] : [{ from, to, count }])),
      times,
      ...tally(counts),
      alerts: rows.toRecords(alertsOf.all({ hash, kind, minScore })),
      lines: toEventRecords(lines, maxChars).sort((one, other) => (one.at ?? 0) - (other.at ?? 0) || one.id - other.id),
      isIndexed: true,
    };
  };

  const byText = (input: Input<'read_entity'>, host: string | null): EntityRecord => {
    const query = ftsPhrase(input.text);
    const at = query === null ? [] : matches.all({ query, host });
    const kept = at.slice(0, mostMatches);
    const ids = kept.map(([id]) => id);
    const alerts = alertsAt.all({ ids: JSON.stringify(ids), minScore: input.minScore });
    const records = rows.toRecords(alerts);
    const [first] = query === null ? [] : [oldest.get({ query, host })];
    return {
      by: host === null ? 'mentions' : 'host',
      lineCount: kept.length,
      sessionCount: null,
      isCut: at.length > mostMatches,
      firstAt: first?.[1] ?? null,
      spans: [],
      times: kept.map(([, time]) => time).filter((time) => time !== null),
      ...tally(
        records
          .map((record) => (record.number === input.without ? blinded(record) : record))
          .map(({ state, verdict }) => ({ state, value: verdict?.value ?? null, count: 1 })),
      ),
      alerts: records.slice(0, alertsShown),
      lines: toEventRecords(byIds.all(JSON.stringify(ids.slice(0, linesShown).reverse())), input.maxChars),
      isIndexed: textIndex.unindexed().length === 0,
    };
  };

  return {
    read: (input: Input<'read_entity'>): Output<'read_entity'> => {
      const record = bySessions(input);
      if (record) return record;
      const written = input.kind === 'host' ? byText(input, input.text) : null;
      return written !== null && written.lineCount > 0 ? written : byText(input, null);
    },
    openAlerts: ({ minScore }: Input<'open_alerts_by_severity'>): Output<'open_alerts_by_severity'> =>
      rows.toRecords(open.all({ minScore })),
  };
}
