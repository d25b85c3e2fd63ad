/**
 * @file Closing the built app in the stand-in right behind verdict keys. Catches a window that goes while verdicts wait in its page, and one that
 * goes without a word where they could not be saved.
 */
import { expect, test } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeStore } from '../bench/ui/madeStore.ts';
import { holdUp, standingVerdicts } from '../helpers/heldUp.ts';
import { launchIn } from './shell.ts';

test.setTimeout(120_000);

for (const way of ['close', 'quit'] as const)
  test(`${way}: verdicts on their way are saved first`, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'surprisal-closing-'));
    try {
      const workspace = join(directory, 'workspace');
      await makeStore(workspace, 50);
      const standIn = launchIn(directory);
      const page = await standIn.page();
      const raw = page.getByRole('region', { name: 'Raw line' });
      const head = page
        .locator('.detail')
        .getByText(/^A-\d+$/)
        .first();
      await expect(raw).toBeVisible();
      await page.getByRole('button', { name: /Skip the tour/ }).click();
      // The one behind it is got ready a moment after the line is shown.
      await page.waitForTimeout(1500);
      const first = (await head.textContent()) ?? '';
      const held = holdUp(workspace);
      await page.keyboard.press('1');
      await expect(head).not.toHaveText(first);
      await expect(raw).toBeVisible();
      await page.keyboard.press('5');
      await expect(page.getByText('Saving 2 verdicts')).toBeVisible();
      await standIn.ask(way, way === 'close' ? { windowId: 1 } : (undefined as never));
      await page.waitForTimeout(800);
      expect(await standIn.ask('windows', undefined)).toMatchObject([{ isVisible: true }]);
      held.release();
      expect(await standIn.exited, standIn.output).toBe(0);
      expect(standingVerdicts(workspace)).toBe(2);
    } finally {
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    }
  });

test('what could not be saved is said, and the window stays where the analyst wants it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'surprisal-closing-'));
  try {
    const workspace = join(directory, 'workspace');
    await makeStore(workspace, 50);
    const standIn = launchIn(directory);
    const page = await standIn.page();
    await expect(page.getByRole('region', { name: 'Raw line' })).toBeVisible();
    await page.getByRole('button', { name: /Skip the tour/ }).click();
    const held = holdUp(workspace);
    await page.keyboard.press('1');
    await expect(page.getByText('Saving 1 verdict')).toBeVisible();
    await standIn.ask('layOut', { button: 0 });
    await standIn.ask('close', { windowId: 1 });
    // The store gives up after five seconds.
    expect(await standIn.happened('message-box')).toMatchObject({
      text: expect.stringMatching(/^1 verdict or other change could not/),
    });
    held.release();
    await expect(page.getByText(/This verdict was not saved/)).toBeVisible();
    // A key right behind a list that moved by itself is refused.
    await page.waitForTimeout(1000);
    await page.keyboard.press('1');
    await expect(page.getByText(/^True positive\./)).toBeVisible();
    await expect(page.getByText('Verdicts saved')).toBeVisible();
    await standIn.ask('close', { windowId: 1 });
    expect(await standIn.exited, standIn.output).toBe(0);
    expect(standingVerdicts(workspace)).toBe(1);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
});
