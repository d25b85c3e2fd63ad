/** @file Logs dropped on the window, over every host: read where they lie or sent, and never a path in the page. */
import { expect } from '@playwright/test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from './app.ts';

const lines = Array.from({ length: 40 }, (_, index) => `Sep 10 10:00:${index + 10} gw1 sshd[${index}]: session opened`);

test('dropped logs are opened, a folder and what is no log say why not', async ({ app }) => {
  const { page, directory, complaints } = app;
  const paths = ['first.log', 'second.log'].map((name) => join(directory, name));
  for (const path of paths) await writeFile(path, `${lines.join('\n')}\n`);
  await expect(page.getByText('You can also drop it here.')).toBeVisible();
  await app.drop(...paths);
  await expect(page.getByRole('tab', { name: 'first.log' })).toBeVisible();
  await expect(page.getByText(/fit syslog/)).toBeVisible();
  expect(await page.content()).not.toContain(directory);
  await page.keyboard.press('Enter');
  await expect(page.getByText('40 lines of first.log read.')).toBeVisible();

  await writeFile(join(directory, 'nothing.log'), '');
  await app.drop(join(directory, 'nothing.log'));
  await page.getByRole('tab', { name: 'nothing.log' }).click();
  await expect(page.getByText('nothing.log cannot be opened')).toBeVisible();
  expect(await page.content()).not.toContain(directory);
  expect(complaints).toEqual([]);
});
