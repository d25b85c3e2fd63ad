/** @file Writing a source: begin, batches of events, finish; and what is left of it when the app ended in between. */
import { AppError } from '../../shared/errors.ts';
import type { Audit } from './audit.ts';
import type { Counters } from './counters.ts';
import type { EventRows } from './eventRows.ts';
import type { OpenImports } from './openImport.ts';
import type { Sessions } from './sessions.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Templates } from './templates.ts';

type Progress = { state: string; lastEventId: number; lastLine: number; eventCount: number };

export type Imports = ReturnType<typeof prepareImports>;

export function prepareImports(
  db: Connection,
  parts: {
    audit: Audit;
    counters: Counters;
    eventRows: EventRows;
    openImports: OpenImports;
    sessions: Sessions;
    templates: Templates;
  },
) {
  const { audit, counters, eventRows, openImports, sessions, templates } = parts;
  const begin = db.prepare<Record<string, string | number | null>>(
    `INSERT INTO source (id, name, format, state, size_bytes, assumption_year, assumption_zone, imported_at,
       first_event_id, last_event_id, first_session_id, file_path)
     VALUES (@id, @name, @format, 'importing', @sizeBytes, @year, @zone, @importedAt, @nextEventId, @nextEventId - 1,
       @nextSessionId, @path)`,
  );
  const running = db.prepare<[], string>(`SELECT name FROM source WHERE state = 'importing'`).pluck();
  const progress = db.prepare<[number], Progress>(
    `SELECT state, last_event_id AS lastEventId, event_count AS eventCount,
       coalesce((SELECT line_number FROM event WHERE event.id = source.last_event_id AND event.source_id = source.id), 0) AS lastLine
     FROM source WHERE id = ?`,
  );
  const countTemplates = db
    .prepare<[number], number>(
      `SELECT count(DISTINCT template_id) FROM source JOIN event ON event.id BETWEEN first_event_id AND last_event_id
       WHERE source.id = ?`,
    )
    .pluck();
  const finish = db.prepare<Record<string, string | number | null>>(
    `UPDATE source SET state = @state, sha256 = @sha256, line_count = @lineCount, event_count = @eventCount,
       plain_count = @plainCount, blank_count = @blankCount, bad_byte_count = @badByteCount, encoding = @encoding,
       session_count = @sessionCount, template_count = @templateCount, first_at = @firstAt, last_at = @lastAt
     WHERE id = @sourceId`,
  );
  /** Kinds of lines seen so far, so that finishing need not read the events again. Of an import begun by this connection only. */
  const seenTemplates = new Map<number, Set<number>>();

  const importing = (sourceId: number): Progress => {
    const found = progress.get(sourceId);
    if (!found) throw new AppError('NOT_FOUND', `There is no source ${sourceId}. It may have been removed.`);
    if (found.state !== 'importing') throw new AppError('CONFLICT', `Source ${sourceId} is already imported.`);
    return found;
  };

  return {
    begin: (input: Input<'begin_source'>): Output<'begin_source'> =>
      inTransaction(db, () => {
        const other = running.get();
        if (other !== undefined) {
          throw new AppError('CONFLICT', `"${other}" is still being imported. Wait for it, or cancel it.`);
        }
        const ids = { nextEventId: counters.peek('event'), nextSessionId: counters.peek('session') };
        const sourceId = counters.take('source');
        const { name, format, sizeBytes, importedAt, assumption } = input;
        begin.run({
          id: sourceId,
          name,
          format,
          sizeBytes,
          importedAt,
          ...assumption,
          ...ids,
          path: input.path ?? null,
        });
        if (input.path !== undefined) openImports.begin(sourceId, input.path);
        seenTemplates.set(sourceId, new Set());
        audit.append({
          action: 'source.begun',
          subject: String(sourceId),
          details: { format, sizeBytes },
          actor: input.actor,
        });
        return { sourceId, ...ids };
      }),

    append: ({ sourceId, events, templates: kinds, sessions: changed }: Input<'append_events'>): undefined => {
      const kindsSeen = inTransaction(db, () => {
        const seen = eventRows.append(sourceId, importing(sourceId), events, changed);
        openImports.keepBefore(kinds);
        templates.upsert(kinds);
        return seen;
      });
      const seen = seenTemplates.get(sourceId);
      if (seen) for (const kind of kindsSeen) seen.add(kind);
    },

    finish: (input: Input<'finish_source'>): undefined => {
      const { sourceId, state, sha256, totals } = input;
      inTransaction(db, () => {
        const { eventCount } = importing(sourceId);
        if (totals.eventCount !== eventCount) {
          throw new AppError(
            'CONFLICT',
            `Source ${sourceId} was said to have ${totals.eventCount} events, but ${eventCount} arrived.`,
          );
        }
        templates.upsert(input.templates);
        sessions.upsert(sourceId, input.sessions);
        counters.raise(
          'session',
          input.sessions.reduce((last, { id }) => Math.max(last, id), 0),
        );
        const templateCount = seenTemplates.get(sourceId)?.size ?? countTemplates.get(sourceId) ?? 0;
        finish.run({ ...totals, sourceId, state, sha256, templateCount });
        openImports.end();
        audit.append({
          action: 'source.finished',
          subject: String(sourceId),
          details: { state, sha256, lines: totals.lineCount, events: totals.eventCount },
          actor: input.actor,
        });
      });
      seenTemplates.delete(sourceId);
    },
  };
}
