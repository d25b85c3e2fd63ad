/** @file SIGKILL in the middle of writing. Catches an answer that came before the disk had it, and a workspace that does not open again. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { openTestStore, temporaryDirectory } from './helpers.ts';
import { actor } from './rows.ts';

/** Kills the child once it has acknowledged `after` writes; gives all it had acknowledged by then. */
async function killAfter(directory: string, mode: string, after: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'child.ts'), directory, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > after) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  return output.split('\n').slice(0, -1); // the last may be cut
}

function check(directory: string): unknown {
  const db = new Database(workspacePaths(directory).database);
  try {
    return db.pragma('quick_check', { simple: true });
  } finally {
    db.close();
  }
}

test.each([1, 60, 300])('no acknowledged verdict is lost: killed after %i', async (after) => {
  const directory = temporaryDirectory();
  const acknowledged = await killAfter(directory, 'verdicts', after);
  expect(acknowledged.length).toBeGreaterThanOrEqual(after);
  const store = await openTestStore(directory);
  for (const verdictId of acknowledged) {
    const alertId = verdictId.replace('verdict', 'alert');
    const { history } = await store.ask('get_alert', { alertId, now: actor.at });
    expect(history.map(({ id }) => id)).toEqual([verdictId]);
  }
  const counts = await store.ask('alert_counts', { minScore: 0 });
  const decided = counts.decided;
  expect(decided === acknowledged.length || decided === acknowledged.length + 1).toBe(true);
  // Every verdict with its folds, or not at all: signatures 1 to 199 have five alerts, the others four.
  const expected = Array.from({ length: decided }, (_, row) => (row < 200 ? 4 : 3)).reduce(
    (sum, count) => sum + count,
    0,
  );
  expect(counts.folded).toBe(expected);
  expect(await store.ask('verify_audit', undefined)).toMatchObject({ brokenAt: null });
  store.close();
  expect(check(directory)).toBe('ok');
});

test('an import that was killed is partial, with what had been written counted', async () => {
  const directory = temporaryDirectory();
  const acknowledged = await killAfter(directory, 'append', 40);
  const store = await openTestStore(directory);
  const [source] = await store.ask('list_sources', undefined);
  const events = source?.eventCount ?? 0;
  expect(events % 100).toBe(0);
  expect(events).toBeGreaterThanOrEqual(Number(acknowledged.at(-1)));
  expect(source).toMatchObject({ state: 'partial', lineCount: events, sessionCount: events / 100, templateCount: 1 });
  const keys = await store.ask('read_keys', { sourceId: source?.id ?? 0, afterEventId: 0, limit: 1_000_000 });
  expect(keys.eventIds).toEqual(Float64Array.from({ length: events }, (_, row) => row + 1));
  // The next import goes on behind it.
  const next = await store.ask('begin_source', {
    name: 'b.log',
    format: 'plain',
    sizeBytes: 1,
    assumption: { year: null, zone: null },
    importedAt: actor.at,
    actor,
  });
  expect(next).toEqual({ sourceId: 2, nextEventId: events + 1, nextSessionId: events / 100 + 1 });
  store.close();
  expect(check(directory)).toBe('ok');
});

test('an index that was killed goes on where it stopped', async () => {
  const directory = temporaryDirectory();
  await killAfter(directory, 'index', 5);
  const store = await openTestStore(directory);
  const { indexedCount } = await store.ask('index_text', undefined);
  expect(indexedCount).toBeGreaterThan(0);
  expect(indexedCount).toBeLessThan(60_000);
  const input = { sourceId: null, text: 'password u59999', afterEventId: 0, limit: 10, maxChars: 100 };
  expect(await store.ask('search_text', input)).toMatchObject({ isIndexed: true, events: [{ id: 60_000 }] });
  store.close();
  const db = new Database(workspacePaths(directory).database);
  db.exec(`INSERT INTO event_text (event_text, rank) VALUES ('integrity-check', 1)`); // throws where text and index differ
  db.close();
  expect(check(directory)).toBe('ok');
});
