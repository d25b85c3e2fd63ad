/** @file Kinds of lines as the miner last described them; words are keyed hashes. */
import type { TemplateRecord } from './protocol/sources.ts';
import type { Connection, Input } from './statements.ts';
import { inTransaction } from './statements.ts';

export type TemplateRow = {
  id: number;
  content_hash: string;
  prefix_hash: number;
  tokens: Uint8Array;
  count: number;
  is_frozen: number;
  example_event_id: number;
};

export function toBlob(tokens: readonly number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(tokens).buffer);
}

function fromBlob(blob: Uint8Array): number[] {
  return [...new Float64Array(Uint8Array.from(blob).buffer)]; // copied: a blob need not be aligned
}

export function toTemplate(row: TemplateRow): TemplateRecord {
  return {
    index: row.id - 1,
    contentHash: row.content_hash,
    prefixHash: row.prefix_hash,
    tokens: fromBlob(row.tokens),
    count: row.count,
    isFrozen: row.is_frozen === 1,
    exampleEventId: row.example_event_id,
  };
}

export type Templates = ReturnType<typeof prepareTemplates>;

export function prepareTemplates(db: Connection) {
  const upsert = db.prepare<TemplateRow>(
    `INSERT INTO template (id, content_hash, prefix_hash, tokens, count, is_frozen, example_event_id)
     VALUES (@id, @content_hash, @prefix_hash, @tokens, @count, @is_frozen, @example_event_id)
     ON CONFLICT (id) DO UPDATE SET
       content_hash = excluded.content_hash, prefix_hash = excluded.prefix_hash, tokens = excluded.tokens,
       count = excluded.count, is_frozen = max(is_frozen, excluded.is_frozen), example_event_id = excluded.example_event_id`,
  );
  const list = db.prepare<[], TemplateRow>(
    'SELECT id, content_hash, prefix_hash, tokens, count, is_frozen, example_event_id FROM template ORDER BY id',
  );
  const byId = db.prepare<[number], TemplateRow>(
    'SELECT id, content_hash, prefix_hash, tokens, count, is_frozen, example_event_id FROM template WHERE id = ?',
  );
  const freeze = db.prepare<[number]>('UPDATE template SET is_frozen = 1 WHERE id = ?');
  return {
    /** Belongs into the transaction of the events that made them so. What is frozen stays so, also where the miner does not know yet. */
    upsert: (templates: readonly TemplateRecord[]): void => {
      for (const template of templates) {
        upsert.run({
          id: template.index + 1,
          content_hash: template.contentHash,
          prefix_hash: template.prefixHash,
          tokens: toBlob(template.tokens),
          count: template.count,
          is_frozen: template.isFrozen ? 1 : 0,
          example_event_id: template.exampleEventId,
        });
      }
    },
    list: (): TemplateRecord[] => list.all().map(toTemplate),
    get: ({ indexes }: Input<'get_templates'>): TemplateRecord[] =>
      indexes.flatMap((index) => {
        const row = byId.get(index + 1);
        return row ? [toTemplate(row)] : [];
      }),
    freeze: ({ indexes }: Input<'freeze_templates'>): undefined => {
      inTransaction(db, () => {
        for (const index of indexes) freeze.run(index + 1);
      });
    },
  };
}
