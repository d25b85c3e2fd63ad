/** @file The audit chain. Catches an entry that was changed, removed or put in, and says where. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { prepareAudit } from '../../src/main/store/audit.ts';
import { prepareAuditHead, type AuditHead } from '../../src/main/store/auditHead.ts';
import { backUp, listBackups } from '../../src/main/store/backup.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { verifyAudit } from '../../src/main/store/verifyAudit.ts';
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
  ['the newest entry, away', 'DELETE FROM audit WHERE sequence = 10', 10],
  ['the newest five, away', 'DELETE FROM audit WHERE sequence > 4', 5],
  ['all of them, away', 'DELETE FROM audit', 1],
  ['all of them, away, with the head', 'DELETE FROM audit; DELETE FROM audit_head', 1],
  ['the newest, away, with the head', 'DELETE FROM audit WHERE sequence = 10; DELETE FROM audit_head', 10],
  [
    'the newest, away, with a head put in its place without the key',
    `DELETE FROM audit WHERE sequence = 10;
     UPDATE audit_head SET sequence = 9, hash = (SELECT hash FROM audit WHERE sequence = 9)`,
    9,
  ],
  ['fields into each other', `UPDATE audit SET action = action || subject, subject = '' WHERE sequence = 7`, 7],
])('%s is found and placed', async (_name, sql, brokenAt) => {
  expect((await tampered(sql)).brokenAt).toBe(brokenAt);
});

/** What somebody can do who reads the key out of the file as well: a shorter chain, sealed as the app seals it. */
function cutWithKey(database: string, after: number): void {
  const db = new Database(database);
  db.exec(guards);
  db.prepare('DELETE FROM audit WHERE sequence > ?').run(after);
  const end = db.prepare<[], AuditHead>('SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1').get();
  if (end) prepareAuditHead(db).set(end);
  db.close();
}

test('a chain cut and sealed again with the key is found by a backup, and by a head that was written down', async () => {
  const store = await seededStore([alertOf(1)]);
  const paths = workspacePaths(store.directory);
  const written = (await store.ask('verify_audit', undefined)).head;
  expect(await verifyAudit(paths, written)).toMatchObject({ brokenAt: null, backups: [], head: written });
  store.close();
  cutWithKey(paths.database, 3);
  expect(await verifyAudit(paths, null)).toMatchObject({ count: 3, brokenAt: null }); // nothing else knows of it
  const found = await verifyAudit(paths, written);
  expect(found).toMatchObject({
    brokenAt: 4,
    finding: expect.stringMatching(/^The head that was given ends at entry 5 /),
  });
});

test('the same with a backup: it is named', async () => {
  const store = await seededStore([alertOf(1)]);
  const paths = workspacePaths(store.directory);
  backUp(paths, { now: actor.at });
  await store.ask('append_audit', { action: 'later', subject: 'x', details: {}, actor });
  store.close();
  const [backup] = listBackups(paths);
  expect(await verifyAudit(paths, null)).toMatchObject({
    brokenAt: null,
    backups: [{ name: backup?.name, agrees: true }],
  });
  cutWithKey(paths.database, 2);
  expect(await verifyAudit(paths, null)).toMatchObject({
    brokenAt: 3,
    finding: expect.stringContaining(backup?.name ?? ''),
    backups: [{ agrees: false }],
  });
});

test('a backup that is made while the chain is read ends behind what was read, and is no sign of a cut', async () => {
  const store = await seededStore([alertOf(1)]);
  const paths = workspacePaths(store.directory);
  const db = new Database(paths.database);
  const audit = prepareAudit(db);
  // More than is read at a time.
  db.transaction(() => {
    for (let entry = 0; entry < 5000; entry++) audit.append({ action: 'later', subject: 'x', details: {}, actor });
  })();
  db.close();
  const verifying = verifyAudit(paths, null);
  await store.ask('append_audit', { action: 'later', subject: 'x', details: {}, actor });
  backUp(paths, { now: actor.at });
  expect(await verifying).toMatchObject({ brokenAt: null, finding: null });
});

test('what came since the chain was found sound is looked at alone, and fits to what was there or is no part of it', async () => {
  const store = await seededStore([alertOf(1)]);
  const append = (entry: number) =>
    store.ask('append_audit', { action: 'later', subject: 'x', details: { entry }, actor });
  const whole = await store.ask('verify_audit', undefined);
  expect(await store.ask('verify_new_audit', undefined)).toEqual(whole);
  for (let entry = 0; entry < 4; entry++) await append(entry);
  const db = new Database(workspacePaths(store.directory).database);
  db.exec(`${guards} UPDATE audit SET analyst = 'mallory' WHERE sequence = 3`);
  // Not what was there: the whole is for what leaves the workspace.
  expect(await store.ask('verify_new_audit', undefined)).toMatchObject({ count: whole.count + 4, brokenAt: null });
  expect((await store.ask('verify_audit', undefined)).brokenAt).toBe(3);
  await append(4);
  db.exec(`UPDATE audit SET analyst = 'mallory' WHERE sequence = ${whole.count + 5}`);
  expect((await store.ask('verify_new_audit', undefined)).brokenAt).toBe(whole.count + 5);
  db.exec(`DELETE FROM audit WHERE sequence > ${whole.count}`);
  expect((await store.ask('verify_new_audit', undefined)).brokenAt).not.toBeNull();
  db.close();
});

test('entries that come after a cut do not cover it', async () => {
  const store = await seededStore([alertOf(1)]);
  const { database } = workspacePaths(store.directory);
  const { count } = await store.ask('verify_audit', undefined);
  store.close();
  const db = new Database(database);
  db.exec(`${guards} DELETE FROM audit WHERE sequence > 3`);
  db.close();
  const again = await openTestStore(store.directory);
  for (let entry = 3; entry < count + 2; entry++) {
    await again.ask('append_audit', { action: 'later', subject: 'x', details: { entry }, actor });
    expect((await again.ask('verify_audit', undefined)).brokenAt).not.toBeNull();
  }
});

test('a chain that grows in another process while it is read is not called broken', async () => {
  const store = await seededStore([alertOf(1)]);
  const { database } = workspacePaths(store.directory);
  const grows = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads');
     const Database = require('better-sqlite3');
     import(workerData.audit).then(({ prepareAudit }) => {
       const db = new Database(workerData.database);
       const audit = prepareAudit(db);
       const entry = { action: 'later', subject: 'x', details: {}, actor: { at: 1, analyst: 'ana' } };
       const append = db.transaction(() => audit.append(entry)).immediate;
       parentPort.postMessage('began');
       for (const untilMs = Date.now() + 600; Date.now() < untilMs;) append();
     });`,
    { eval: true, workerData: { database, audit: new URL('../../src/main/store/audit.ts', import.meta.url).href } },
  );
  const ended = once(grows, 'exit');
  await once(grows, 'message');
  const db = new Database(database, { readonly: true });
  const audit = prepareAudit(db);
  const found = new Set<number | null>();
  for (const untilMs = Date.now() + 500; Date.now() < untilMs;) {
    found.add((await audit.verify()).brokenAt);
    await new Promise(setImmediate);
  }
  db.close();
  expect(await ended).toEqual([0]);
  expect(found).toEqual(new Set([null]));
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
  expect(await store.ask('verify_audit', undefined)).toMatchObject({ count: 2, brokenAt: null });
});
