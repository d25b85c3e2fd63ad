/** @file Logs dropped on the window, over every host: read where they lie or sent, and never a path in the page. */
import { expect, type Page } from '@playwright/test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from './app.ts';

const lines = Array.from({ length: 40 }, (_, index) => `Sep 10 10:00:${index + 10} gw1 sshd[${index}]: session opened`);

async function expectNoPath(page: Page, path: string): Promise<void> {
  expect((await page.content()).includes(path)).toBe(false);
}

test('dropped logs are opened, and one that is no log says so', async ({ app }) => {
  const { page, directory, complaints } = app;
  const paths = ['first.log', 'second.log'].map((name) => join(directory, name));
  for (const path of paths) await writeFile(path, `${lines.join('\n')}\n`);
  await expect(page.getByText('You can also drop it here.')).toBeVisible();
  await app.drop(...paths);
  await expect(page.getByRole('tab', { name: 'first.log' })).toBeVisible();
  await expect(page.getByText(/fit syslog/)).toBeVisible();
  await expectNoPath(page, paths[0] ?? '');
  await page.keyboard.press('Enter');
  await expect(page.getByText('40 lines of first.log read.')).toBeVisible();

  const picture = join(directory, 'picture.log');
  await writeFile(picture, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...Buffer.alloc(4000)]));
  await app.drop(picture);
  await page.getByRole('tab', { name: 'picture.log' }).click();
  await expect(page.getByText('picture.log cannot be opened')).toBeVisible();
  await expectNoPath(page, picture);
  expect(complaints).toEqual([]);
});
