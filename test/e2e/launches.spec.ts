/** @file What lasts beyond a page and a launch, and what does not: the demo's queue over a reload, the link of a launch that ended. */
import { chromium, expect, type Browser } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, test } from './app.ts';
import { serve } from './served.ts';

test('the demo goes from one key to a queue, and a reload in the middle of it keeps everything', async ({ app }) => {
  const { page, complaints } = app;
  await expect(page.getByText('Try with demo data')).toBeVisible();
  await page.keyboard.press('d');
  const openCount = page.getByRole('tab', { name: /^Open/ });
  await expect(page.getByText(/\d+ alerts in [\d,]+ lines/).first()).toBeVisible({ timeout: 200_000 });
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await expect(openCount).toHaveText(/Open\s*[1-9]/);

  const number = page.getByText(/^A-\d+$/).first();
  await expect(number).toBeVisible();
  const first = (await number.textContent()) ?? '';
  await page.keyboard.press('1');
  await expect(number).not.toHaveText(first);
  await expect(page.getByRole('tab', { name: /^Decided/ })).toHaveText(/Decided\s*1/);
  // The verdict may move the threshold; what the tabs say when it has settled is what a reload must say.
  await expect(page.getByText('Verdicts saved')).toBeVisible();
  const tabs = page.getByRole('tablist').first();
  const { openAlerts } = await ask(page, 'status.get', {});
  await expect(openCount).toHaveText(new RegExp(`Open\\s*${openAlerts}`));
  const before = (await tabs.textContent()) ?? '';

  await page.reload();
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await expect(tabs).toHaveText(before);
  await expect(page.getByText(/^A-\d+$/).first()).toBeVisible();
  expect(complaints).toEqual([]);
});

test.describe('a link that is not of the running launch', () => {
  let folder: string;
  let browser: Browser;
  const expired = /link has expired/;

  test.beforeEach(async ({ hostName }) => {
    test.skip(hostName !== 'browser', 'Only the browser has a link.');
    folder = await mkdtemp(join(tmpdir(), 'surprisal-e2e-'));
    const executablePath = process.env['SURPRISAL_CHROMIUM'];
    browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] });
  });
  test.afterEach(async () => {
    await browser?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  test('says so in words: a wrong token, no token, and a page whose launch ended', async () => {
    const workspace = join(folder, 'workspace');
    const launch = await serve(workspace);
    const page = await browser.newPage();
    await page.goto(`${launch.link.origin}/?token=wrong`);
    await expect(page.getByText(expired)).toBeVisible();
    await page.goto(launch.link.origin);
    await expect(page.getByText(expired)).toBeVisible();

    await page.goto(launch.link.href);
    await expect(page.getByText('Try with demo data')).toBeVisible();
    expect(page.url()).not.toContain('token');
    await launch.stop();
    const next = await serve(workspace, Number(launch.link.port));
    await expect(page.getByText(expired)).toBeVisible();
    await page.goto(launch.link.href);
    await expect(page.getByText(expired)).toBeVisible();
    await page.goto(next.link.href);
    await expect(page.getByText('Try with demo data')).toBeVisible();
    await next.stop();
  });
});
