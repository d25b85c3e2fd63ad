/** @file Exports that are cut off. Catches a half-written file under the name that somebody reads, and leftovers that stay. */
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { WholeFile, writeWhole } from '../../src/main/app/wholeFile.ts';
import { testFolder } from '../helpers/folders.ts';

it('is under its name only when it is whole; what was there before stays until then', async () => {
  const folder = testFolder();
  const path = join(folder, 'report.csv');
  writeFileSync(path, 'before');
  const file = await WholeFile.create(path);
  await file.write('half');
  expect(readFileSync(path, 'utf8')).toBe('before');
  await file.write(' and half');
  await file.finish();
  expect(readFileSync(path, 'utf8')).toBe('half and half');
  const given = await WholeFile.create(path);
  await given.write('nothing');
  await given.discard();
  expect(readFileSync(path, 'utf8')).toBe('half and half');
  expect(readdirSync(folder)).toEqual(['report.csv']);
});

it('takes away what a process that is gone left, and nothing else', async () => {
  const folder = testFolder();
  const others = ['report.csv.1.unfinished', 'report.csv.2x.unfinished', 'other.csv.999999999.unfinished'];
  for (const name of [...others, 'report.csv.999999999.unfinished']) writeFileSync(join(folder, name), 'left');
  await writeWhole(join(folder, 'report.csv'), 'whole');
  expect(readdirSync(folder).sort()).toEqual([...others, 'report.csv'].sort());
});

it.skipIf(process.platform === 'win32')('writes through a link, and to a device as it is', async () => {
  const folder = testFolder();
  writeFileSync(join(folder, 'kept.html'), 'before');
  symlinkSync(join(folder, 'kept.html'), join(folder, 'link.html'));
  await writeWhole(join(folder, 'link.html'), 'after');
  expect(readFileSync(join(folder, 'kept.html'), 'utf8')).toBe('after');
  await writeWhole('/dev/null', 'gone');
  expect(readdirSync('/dev').filter((name) => name.includes('unfinished'))).toEqual([]);
});
