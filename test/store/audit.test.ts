/** @file The audit chain. Catches an entry that was changed, removed or put in, and says where. */
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { openTestStore, seededStore } from './helpers.ts';
import { actor, alertOf } from './rows.ts';

const guards = 'DROP TRIGGER audit__no_update; DROP TRIGGER audit__no_delete;';

/** A closed workspace of which `sql` was run by somebody with the file in hand. */
async function tampered(sql: string): Promise<{ count: number; brokenAt: number | null }> {
  const store = await seededStore([alertOf(1)]);
  for (let entry = 0; entry < 5; entry++) {
    await store.ask('append_audit', { action: 'report.exported', subject: 'case-1', details: { entry }, actor });
  }
  store.close();
  const db = new Database(workspacePaths(store.directory).database);
  db.exec(guards + sql);
  db.close();
  return (await openTestStore(store.directory)).ask('verify_audit', undefined);
}

test.each([
  ['nothing', '', null],
  ['an analyst', `UPDATE audit SET analyst = 'mallory' WHERE sequence = 3`, 3],
  ['a time by a millisecond', 'UPDATE audit SET at = at + 1 WHERE sequence = 4', 4],
  ['a detail', `UPDATE audit SET details = '{"entry":9}' WHERE sequence = 8`, 8],
  [
    'one bit of a hash',
    `UPDATE audit SET hash = hash || x'' WHERE 0; UPDATE audit SET hash = unhex(replace(hex(hash), substr(hex(hash), 1, 1), '0')) WHERE sequence = 2`,
    2,
  ],
  ['what one follows', `UPDATE audit SET previous_hash = zeroblob(32) WHERE sequence = 5`, 5],
  ['a whole entry, away', 'DELETE FROM audit WHERE sequence = 6', 7],
  [
    'two entries, swapped',
    'UPDATE audit SET sequence = -1 WHERE sequence = 6; UPDATE audit SET sequence = 6 WHERE sequence = 7; UPDATE audit SET sequence = 7 WHERE sequence = -1',
    6,
  ],
  ['fields into each other', `UPDATE audit SET action = action || subject, subject = '' WHERE sequence = 7`, 7],
])('%s is found and placed', async (_name, sql, brokenAt) => {
  expect((await tampered(sql)).brokenAt).toBe(brokenAt);
});

test('entries cannot be changed through the database', async () => {
  const store = await openTestStore();
  store.close();
  const db = new Database(workspacePaths(store.directory).database);
  expect(() => db.exec(`UPDATE audit SET analyst = 'x'`)).toThrow('append-only');
  expect(() => db.exec('DELETE FROM audit')).toThrow('append-only');
  db.close();
});

test('names with characters that the database would replace do not break the chain', async () => {
  const store = await openTestStore();
  const odd = 'lone \ud800, nul \u0000, bidi \u202e, 😀';
  await store.ask('append_audit', {
    action: odd,
    subject: odd,
    details: { [odd]: odd },
    actor: { analyst: odd, at: 0 },
  });
  expect(await store.ask('verify_audit', undefined)).toEqual({ count: 2, brokenAt: null });
});
