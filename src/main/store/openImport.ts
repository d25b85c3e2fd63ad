/**
 * @file The import under way, as a later start needs it: how the templates were before it, and what it has written. Going on means to read
 * the file again from that beginning, which makes the same events again, and to write only those that are missing.
 */
import type { FormatId } from '../../shared/lines.ts';
import { EventDigest } from './eventDigest.ts';
import type { OpenImport, TemplateRecord } from './protocol/sources.ts';
import type { Sources } from './sources.ts';
import type { Connection, Input, Output } from './statements.ts';
import { letOthersIn } from './statements.ts';
import { toTemplate, type TemplateRow } from './templates.ts';

type Row = Omit<OpenImport, 'assumption' | 'format'> & { format: FormatId; year: number | null; zone: string | null };

const eventsPerChunk = 5000;
const templateColumns = 'id, content_hash, prefix_hash, tokens, count, is_frozen, example_event_id';

export function endOpenImport(db: Connection): void {
  db.exec('DELETE FROM template_before; DELETE FROM open_import;');
}

export type OpenImports = ReturnType<typeof prepareOpenImports>;

export function prepareOpenImports(db: Connection, sources: Sources) {
  const insert = db.prepare<[number, string]>(
    `INSERT INTO open_import (source_id, path, next_template_id)
     SELECT ?, ?, coalesce(max(id), 0) + 1 FROM template`,
  );
  const find = db.prepare<[], Row>(
    `SELECT source_id AS sourceId, open_import.path, format, assumption_year AS year, assumption_zone AS zone,
       first_event_id AS nextEventId, first_session_id AS nextSessionId, last_event_id AS lastEventId,
       line_count AS lineCount
     FROM open_import JOIN source ON source.id = source_id WHERE state = 'importing'`,
  );
  const keep = db.prepare<[number]>(
    `INSERT OR IGNORE INTO template_before (${templateColumns})
     SELECT ${templateColumns} FROM template WHERE id = ? AND id < (SELECT next_template_id FROM open_import)`,
  );
  const before = db.prepare<[], TemplateRow>(
    `SELECT ${templateColumns} FROM template_before
     UNION ALL
     SELECT ${templateColumns} FROM template
     WHERE id < (SELECT next_template_id FROM open_import) AND id NOT IN (SELECT id FROM template_before)
     ORDER BY id`,
  );
  const lines = db
    .prepare<
      [number, number, number],
      [id: number, lineNumber: number, raw: string | null, rawBytes: Uint8Array | null]
    >('SELECT id, line_number, raw, raw_bytes FROM event WHERE id > ? AND id <= ? ORDER BY id LIMIT ?')
    .raw();
  const setSize = db.prepare<[number, number]>('UPDATE source SET size_bytes = ? WHERE id = ?');
  return {
    /** Belongs into the transaction that begins the source. */
    begin: (sourceId: number, path: string): void => void insert.run(sourceId, path),
    /** Belongs before the change of these templates, in its transaction. */
    keepBefore: (templates: readonly TemplateRecord[]): void => {
      for (const { index } of templates) keep.run(index + 1);
    },
    /** Belongs into the transaction that ends the import, however it ends. */
    end: (): void => endOpenImport(db),
    find: (): Output<'find_open_import'> => {
      const row = find.get();
      if (!row) return null;
      const { year, zone, ...found } = row;
      return { ...found, assumption: { year, zone } };
    },
    templates: (): TemplateRecord[] => before.all().map(toTemplate),
    /** The file may have grown meanwhile. */
    resize: ({ sourceId, sizeBytes }: Input<'resize_source'>): undefined => {
      setSize.run(sizeBytes, sourceId);
    },
    digest: async ({ sourceId }: Input<'digest_events'>): Promise<string> => {
      const digest = new EventDigest();
      const { firstEventId, lastEventId } = sources.range(sourceId);
      for (let after = firstEventId - 1; ;) {
        const page = lines.all(after, lastEventId, eventsPerChunk);
        for (const [id, lineNumber, raw, rawBytes] of page) {
          digest.add(lineNumber, raw ?? '', rawBytes);
          after = id;
        }
        if (page.length < eventsPerChunk) return digest.hex();
        await letOthersIn();
      }
    },
  };
}
