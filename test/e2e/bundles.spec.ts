/** @file A case as a file from one workspace into another, over every host: dropped, looked at, read in, and exported again. */
import { expect } from '@playwright/test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { surprisal, test } from './app.ts';

test('a bundle is dropped, read in with where it came from, and exported again', async ({ app }) => {
  test.setTimeout(180_000);
  const { page, directory, complaints } = app;
  const other = join(directory, 'other');
  const [log, labels] = [join(directory, 'office.log'), join(directory, 'labels.jsonl')];
  await surprisal('lab', '--lines', '3000', '--seed', '3', '--output', log, '--labels', labels);
  await surprisal('learn', '--workspace', other, '--input', log, '--counts-only');
  await surprisal('score', '--workspace', other, '--input', log, '--output', join(directory, 'rows.jsonl'));
  const [workspace, output] = [['--workspace', other], join(directory, 'sent.surprisal.zip')];
  await surprisal('case', ...workspace, '--title', 'Brought by hand', '--alerts', 'open');
  await surprisal('case', 'note', ...workspace, '--case', 'C-1', '--note', 'Look at **this** first.');
  await surprisal('bundle', 'export', ...workspace, '--case', 'C-1', '--output', output);

  await expect(page.getByText('You can also drop it here.')).toBeVisible();
  const broken = join(directory, 'broken.surprisal.zip');
  await writeFile(broken, 'no bundle');
  await app.drop(broken);
  const dialog = page.getByRole('dialog', { name: 'Import a bundle' });
  await expect(dialog.getByRole('alert')).toContainText('broken.surprisal.zip is no bundle of a case');
  await page.keyboard.press('Escape');

  await app.drop(output);
  await expect(dialog).toContainText('Brought by hand');
  await expect(dialog).toContainText('C-1 of the workspace other');
  await dialog.getByRole('button', { name: 'Import the case' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(/Imported from C-1 of the workspace/)).toBeVisible();
  await page.keyboard.press('5');
  await expect(page.getByText('Look at')).toBeVisible();
  await page.keyboard.press('2');
  await page
    .getByRole('button', { name: /from a bundle/ })
    .first()
    .click();
  const alert = page.getByRole('dialog', { name: 'An alert of another workspace' });
  await expect(alert).toContainText('Its log and its model are not here');
  await page.keyboard.press('Escape');

  const again = await app.saved(() => page.keyboard.press('b'));
  expect(await surprisal('bundle', 'verify', '--input', again)).toMatchObject({ title: 'Brought by hand', notes: 1 });
  await page.keyboard.press('Escape');
  await page.keyboard.press('i');
  await app.willChoose(output);
  await dialog.getByRole('button', { name: 'Choose a file' }).click();
  await expect(dialog).toContainText('The case is here already, as C-1');
  expect(complaints).toEqual([]);
});
