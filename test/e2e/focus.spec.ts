/** @file Where the caret is, and what is typed: after the palette, after a note, while the app goes on beneath. Catches focus that is lost or taken, and text that is. */
import { expect } from '@playwright/test';
import { ask, test } from './app.ts';

test('a command that begins writing keeps the caret, a note gives it back, and what is typed stays while alerts change', async ({
  app,
}) => {
  const { page, complaints } = app;
  await expect(page.getByText('See what your logs have never said before')).toBeVisible();
  await page.keyboard.press('d');
  await expect(page.getByRole('tab', { name: /^Open/ })).toHaveText(/Open\s*[1-9]/, { timeout: 180_000 });
  await expect.poll(async () => (await ask(page, 'jobs.list', {})).every(({ state }) => state === 'done')).toBe(true);
  await expect(page.getByRole('region', { name: 'Raw line' })).toBeVisible();
  await page.keyboard.press('Escape');
  const list = page.getByRole('grid', { name: 'Alerts' });
  const palette = async (text: string): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toBeHidden();
  };

  await test.step('the filter has the caret that the palette gave it', async () => {
    await list.focus();
    await palette('filter or search');
    await expect(page.getByRole('combobox', { name: 'Filter alerts' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(list).toBeFocused();
  });

  await test.step('so has a note; what had the focus before has it again', async () => {
    await palette('note with');
    const note = page.getByRole('textbox', { name: 'Note with the verdict' });
    await expect(note).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(note).toBeHidden();
    await list.focus();
    await page.keyboard.press('n');
    await expect(note).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(list).toBeFocused();
  });

  await test.step('a cost that is being typed stays while alerts are decided', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    const cost = page.getByRole('spinbutton', { name: 'A false alarm' });
    await cost.fill('-7.5');
    const { rows } = await ask(page, 'alerts.list', { tab: 'open', filter: '', zone: 'UTC', asOf: null, limit: 1 });
    const decided = page.locator('dt', { hasText: /^Decided$/ }).locator('xpath=following-sibling::dd[1]');
    const before = (await decided.textContent()) ?? '';
    await ask(page, 'verdicts.give', { alertId: rows[0]?.id ?? '', value: 'true_positive', note: '', isWide: false });
    await expect(decided).not.toHaveText(before);
    // Costs are read again with the figures.
    await page.waitForTimeout(1000);
    await expect(cost).toHaveValue('-7.5');
    await expect(cost).toBeFocused();
  });
  expect(complaints).toEqual([]);
});
