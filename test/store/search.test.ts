/** @file Finding lines. Catches user text that is read as a query language, and lines that hide from the search. */
import Database from 'better-sqlite3';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { openTestStore } from './helpers.ts';
import { importLines, listed } from './rows.ts';
import type { TestStore } from './rows.ts';

async function find(store: TestStore, text: string, sourceId: number | null = null): Promise<number[]> {
  const input = { sourceId, text, afterEventId: 0, limit: 200, maxChars: 200 };
  return (await store.ask('search_text', input)).events.map(({ id }) => id);
}

const lines = [
  'sshd[12]: Failed password for invalid user anna.weiss from 185.220.101.44 port 22',
  'sudo: root : COMMAND=/usr/bin/shred -uzn 3 /srv/finance/ledger_2026-q3.db',
  'GET /index.php?id=1%27%20OR%201=1 HTTP/1.1" 200 "-" "sqlmap/1.7"',
  'nul \u0000 hidden behind it',
  'Größe überschritten: 漢字 ABC',
  'OR AND NOT NEAR',
];

describe.each([
  ['indexed', true],
  ['not indexed yet', false],
])('%s', (_name, isIndexed) => {
  async function filled(): Promise<TestStore> {
    const store = await openTestStore();
    await importLines(
      store,
      lines.map((raw) => ({ raw })),
    );
    if (isIndexed) await store.ask('index_text', undefined);
    return store;
  }

  test('an address, a path, a user and a word are found by their parts', async () => {
    const store = await filled();
    const cases: [string, number[]][] = [
      ['185.220.101.44', [1]],
      ['220.101', [1]],
      ['anna.w', [1]],
      ['weiss', [1]],
      ['/srv/finance', [2]],
      ['ledger_2026', [2]],
      ['FAILED passw', [1]],
      ['password failed', [1]],
      ['sqlm', [3]],
      ['hidden', [4]],
      ['漢字', [5]],
      // The index leaves out the quotes, a scan looks for them.
      ['"OR" and near', isIndexed ? [6] : []],
      ['nothing of this kind', []],
      ['=/', [2]],
    ];
    for (const [text, expected] of cases)
      expect({ text, found: await find(store, text) }).toEqual({ text, found: expected });
  });

  test.each([
    '" OR *',
    '"',
    '""""',
    '* * *',
    'NEAR(a b, 2)',
    'raw : x',
    'raw:x OR raw:y',
    '{raw} : x',
    '^start',
    'a AND (b',
    '(((((',
    "' ; DROP TABLE event; --",
    'x\u0000y',
    '\ud800',
    '%',
    '_',
    '\\',
    '+ - ! ~',
    '-',
    '   ',
    '',
    'a '.repeat(5000),
    'a'.repeat(10_000),
    '"'.repeat(10_000),
    '( '.repeat(5000),
    'é\u0301'.repeat(3000),
  ])('%j is words, not syntax', async (text) => {
    const store = await filled();
    const found = await store.ask('search_text', { sourceId: null, text, afterEventId: 0, limit: 10, maxChars: 100 });
    expect(found.events.length).toBeLessThanOrEqual(lines.length);
    const filter = `line:"${text.replace(/["\\]/g, '\\$&').slice(0, 1900)}"`;
    expect((await store.ask('list_alerts', { ...listed, filter })).rows).toEqual([]);
  });

  test('any text at all is answered', async () => {
    const store = await filled();
    const alphabet = fc.constantFrom(
      '"',
      '*',
      '(',
      ')',
      ':',
      '^',
      '+',
      '-',
      ' ',
      'a',
      'OR',
      'NEAR',
      '\u0000',
      'é',
      '\ud800',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(alphabet, { maxLength: 30 }), async (parts) => {
        await find(store, parts.join(''));
      }),
    );
  });
});

test('words of a line find the line, with and without the index', async () => {
  const store = await openTestStore();
  await importLines(
    store,
    lines.map((raw) => ({ raw })),
  );
  const words = lines.flatMap((line, row) =>
    [...line.matchAll(/[\p{L}\p{N}]+/gu)].map(([word]) => ({ word, id: row + 1 })),
  );
  for (const _pass of ['scanned', 'indexed']) {
    for (const { word, id } of words) expect(await find(store, word)).toContain(id);
    await store.ask('index_text', undefined);
  }
});

test('a search of a tail that is not indexed yet says so and still finds', async () => {
  const store = await openTestStore();
  await importLines(store, [{ raw: 'alpha 1' }, { raw: 'beta 2' }]);
  await store.ask('index_text', undefined);
  const { sourceId } = await importLines(store, [{ raw: 'alpha 3' }, { raw: 'alpha 4' }]);
  const input = { sourceId: null, text: 'alpha', afterEventId: 0, limit: 2, maxChars: 99 };
  const first = await store.ask('search_text', input);
  expect(first).toMatchObject({ isIndexed: false, events: [{ raw: 'alpha 1' }, { raw: 'alpha 3' }] });
  const rest = await store.ask('search_text', { ...input, afterEventId: 3 });
  expect(rest.events.map(({ raw }) => raw)).toEqual(['alpha 4']);
  expect(await find(store, 'alpha', sourceId)).toEqual([3, 4]);
  expect((await store.ask('search_text', { ...input, sourceId: 1 })).isIndexed).toBe(true);
});

test('indexing lets others in between, can be cancelled, and goes on', async () => {
  const store = await openTestStore();
  const many = Array.from({ length: 7000 }, (_, row) => ({ raw: `word${row}` }));
  await importLines(store, many);
  const abort = new AbortController();
  const remaining: number[] = [];
  const indexing = store.ask('index_text', undefined, {
    signal: abort.signal,
    progress: (value) => {
      remaining.push((value as { remaining: number }).remaining);
      if (remaining.length === 2) abort.abort();
    },
  });
  const between = await store.ask('totals', undefined);
  await expect(indexing).rejects.toMatchObject({ name: 'AbortError' });
  expect(between.events).toBe(7000);
  expect(remaining).toEqual([5000, 3000]);
  expect(await store.ask('index_text', undefined)).toEqual({ indexedCount: 3000 });
  expect(await find(store, 'word6999')).toEqual([7000]);
});

test('lines of 1 MB are indexed a few at a time, and a line above all bounds alone', async () => {
  const store = await openTestStore();
  const raws = ['a', 'b', 'c', 'd'].map((letter) => ({ raw: `${letter.repeat(900_000)} end${letter}` }));
  await importLines(store, [...raws, { raw: `${'e '.repeat(1_500_000)} ende` }, { raw: 'small' }]);
  const remaining: unknown[] = [];
  await store.ask('index_text', undefined, { progress: (value) => remaining.push(value) });
  expect(remaining).toEqual([4, 2, 1, 0].map((count) => ({ remaining: count })));
  expect(await find(store, 'ende')).toEqual([5]);
});

test('closing ends an index that is being filled', async () => {
  const store = await openTestStore();
  await importLines(
    store,
    Array.from({ length: 5000 }, (_, row) => ({ raw: `word${row}` })),
  );
  const indexing = store.ask('index_text', undefined);
  const ended = expect(indexing).rejects.toMatchObject({ code: 'CANCELLED' });
  store.close();
  await ended;
});

test('the text of an event can be erased: from the rows, the index and the file', async () => {
  const store = await openTestStore();
  await importLines(store, [{ raw: 'keep alpha' }, { raw: 'secret kassiopeia9 alpha' }]);
  await store.ask('index_text', undefined);
  store.close();
  const { database } = workspacePaths(store.directory);
  const db = new Database(database);
  db.pragma('secure_delete = ON');
  db.transaction(() => {
    db.exec(`INSERT INTO event_text (event_text, rowid, raw) SELECT 'delete', id, raw FROM event WHERE id = 2`);
    db.exec('UPDATE event SET raw = NULL, raw_bytes = NULL, host = NULL, entity = NULL WHERE id = 2');
    db.exec('INSERT INTO event_text (rowid, raw) VALUES (2, NULL)');
  })();
  db.exec(`INSERT INTO event_text (event_text, rank) VALUES ('integrity-check', 1)`);
  db.close();
  const { readFileSync } = await import('node:fs');
  expect(readFileSync(database).includes('kassiopeia9')).toBe(false);
  const again = await openTestStore(store.directory);
  expect(await find(again, 'alpha')).toEqual([1]);
  expect(await find(again, 'kassiopeia9')).toEqual([]);
  expect(await again.ask('get_events', { ids: [2], maxChars: 10 })).toMatchObject([{ raw: '', entity: null }]);
  expect(await again.ask('verify_audit', undefined)).toMatchObject({ brokenAt: null });
});
