/** @file Contents of attachments beside the backups. Catches a backup that cannot give an attachment back, a copy that is not whole, and one that stays for ever. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { backedUpAttachments } from '../../src/main/store/attachmentBackups.ts';
import { backUp, listBackups } from '../../src/main/store/backup.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { restoreBackup } from '../../src/main/store/restore.ts';
import { openTestStore } from './helpers.ts';
import { actor, day, now } from './rows.ts';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

async function withAttachments(...texts: string[]) {
  const store = await openTestStore();
  const paths = workspacePaths(store.directory);
  mkdirSync(paths.attachments, { recursive: true });
  await store.ask('create_case', { caseId: 'c', title: 'Case', alertIds: [], actor });
  for (const text of texts) {
    writeFileSync(join(paths.attachments, hashOf(text)), text);
    const attachment = { id: text, name: text, sha256: hashOf(text), sizeBytes: Buffer.byteLength(text) };
    await store.ask('add_attachment', { caseId: 'c', attachment, actor });
  }
  return { store, paths };
}

it('are copied once, come back with the database, and only whole', async () => {
  const { store, paths } = await withAttachments('one', 'two', '');
  expect(backUp(paths, { now })).toMatchObject({ lacking: null });
  const folder = backedUpAttachments(paths);
  expect(readdirSync(folder).sort()).toEqual(['one', 'two', ''].map(hashOf).sort());
  store.close();
  // The workspace loses its database and its attachments; what is beside the backups of one of them was damaged.
  rmSync(paths.attachments, { recursive: true });
  writeFileSync(join(folder, hashOf('two')), 'TWO');
  writeFileSync(paths.database, 'no database');
  const [backup] = listBackups(paths);
  restoreBackup(paths, { name: backup?.name ?? '', now: now + 1000, analyst: 'x' });
  expect(readdirSync(paths.attachments).sort()).toEqual(['one', ''].map(hashOf).sort());
  expect(readFileSync(join(paths.attachments, hashOf('one')), 'utf8')).toBe('one');
});

it('go when no kept backup names them, and one that was changed is not copied', async () => {
  const { store, paths } = await withAttachments('stays', 'goes', 'changed');
  writeFileSync(join(paths.attachments, hashOf('changed')), 'CHANGED');
  backUp(paths, { now });
  const folder = backedUpAttachments(paths);
  expect(existsSync(join(folder, hashOf('goes')))).toBe(true);
  expect(existsSync(join(folder, hashOf('changed')))).toBe(false);
  await store.ask('remove_attachment', { caseId: 'c', attachmentId: 'goes', actor });
  backUp(paths, { now: now + day });
  expect(existsSync(join(folder, hashOf('goes')))).toBe(true); // the backup of the day before
  for (const days of [9, 10, 20]) backUp(paths, { now: now + days * day });
  expect(readdirSync(folder)).toEqual([hashOf('stays')]);
});

it('that are too much for the moment are told as lacking, and copied the next time', async () => {
  const { paths } = await withAttachments('a large one');
  expect(backUp(paths, { now, mostAttachedBytes: 3 })).toMatchObject({ lacking: { count: 1 } });
  expect(backUp(paths, { now: now + day })).toMatchObject({ lacking: null });
  expect(readdirSync(backedUpAttachments(paths))).toEqual([hashOf('a large one')]);
});
