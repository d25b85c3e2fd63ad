/** @file A file that grows, followed from the Logs view to an alert: where the host has a dialog, from the choice of the file on. */
import { chromium, expect, type Page } from '@playwright/test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { surprisal, test } from './app.ts';
import { serve } from './served.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rogue = 'Sep 10 03:11:00 gw1 rogued[21]: beacon handshake refused by 10.20.7.21 reason timeout';

async function lab(path: string): Promise<void> {
  const options = ['--lines', '3000', '--seed', '3', '--anomaly-rate', '0', '--labels', `${path}.labels`];
  await surprisal('lab', ...options, '--output', path);
}

/** From a log that is followed, with a model in use, to the alert of a line that is written now. */
async function followToAlert(page: Page, path: string): Promise<void> {
  const live = page.getByRole('group', { name: 'Following' });
  await expect(live).toContainText('Surprisal follows growing.log');
  await expect(page.getByRole('contentinfo', { name: 'Status' })).toContainText('Follows growing.log');
  await appendFile(path, `${rogue}\n`);
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await expect(page.getByRole('tab', { name: /^Open/ })).toHaveText(/Open\s*[1-9]/);
  await expect(page.getByText(/beacon handshake refused/).first()).toBeVisible();
  // Another one waits above the list, or is let in where it is empty: the selected row stays.
  const selected = page.getByRole('row', { selected: true });
  const before = await selected.getAttribute('id');
  await appendFile(path, 'Sep 10 03:12:00 gw1 veryrogued[9]: wiped 12 disks of 10.20.7.22 code fatal\n');
  await expect(page.getByRole('button', { name: /^\d+ new/ })).toBeVisible();
  expect(await selected.getAttribute('id')).toBe(before);
  await page.keyboard.press('.');
  await expect(page.getByText(/wiped/).first()).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await page.keyboard.press('p');
  await expect(live).toContainText('Paused.');
  await page.keyboard.press('p');
  await expect(live).toContainText('Surprisal follows growing.log');
  await page.keyboard.press('Shift+P');
  await expect(live).toContainText('Not followed any more.');
}

test('a file is chosen, followed, learned from, and a line that is written then is an alert', async ({
  app,
  hostName,
}) => {
  test.skip(hostName === 'browser', 'The browser sends a copy, which does not grow.');
  const { page, directory, complaints } = app;
  const path = join(directory, 'growing.log');
  await lab(path);
  await app.willChoose(path);
  await page.keyboard.press('Control+o');
  await expect(page.getByText(/fit syslog/)).toBeVisible();
  await page.keyboard.press('f');
  await expect(page.getByRole('group', { name: 'Following' })).toContainText('up to date');
  await expect(page.getByText('3,000 lines').first()).toBeVisible();
  await page.keyboard.press('l');
  await expect(page.getByText(/Model m1 learned \d+ kinds of line/).first()).toBeVisible({ timeout: 180_000 });
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await followToAlert(page, path);
  expect(complaints).toEqual([]);
});

test('what the command line followed is started in the browser', async ({ hostName }) => {
  test.skip(hostName !== 'browser', 'The other hosts have a dialog.');
  const folder = await mkdtemp(join(tmpdir(), 'surprisal-e2e-'));
  const workspace = join(folder, 'workspace');
  const path = join(folder, 'growing.log');
  const whole = join(folder, 'whole.log');
  await lab(whole);
  await surprisal('learn', '--workspace', workspace, '--input', whole);
  await writeFile(path, (await readFile(whole, 'utf8')).split('\n').slice(0, 200).join('\n') + '\n');
  const watch = spawn(process.execPath, ['scripts/surprisal.mjs', 'watch', '--workspace', workspace, '--input', path], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  watch.stderr.on('data', (text: Buffer) => text.includes('growing.log') && watch.kill('SIGINT'));
  expect(await once(watch, 'close')).toEqual([0, null]);
  const { link, stop } = await serve(workspace);
  const executablePath = process.env['SURPRISAL_CHROMIUM'];
  const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(link.href);
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await page
      .getByRole('button', { name: /growing\.log/ })
      .first()
      .click();
    await expect(page.getByRole('group', { name: 'Following' })).toContainText('Not followed any more.');
    await page.keyboard.press('p');
    await followToAlert(page, path);
  } finally {
    await browser.close();
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
});
