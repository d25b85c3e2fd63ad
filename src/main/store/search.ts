/** @file Finding lines by their words. The user's text is data: it never becomes FTS syntax or a LIKE pattern. */
import type { EventRecord } from './protocol/events.ts';
import type { EventRow } from './events.ts';
import { eventColumns, toEventRecords } from './events.ts';
import type { Sources } from './sources.ts';
import type { Connection, Input, Output } from './statements.ts';
import type { TextIndex } from './textIndex.ts';

/** More than anybody types; keeps the cost of a pasted page bounded. */
const maxQueryChars = 1000;
const maxTerms = 32;
/** Lines read one by one where there is no index yet. Measured at about 1 M lines/s. */
const maxScannedEvents = 200_000;

/** Words of a query: split at white space and control characters, which SQLite's C strings could not carry. */
export function queryTerms(text: string): string[] {
  return text
    .slice(0, maxQueryChars)
    .toWellFormed()
    .split(/[\s\p{Cc}]+/u)
    .filter((term) => term !== '')
    .slice(0, maxTerms);
}

/** Terms for `instr(lower(column), term)`. SQLite's lower() changes A to Z only, and so does this. */
export function scanTerms(text: string): string[] {
  return queryTerms(text).map((term) => term.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()));
}

/** An FTS5 query that holds where every term does, the last one as a prefix. Null: no term has a letter or digit to look up. */
export function ftsQuery(text: string): string | null {
  const terms = queryTerms(text).filter((term) => /[\p{L}\p{N}\p{Co}]/u.test(term));
  if (terms.length === 0) return null;
  return `${terms.map((term) => `"${term.replaceAll('"', '""')}"`).join(' ')} *`;
}

/** One term for `instr(lower(column), term)`, spaces and all. */
export function scanTerm(text: string): string {
  const clean = text.slice(0, maxQueryChars).toWellFormed().replaceAll('\0', ' ');
  return clean.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** An FTS5 query for the text as a phrase, whatever separators stand in it. Null: it has no letter or digit to look up. */
export function ftsPhrase(text: string): string | null {
  const clean = queryTerms(text).join(' ');
  return /[\p{L}\p{N}\p{Co}]/u.test(clean) ? `"${clean.replaceAll('"', '""')}"` : null;
}

export type Search = ReturnType<typeof prepareSearch>;

export function prepareSearch(db: Connection, parts: { sources: Sources; textIndex: TextIndex }) {
  const { sources, textIndex } = parts;
  const newest = db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM event').pluck();
  const indexed = db.prepare<{ query: string; after: number; last: number; limit: number }, EventRow>(
    `SELECT ${eventColumns}
     FROM event_text CROSS JOIN event ON event.id = event_text.rowid CROSS JOIN source ON source.id = event.source_id
     WHERE event_text MATCH @query AND event_text.rowid > @after AND event_text.rowid <= @last
       AND source.state <> 'removing'
     ORDER BY event_text.rowid LIMIT @limit`,
  );
  const scanned = db.prepare<{ terms: string; after: number; last: number; limit: number }, EventRow>(
    `SELECT ${eventColumns}
     FROM (SELECT * FROM event WHERE id > @after AND id <= @last ORDER BY id LIMIT ${maxScannedEvents}) AS event
     CROSS JOIN source ON source.id = event.source_id
     WHERE source.state <> 'removing'
       AND NOT EXISTS (SELECT 1 FROM json_each(@terms) AS term WHERE instr(lower(coalesce(event.raw, '')), term.value) = 0)
     ORDER BY event.id LIMIT @limit`,
  );
  return {
    /** Matches in line order after `afterEventId`. Not indexed: the rest was looked through line by line, up to a bound. */
    find: ({ sourceId, text, afterEventId, limit, maxChars }: Input<'search_text'>): Output<'search_text'> => {
      const range = sourceId === null ? { firstEventId: 1, lastEventId: newest.get() ?? 0 } : sources.range(sourceId);
      const after = Math.max(afterEventId, range.firstEventId - 1);
      const last = range.lastEventId;
      const query = ftsQuery(text);
      const terms = scanTerms(text);
      const unindexed = textIndex.unindexed().filter((tail) => tail.last > after && tail.after < last);
      // Without a word that the index could know, everything is looked through.
      const tails = query === null ? [{ after, last }] : unindexed;
      const events: EventRecord[] = [];
      const isFull = (): boolean => events.length >= limit;
      const take = (rows: (limit: number) => Iterable<EventRow>): void => {
        if (!isFull()) events.push(...toEventRecords(rows(limit - events.length), maxChars));
      };
      let from = after;
      for (const tail of tails) {
        const start = Math.max(from, tail.after);
        if (query !== null && start > from)
          take((most) => indexed.iterate({ query, after: from, last: start, limit: most }));
        const end = Math.min(last, tail.last);
        const range = { terms: JSON.stringify(terms), after: start, last: end };
        if (terms.length > 0 && end > start) take((most) => scanned.iterate({ ...range, limit: most }));
        from = Math.max(start, end);
      }
      if (query !== null && from < last) take((most) => indexed.iterate({ query, after: from, last, limit: most }));
      return { events, isIndexed: unindexed.length === 0 };
    },
  };
}
