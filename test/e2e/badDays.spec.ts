/** @file A workspace whose database is damaged, in every host: the window comes up, says what happened, and one button brings the backup back. */
import { expect, test as base } from '@playwright/test';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { surprisal } from './app.ts';
import { hosts, type HostName } from './hosts.ts';

const test = base.extend<{ hostName: HostName; directory: string }>({
  hostName: ['browser', { option: true }],
  // Playwright reads the pattern to know what a fixture needs: nothing.
  // oxlint-disable-next-line no-empty-pattern
  directory: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'surprisal-damaged-'));
    await use(directory);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  },
});

test('a damaged database is explained, with the newest backup, and going back to it opens the queue', async ({
  directory,
  hostName,
}) => {
  const workspace = join(directory, 'workspace');
  const log = join(directory, 'a.log');
  const labels = join(directory, 'labels.jsonl');
  await surprisal('lab', '--lines', '300', '--seed', '3', '--output', log, '--labels', labels);
  await surprisal('learn', '--workspace', workspace, '--input', log);
  await writeFile(join(workspace, 'surprisal.db'), 'this is no database '.repeat(500));

  const complaints: string[] = [];
  const host = await hosts[hostName]({ directory, workspace, complaints });
  const { page } = host;
  await expect(page.getByRole('heading', { name: 'The database of this workspace is damaged' })).toBeVisible();
  await expect(page.getByText(`The database ${join(workspace, 'surprisal.db')} is damaged`)).toBeVisible();
  await expect(page.getByText('1 log with 300 events, 0 alerts, 0 verdicts, 0 cases, 1 model')).toBeVisible();
  await expect(page.getByText('What was done after it was made.')).toBeVisible();
  // Keys that act on a workspace do nothing while there is none.
  await page.keyboard.press('d');
  await page.getByRole('button', { name: 'Go back to this backup' }).click();
  await expect(page.getByText('1 log · 300 events')).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('m');
  await expect(page.getByText('1 model, m1 in use')).toBeVisible();
  expect(complaints).toEqual([]);
  await host.close();
  expect((await readdir(workspace)).filter((name) => name.startsWith('damaged-'))).toHaveLength(1);
});
