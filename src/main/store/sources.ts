/** @file Sources: what was imported, how far, and how much of it could be read. Import, removal and recovery are in `imports.ts` and `removal.ts`. */
import type { Source } from '../../shared/sources.ts';
import { AppError } from '../../shared/errors.ts';
import { overflowToken, type FormatId, type TextEncoding } from '../../shared/lines.ts';
import type { Connection, Input, Output } from './statements.ts';
import { toBlob } from './templates.ts';

export type SourceRange = { firstEventId: number; lastEventId: number };

type Row = {
  id: number;
  name: string;
  format: FormatId;
  state: Source['state'];
  size_bytes: number;
  line_count: number;
  event_count: number;
  plain_count: number;
  blank_count: number;
  bad_byte_count: number;
  encoding: TextEncoding;
  session_count: number;
  template_count: number;
  first_at: number | null;
  last_at: number | null;
  assumption_year: number | null;
  assumption_zone: string | null;
  imported_at: number;
  scored_at: number | null;
};

function toSource(row: Row): Source {
  return {
    id: row.id,
    name: row.name,
    format: row.format,
    fitShare: row.event_count === 0 ? 1 : 1 - row.plain_count / row.event_count,
    state: row.state,
    sizeBytes: row.size_bytes,
    lineCount: row.line_count,
    eventCount: row.event_count,
    plainCount: row.plain_count,
    blankCount: row.blank_count,
    badByteCount: row.bad_byte_count,
    encoding: row.encoding,
    sessionCount: row.session_count,
    templateCount: row.template_count,
    firstAt: row.first_at,
    lastAt: row.last_at,
    assumption: { year: row.assumption_year, zone: row.assumption_zone },
    importedAt: row.imported_at,
    scoredAt: row.scored_at,
    live: null, // the app knows
  };
}

/** Of all logs together. */
type LogTotals = Omit<Output<'totals'>, 'models' | 'cases'>;

export type Sources = ReturnType<typeof prepareSources>;

export function prepareSources(db: Connection) {
  const list = db.prepare<[], Row>(
    `SELECT id, name, format, state, size_bytes, line_count, event_count, plain_count, blank_count, bad_byte_count, encoding,
       session_count, template_count, first_at, last_at, assumption_year, assumption_zone, imported_at,
       (SELECT finished_at FROM run WHERE run.source_id = source.id ORDER BY run.number DESC LIMIT 1) AS scored_at
     FROM source WHERE state <> 'removing' ORDER BY id`,
  );
  const range = db.prepare<[number], SourceRange>(
    `SELECT first_event_id AS firstEventId, last_event_id AS lastEventId FROM source WHERE id = ? AND state <> 'removing'`,
  );
  const findByHash = db.prepare<[string], Output<'find_source'>[number]>(
    `SELECT id, name, sha256 FROM source WHERE sha256 = ? AND state IN ('ready', 'partial') ORDER BY id`,
  );
  const findBySize = db.prepare<[number], Output<'find_source'>[number]>(
    `SELECT id, name, sha256 FROM source WHERE size_bytes = ? AND state IN ('ready', 'partial') ORDER BY id`,
  );
  const totals = db.prepare<[Uint8Array], LogTotals>(
    `SELECT count(*) AS sources, coalesce(sum(event_count), 0) AS events,
       coalesce(sum(bad_byte_count), 0) AS unreadableLines,
       (SELECT coalesce(sum(count), 0) FROM template WHERE tokens = ?) AS unsortedLines
     FROM source WHERE state <> 'removing'`,
  );
  return {
    list: (): Source[] => list.all().map(toSource),
    /** Its events have these ids and no other source's have. Throws NOT_FOUND. */
    range: (sourceId: number): SourceRange => {
      const found = range.get(sourceId);
      if (!found) throw new AppError('NOT_FOUND', `There is no source ${sourceId}. It may have been removed.`);
      return found;
    },
    find: (input: Input<'find_source'>): Output<'find_source'> =>
      'sha256' in input ? findByHash.all(input.sha256) : findBySize.all(input.sizeBytes),
    totals: (): LogTotals =>
      totals.get(toBlob([overflowToken])) ?? { sources: 0, events: 0, unreadableLines: 0, unsortedLines: 0 },
  };
}
