/** @file Leaving the page right behind verdict keys. Catches a page that goes without a word while verdicts wait in it, and one that asks for nothing. */
import { chromium, expect } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeStore } from '../bench/ui/madeStore.ts';
import { holdUp, standingVerdicts } from '../helpers/heldUp.ts';
import { test } from './app.ts';
import { serve } from './served.ts';

test('the browser asks before it leaves verdicts behind, and only then', async ({ hostName }) => {
  test.skip(hostName !== 'browser', 'The shell waits by itself: test/standin/closing.spec.ts.');
  const folder = await mkdtemp(join(tmpdir(), 'surprisal-e2e-'));
  const executablePath = process.env['SURPRISAL_CHROMIUM'];
  const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] });
  try {
    const workspace = join(folder, 'workspace');
    await makeStore(workspace, 50);
    const served = await serve(workspace);
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await page.goto(served.link.href);
    await expect(page.getByRole('region', { name: 'Raw line' })).toBeVisible();
    await page.getByRole('button', { name: /Skip the tour/ }).click();
    const held = holdUp(workspace);
    await page.keyboard.press('1');
    await expect(page.getByText('Saving 1 verdict')).toBeVisible();
    await page.close({ runBeforeUnload: true });
    await expect.poll(() => asked).toEqual(['beforeunload']);
    held.release();
    await expect(page.getByText('Verdicts saved')).toBeVisible();
    expect(standingVerdicts(workspace)).toBe(1);
    await Promise.all([page.waitForEvent('close'), page.close({ runBeforeUnload: true })]);
    expect(asked).toEqual(['beforeunload']);
    await served.stop();
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});
