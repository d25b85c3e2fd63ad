/**
 * @file Sources that grow: what is followed, and what comes of it. Events, the kinds and sessions they changed, and the place in the file that
 * they were read up to are one transaction, over all sources that a micro-batch took lines from.
 */
import { AppError } from '../../shared/errors.ts';
import type { FormatId, TextEncoding } from '../../shared/lines.ts';
import type { ApiLines } from './apiLines.ts';
import type { Audit } from './audit.ts';
import type { Counters } from './counters.ts';
import type { EventRows } from './eventRows.ts';
import type { OpenImports } from './openImport.ts';
import type { FollowPart, FollowState, WatchRecord } from './protocol/follows.ts';
import type { Sessions } from './sessions.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Templates } from './templates.ts';

/**
 * Ids of events and sessions that a growing source has for itself: ids of a source follow one another, and others are imported meanwhile.
 * 2⁵³ has room for two million such sources.
 */
export const followIds = 2 ** 32;

type StateRow = Omit<FollowState, 'place' | 'isApi'> & { place: string; isApi: number };

type Row = {
  sourceId: number;
  place: string;
  kinds: string;
  format: FormatId;
  year: number | null;
  zone: string | null;
  firstEventId: number;
  lastEventId: number;
  firstSessionId: number;
  sizeBytes: number;
  lineCount: number;
  eventCount: number;
  plainCount: number;
  blankCount: number;
  badByteCount: number;
  encoding: TextEncoding;
  sessionCount: number;
  firstAt: number | null;
  lastAt: number | null;
};

export type Follows = ReturnType<typeof prepareFollows>;

export function prepareFollows(
  db: Connection,
  parts: {
    apiLines: ApiLines;
    audit: Audit;
    counters: Counters;
    eventRows: EventRows;
    openImports: OpenImports;
    sessions: Sessions;
    templates: Templates;
  },
) {
  const { apiLines, audit, counters, eventRows, openImports, sessions, templates } = parts;
  const insertWatch = db.prepare<[string, string, string, FormatId | null, number]>(
    `INSERT INTO watch (kind, path, pattern, format, state, added_at) VALUES (?, ?, ?, ?, 'following', ?)
     ON CONFLICT (kind, path, pattern) DO UPDATE SET state = 'following', format = excluded.format`,
  );
  const watchColumns = 'id, kind, path, pattern, format, state, added_at AS addedAt';
  const findWatch = db.prepare<[string, string, string], WatchRecord>(
    `SELECT ${watchColumns} FROM watch WHERE kind = ? AND path = ? AND pattern = ?`,
  );
  const insertApi = db.prepare<[number]>(
    `INSERT OR IGNORE INTO watch (kind, path, pattern, state, added_at) VALUES ('api', '', '', 'following', ?)`,
  );
  const apiWatch = db.prepare<[], number>(`SELECT id FROM watch WHERE kind = 'api'`).pluck();
  const setState = db.prepare<{ state: string; watchId: number }>(
    'UPDATE watch SET state = @state WHERE id = @watchId AND state <> @state',
  );
  const watchById = db.prepare<[number], WatchRecord>(`SELECT ${watchColumns} FROM watch WHERE id = ?`);
  const watches = db.prepare<[], WatchRecord>(`SELECT ${watchColumns} FROM watch WHERE kind <> 'api' ORDER BY id`);
  const states = db.prepare<[], StateRow>(
    `SELECT source_id AS sourceId, watch_id AS watchId, follow.path, place, scored_event_id AS scoredEventId,
       last_event_id AS lastEventId, first_event_id AS firstEventId,
       first_session_id + session_count - 1 AS lastSessionId,
       EXISTS (SELECT 1 FROM watch WHERE watch.id = watch_id AND kind = 'api') AS isApi
     FROM follow JOIN source ON source.id = source_id WHERE source.state <> 'removing' ORDER BY source_id`,
  );
  const insertSource = db.prepare<Record<string, string | number | null>>(
    `INSERT INTO source (id, name, format, state, size_bytes, assumption_year, assumption_zone, imported_at,
       first_event_id, last_event_id, first_session_id)
     VALUES (@id, @name, @format, 'ready', 0, @year, @zone, @importedAt, @firstEventId, @firstEventId - 1, @firstSessionId)`,
  );
  const isImporting = db.prepare<[], number>(`SELECT 1 FROM source WHERE state = 'importing'`).pluck();
  const insertFollow = db.prepare<[number, number, string, string]>(
    'INSERT INTO follow (source_id, watch_id, path, place) VALUES (?, ?, ?, ?)',
  );
  const read = db.prepare<[number], Row>(
    `SELECT source_id AS sourceId, place, kinds, format, assumption_year AS year, assumption_zone AS zone,
       first_event_id AS firstEventId, last_event_id AS lastEventId, first_session_id AS firstSessionId,
       size_bytes AS sizeBytes, line_count AS lineCount, event_count AS eventCount, plain_count AS plainCount,
       blank_count AS blankCount, bad_byte_count AS badByteCount, encoding, session_count AS sessionCount,
       first_at AS firstAt, last_at AS lastAt
     FROM follow JOIN source ON source.id = source_id WHERE source_id = ? AND source.state <> 'removing'`,
  );
  const last = db.prepare<[number], { firstEventId: number; lastEventId: number; lastLine: number }>(
    `SELECT first_event_id AS firstEventId, last_event_id AS lastEventId,
       coalesce((SELECT line_number FROM event WHERE event.id = source.last_event_id AND event.source_id = source.id), 0) AS lastLine
     FROM source JOIN follow ON follow.source_id = source.id WHERE source.id = ? AND state <> 'removing'`,
  );
  const setTotals = db.prepare<Record<string, string | number | null>>(
    `UPDATE source SET size_bytes = @sizeBytes, line_count = @lineCount, plain_count = @plainCount, blank_count = @blankCount,
       bad_byte_count = @badByteCount, encoding = @encoding, session_count = @sessionCount, first_at = @firstAt,
       last_at = @lastAt WHERE id = @sourceId`,
  );
  const setPlace = db.prepare<[string, number]>('UPDATE follow SET place = ? WHERE source_id = ?');
  const setKinds = db.prepare<[string, number]>('UPDATE follow SET kinds = ? WHERE source_id = ?');
  const setKindCount = db.prepare<[number, number]>('UPDATE source SET template_count = ? WHERE id = ?');
  const addEnd = db.prepare<[number, number]>('INSERT OR IGNORE INTO follow_end (source_id, session_id) VALUES (?, ?)');
  const ends = db
    .prepare<[number, number], number>(
      'SELECT session_id FROM follow_end WHERE source_id = ? ORDER BY session_id LIMIT ?',
    )
    .pluck();
  const removeEnd = db.prepare<[number, number]>('DELETE FROM follow_end WHERE source_id = ? AND session_id = ?');
  const removeEnds = db.prepare<[number]>('DELETE FROM follow_end WHERE source_id = ?');
  const setScored = db.prepare<[number, number]>('UPDATE follow SET scored_event_id = ? WHERE source_id = ?');

  const write = ({ sourceId, events, sessions: changed, ended, totals, place, kinds }: FollowPart): void => {
    const found = last.get(sourceId);
    if (!found) throw new AppError('NOT_FOUND', `Source ${sourceId} is not followed. It may have been removed.`);
    if (found.lastEventId + events.raws.length >= found.firstEventId + followIds) {
      throw new AppError('CONFLICT', 'This log has four billion events and takes no more. Follow it anew.');
    }
    eventRows.append(sourceId, found, events, changed);
    setTotals.run({ ...totals, sourceId });
    setPlace.run(JSON.stringify(place), sourceId);
    if (kinds) {
      setKinds.run(JSON.stringify(kinds), sourceId);
      setKindCount.run(kinds.length, sourceId);
    }
    for (const sessionId of ended) addEnd.run(sourceId, sessionId);
  };

  return {
    addWatch: ({ kind, path, pattern, format, actor }: Input<'add_watch'>): WatchRecord =>
      inTransaction(db, () => {
        insertWatch.run(kind, path, pattern, format, actor.at);
        const watch = findWatch.get(kind, path, pattern);
        if (!watch) throw new Error('A watch that was just kept is gone.');
        audit.append({ action: 'watch.following', subject: String(watch.id), details: { kind }, actor });
        return watch;
      }),
    setWatch: ({ watchId, state, actor }: Input<'set_watch'>): WatchRecord =>
      inTransaction(db, () => {
        if (setState.run({ state, watchId }).changes > 0)
          audit.append({ action: `watch.${state}`, subject: String(watchId), details: {}, actor });
        const watch = watchById.get(watchId);
        if (!watch) throw new AppError('NOT_FOUND', 'That is not followed in this workspace.');
        return watch;
      }),
    listWatches: (): WatchRecord[] => watches.all(),
    states: (): FollowState[] =>
      states.all().map((state) => ({ ...state, isApi: state.isApi === 1, place: JSON.parse(state.place) as unknown })),
    openApi: ({ actor }: Input<'open_api'>): Output<'open_api'> => {
      insertApi.run(actor.at);
      return { watchId: apiWatch.get() ?? 0 };
    },

    begin: (input: Input<'begin_follow'>): Output<'begin_follow'> =>
      inTransaction(db, () => {
        const { watchId, path, name, format, assumption, importedAt, place, actor } = input;
        // An import under way takes its ids without having asked for them: it gets room before ours.
        const gap = isImporting.get() === undefined ? 0 : followIds;
        const firstEventId = counters.take('event', followIds + gap) + gap;
        const firstSessionId = counters.take('session', followIds + gap) + gap;
        const sourceId = counters.take('source');
        insertSource.run({ id: sourceId, name, format, importedAt, ...assumption, firstEventId, firstSessionId });
        insertFollow.run(sourceId, watchId, path, JSON.stringify(place));
        audit.append({ action: 'source.followed', subject: String(sourceId), details: { format, watchId }, actor });
        return { sourceId };
      }),
    read: ({ sourceId }: Input<'read_follow'>): Output<'read_follow'> => {
      const row = read.get(sourceId);
      if (!row) throw new AppError('NOT_FOUND', `Source ${sourceId} is not followed. It may have been removed.`);
      const { place, kinds, format, year, zone, firstEventId: _first, lastEventId, firstSessionId, ...totals } = row;
      return {
        sourceId,
        place: JSON.parse(place) as unknown,
        kinds: JSON.parse(kinds) as number[],
        format,
        assumption: { year, zone },
        lastEventId,
        nextSessionId: firstSessionId + row.sessionCount,
        totals,
        openSessions: sessions.open(sourceId),
      };
    },
    append: ({ parts: all, templates: kinds, lines = [] }: Input<'append_follows'>): undefined => {
      inTransaction(db, () => {
        openImports.keepBefore(kinds);
        templates.upsert(kinds);
        for (const part of all) write(part);
        apiLines.keep(lines);
      });
    },
    ends: ({ sourceId, limit }: Input<'read_ends'>): number[] => ends.all(sourceId, limit),
    markScored: ({ sources }: Input<'mark_scored'>): undefined => {
      inTransaction(db, () => {
        for (const { sourceId, eventId } of sources) {
          setScored.run(eventId, sourceId);
          removeEnds.run(sourceId);
        }
      });
    },
    /** Belongs into the transaction that raises what scoring found. */
    scored: (sourceId: number, eventId: number, sessionIds: readonly number[]): void => {
      setScored.run(eventId, sourceId);
      for (const sessionId of sessionIds) removeEnd.run(sourceId, sessionId);
    },
  };
}
