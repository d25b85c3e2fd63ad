/** @file The Learning view: what the cost table means is said, what is typed into it stays while alerts change, and what is applied is kept. */
import { expect } from '@playwright/test';
import { ask, test } from './app.ts';

test('the cost table says what it means, keeps what is typed, and is kept', async ({ app }) => {
  const { page, complaints } = app;
  await expect(page.getByText('See what your logs have never said before')).toBeVisible();
  await ask(page, 'demo.start', {});
  await expect
    .poll(async () => (await ask(page, 'alerts.list', {})).rows.length, { timeout: 180_000 })
    .toBeGreaterThan(0);
  await expect.poll(async () => (await ask(page, 'jobs.list', {})).every(({ state }) => state === 'done')).toBe(true);
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  const costs = page.getByRole('region', { name: 'What a decision costs' });
  await expect(costs).toContainText('Alert when an attack is likelier than 23 %.');
  await costs.getByLabel('A false alarm').fill('-19');
  await expect(costs).toContainText('Alert when an attack is likelier than 50 %.');
  // Somebody decides meanwhile, and the figures come again.
  const [row] = (await ask(page, 'alerts.list', {})).rows;
  await ask(page, 'verdicts.give', { alertId: row?.id ?? '', value: 'false_positive_logic' });
  await expect(page.getByText(/0 right, 1 wrong/)).toBeVisible();
  await expect(costs.getByLabel('A false alarm')).toHaveValue('-19');
  await costs.getByRole('button', { name: 'Apply' }).click();
  await expect.poll(async () => (await ask(page, 'learning.settings', {})).rewards.falsePositive).toBe(-19);
  await page.reload();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await expect(costs.getByLabel('A false alarm')).toHaveValue('-19');
  await expect(costs).toContainText('Alert when an attack is likelier than 50 %.');
  expect(complaints).toEqual([]);
});
