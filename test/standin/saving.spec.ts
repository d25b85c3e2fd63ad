/** @file Saving a report over the built bundles: what is said is what happened, and a name is never a path. */
import { expect, test } from '@playwright/test';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { closeShell, openShell, request, type Shell } from './shell.ts';

let shell: Shell;
test.setTimeout(60_000);
test.beforeAll(async () => {
  shell = await openShell();
});
test.afterAll(async () => closeShell(shell));

test('a report is said to be saved when it was, not when the dialog was closed or the disk refused', async () => {
  const { page, standIn, directory } = shell;
  // A case needs a log in the workspace: an empty workspace shows its first screen.
  await request(page, 'cases.create', { title: 'Nobody’s case', alertIds: [] });
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page.getByText('Nobody’s case').first().click();
  await page.keyboard.press('7');
  await expect(page.getByTitle('Preview of the report')).toBeVisible();

  await page.keyboard.press('r');
  await expect(page.getByText('Report not saved.')).toBeVisible();
  expect(await standIn.happened('save-dialog')).toMatchObject({ suggested: 'case-1.html', path: null });

  const path = join(directory, 'mine.html');
  await writeFile(path, 'older');
  await standIn.ask('layOut', { save: path });
  await page.keyboard.press('r');
  await expect(page.getByText('Report saved.')).toBeVisible();
  expect(await readFile(path, 'utf8')).toContain('Nobody’s case');
  expect(readdirSync(directory).filter((name) => name.endsWith('.part'))).toEqual([]);

  await standIn.ask('layOut', { save: join(directory, 'no-such-folder', 'x.html') });
  await page.keyboard.press('r');
  await expect(page.getByText('x.html was not saved: ENOENT. Choose another folder.')).toBeVisible();
});

test('a page that was taken over cannot name where: the user’s dialog decides', async () => {
  const { page, standIn, directory } = shell;
  const before = standIn.entries.length;
  const target = join(directory, 'evil.html');
  await request(page, 'files.save', { name: target, base64: btoa('x') });
  expect(await standIn.happened('save-dialog', before)).toMatchObject({ suggested: 'evil.html', path: null });
  expect(existsSync(target)).toBe(false);
});
