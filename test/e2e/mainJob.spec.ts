/** @file The main job by keyboard: from opening a file to the report. */
import { expect } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, surprisal, test } from './app.ts';

test('open, learn, score, triage, teach, report, all by keyboard', async ({ app }) => {
  const { page, directory, complaints } = app;
  const normal = join(directory, 'normal.log');
  const watched = join(directory, 'watched.log');
  const labels = join(directory, 'labels.jsonl');
  await surprisal(
    'lab',
    '--lines',
    '6000',
    '--seed',
    '3',
    '--anomaly-rate',
    '0',
    '--output',
    normal,
    '--labels',
    labels,
  );
  await surprisal(
    'lab',
    '--lines',
    '4000',
    '--seed',
    '4',
    '--anomaly-rate',
    '0.02',
    '--output',
    watched,
    '--labels',
    labels,
  );
  const open = async (path: string): Promise<void> => {
    await app.willChoose(path);
    await page.keyboard.press('Control+o');
  };
  const go = async (key: string): Promise<void> => {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
  };

  await page.evaluate(
    `window.pointers = 0; window.addEventListener('pointerdown', () => (window.pointers += 1), { capture: true })`,
  );

  await test.step('open: the first lines and the format are on screen before the import', async () => {
    await expect(page.getByText('See what your logs have never said before')).toBeVisible();
    await open(normal);
    await expect(page.getByText(/fit syslog/)).toBeVisible();
    await expect(page.getByText(/GET \/health/).first()).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByText('6,000 lines of normal.log read.')).toBeVisible();
  });

  await test.step('learn: a model is in use and the threshold says what it means', async () => {
    await page.keyboard.press('l');
    await expect(page.getByText(/Model m1 learned \d+ kinds of line/).first()).toBeVisible({ timeout: 180_000 });
    await expect(page.getByText(/false alerts/).first()).toBeVisible();
  });

  await test.step('score: alerts are in the queue', async () => {
    await open(watched);
    await expect(page.getByText(/fit syslog/)).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByText('4,000 lines of watched.log read.')).toBeVisible();
    await page.keyboard.press('s');
    await expect(page.getByText(/\d+ alerts in 4,000 lines/).first()).toBeVisible();
  });

  const openCount = page.getByRole('tab', { name: /^Open/ });
  const decidedCount = page.getByRole('tab', { name: /^Decided/ });

  /** Whatever moves the list just now (scoring that ended, a verdict that folded what was next): a key of that moment decides nothing and says so. */
  const decide = async (key: string, count: number): Promise<void> => {
    const decided = decidedCount.filter({ hasText: new RegExp(`Decided\\s*${count}`) });
    const moved = page.getByText('Nothing was decided.');
    do {
      await page.keyboard.press('Escape');
      await expect(moved).toBeHidden();
      await page.keyboard.press(key);
      await expect(decided.or(moved).first()).toBeVisible();
    } while (!(await decided.isVisible()));
  };

  await test.step('triage: one key gives a verdict and selects the next alert', async () => {
    await go('q');
    await expect(openCount).toHaveText(/Open\s*[1-9]/);
    const number = page.getByText(/^A-\d+$/).first();
    await expect(number).toBeVisible();
    const first = await number.textContent();
    await decide('1', 1);
    await expect(number).not.toHaveText(first ?? '');
  });

  await test.step('teach: a verdict is taken back with one key', async () => {
    await decide('4', 2);
    await page.keyboard.press('z');
    await expect(decidedCount).toHaveText(/Decided\s*1/);
  });

  await test.step('report: the alert becomes a case with a note, and the case a file', async () => {
    await page.keyboard.press('Shift+E');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Something in <b>office</b> =1+1');
    await page.keyboard.press('Enter');
    await expect(page.getByText(/in C-1/).first()).toBeVisible();
    await go('c');
    await expect(page.getByRole('row', { name: /Something in/ })).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByText(/Audit chain intact/i).first()).toBeVisible();
    await page.keyboard.press('n');
    await page.keyboard.type('Seen by the night shift');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('tab', { name: /^Notes\s*1/ })).toBeVisible();
    await page.keyboard.press('Escape');
    const path = await app.saved(() => page.keyboard.press('r'));
    const html = await readFile(path, 'utf8');
    expect(html).toContain('Something in &lt;b&gt;office&lt;/b&gt; =1+1');
    expect(html).toContain('Seen by the night shift');
    expect(html).not.toMatch(/<script/i);
  });

  await test.step('learning: the cost table says what it means, and what is typed stays while others decide', async () => {
    await page.keyboard.press('Escape');
    await go('r');
    const costs = page.getByRole('region', { name: 'What a decision costs' });
    const falseAlarm = costs.getByLabel('A false alarm');
    await expect(costs).toContainText('Alert when an attack is likelier than 23 %.');
    await falseAlarm.fill('-19');
    await expect(costs).toContainText('Alert when an attack is likelier than 50 %.');
    const [row] = (await ask(page, 'alerts.list', {})).rows;
    await ask(page, 'verdicts.give', { alertId: row?.id ?? '', value: 'false_positive_logic' });
    await expect(page.getByText(/1 right, 1 wrong/)).toBeVisible();
    await expect(falseAlarm).toHaveValue('-19');
    await falseAlarm.press('Enter');
    await expect.poll(async () => (await ask(page, 'learning.settings', {})).rewards.falsePositive).toBe(-19);
  });

  // Nothing on the way was done by a mouse.
  expect(await page.evaluate('window.pointers ?? 0')).toBe(0);
  expect(complaints).toEqual([]);
});
