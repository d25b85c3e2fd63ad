/** @file Training in the app by keyboard: started, paused beside other work, gone on with, compared with the model in use, deleted. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { join } from 'node:path';
import { ask, surprisal, test } from './app.ts';

/** What a screen reader or a keyboard could not use. */
async function expectAccessible(page: Page): Promise<void> {
  // Without a page of its own to work in, which not every host lets it open.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

test('a model is trained beside other work, compared and deleted, all by keyboard', async ({ app }) => {
  const { page, directory, complaints } = app;
  const quiet = join(directory, 'quiet.log');
  const labels = join(directory, 'labels.jsonl');
  const office = ['--seed', '3', '--anomaly-rate', '0', '--labels', labels];
  await surprisal('lab', '--lines', '6000', ...office, '--output', quiet);
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const training = page.getByRole('article', { name: 'Training on quiet.log' });

  await test.step('a model is in use', async () => {
    await expect(page.getByText('See what your logs have never said before')).toBeVisible();
    await app.willChoose(quiet);
    await press('Control+o');
    await expect(page.getByText(/fit syslog/)).toBeVisible();
    await press('Enter');
    await expect(page.getByText('6,000 lines of quiet.log read.')).toBeVisible();
    await press('l');
    await expect(page.getByText(/Model m1 learned \d+ kinds of line/).first()).toBeVisible({ timeout: 180_000 });
  });

  await test.step('asked for: the small model, from the log that was not scored yet', async () => {
    await press('Shift+T');
    const dialog = page.getByRole('dialog', { name: 'Train a model' });
    await expect(dialog.getByText('m1 stays in use until you say otherwise')).toBeVisible();
    await expect(dialog.getByRole('radio', { name: /^Event kinds, small/ })).toBeFocused();
    await expect(dialog.getByRole('checkbox', { name: 'quiet.log' })).toBeChecked();
    await expect(dialog.getByText(/^About .* for at most 20 epochs, .* tried just now on the/)).toBeVisible();
    await expectAccessible(page);
    await press('Enter');
    await expect(dialog).toBeHidden();
  });

  await test.step('paused by a key, and no step further', async () => {
    await expect(training.getByRole('button', { name: /^Pause/ })).toBeVisible({ timeout: 60_000 });
    await press('p');
    await expect(training.getByRole('button', { name: /^Resume/ })).toBeEnabled();
    await expect(training.getByText(/^Paused: training, epoch \d+ of at most 20/)).toBeVisible();
    await expect(page.getByRole('contentinfo', { name: 'Status' }).getByText(/quiet\.log: paused/)).toBeVisible();
    await expectAccessible(page);
  });

  await test.step('other work goes on beside it', async () => {
    const [before] = (await ask(page, 'jobs.list', {})).filter(({ kind }) => kind === 'train');
    await press('g', 'l', 's');
    await expect(page.getByText(/alerts? in 6,000 lines/).first()).toBeVisible({ timeout: 60_000 });
    const [after] = (await ask(page, 'jobs.list', {})).filter(({ kind }) => kind === 'train');
    expect(after?.isPaused).toBe(true);
    expect(after?.training).toEqual(before?.training);
  });

  await test.step('gone on with to its end; the model in use is still the first', async () => {
    await press('g', 'm', 'p');
    await expect(page.getByText(/Model m2 learned \d+ kinds of line/).first()).toBeVisible({ timeout: 180_000 });
    await expect(page.getByText('2 models, m1 in use')).toBeVisible();
  });

  await test.step('compared with the one in use', async () => {
    await press('k');
    await expect(page.getByRole('heading', { name: 'm2', exact: true })).toBeVisible();
    await press('c');
    await expect(page.getByRole('heading', { name: 'm1 and m2', exact: true })).toBeVisible();
    await expect(page.getByText(/m2 .* on validation/)).toBeVisible();
    await expect(page.getByRole('table', { name: 'Validation of m2 in bits per event' })).toBeAttached();
    await expectAccessible(page);
  });

  await test.step('deleted; the one in use is not', async () => {
    await press('Escape', 'Delete');
    const dialog = page.getByRole('dialog', { name: 'Delete this model' });
    await expect(dialog.getByText(/^Goes: \d+ files/)).toBeVisible();
    await expectAccessible(page);
    await press('Tab', 'Enter');
    await expect(page.getByText('1 model, m1 in use')).toBeVisible();
    await expect(page.getByText(/m1 is in use\. Put another model in use/)).toBeVisible();
    await press('Delete');
    await expect(dialog).toBeHidden();
  });

  expect(complaints).toEqual([]);
});
