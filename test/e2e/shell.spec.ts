/** @file The shell: keys that were changed, themes, text size, the tour, entities and overview by keyboard, and axe over every view in every theme. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, type Page } from '@playwright/test';
import { everyPlace, isTyped } from '../helpers/everyPlace.ts';
import { ask, test, type RunningApp } from './app.ts';

const scored = async ({ page }: RunningApp): Promise<void> => {
  await expect(page.getByText('See what your logs have never said before')).toBeVisible();
  await page.keyboard.press('d');
  await expect(page.getByRole('tab', { name: /^Open/ })).toHaveText(/Open\s*[1-9]/, { timeout: 180_000 });
  // The demo's last words come when its last part is done.
  await expect.poll(async () => (await ask(page, 'jobs.list', {})).every(({ state }) => state === 'done')).toBe(true);
  await expect(page.getByRole('region', { name: 'Raw line' })).toBeVisible();
};
const go = async (page: Page, key: string): Promise<void> => {
  await page.keyboard.press('g');
  await page.keyboard.press(key);
};

const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluate((element: { matches(selector: string): boolean }) => element.matches(':focus'));

/** Rules that fail, of those named or of all, with what they fail on. Without a page of its own to work in, which not every host lets it open. */
async function violations(page: Page, rules: readonly string[]): Promise<string[]> {
  const builder = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations } = await (rules.length > 0 ? builder.withRules([...rules]) : builder).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

test('the tour, keys of one’s own, entities, overview and what all logs said, by keyboard', async ({ app }) => {
  const { page, complaints } = app;
  await scored(app);

  await test.step('the tour takes no key but Esc, and does not come again', async () => {
    const tour = page.getByRole('region', { name: /^Tour/ });
    await expect(tour).toContainText('Read the line');
    await page.keyboard.press('j');
    await expect(tour).toBeVisible();
    await tour.getByRole('button', { name: 'Next' }).click();
    await expect(tour).toContainText('Decide with one key');
    await tour.getByRole('button', { name: 'Next' }).click();
    await tour.getByRole('button', { name: 'Done' }).click();
    await expect(tour).toBeHidden();
    await page.reload();
    await expect(page.getByRole('region', { name: 'Raw line' })).toBeVisible();
    await expect(tour).toBeHidden();
  });

  await test.step('a key is changed, what it did before is named, buttons and sheet show it, and it works after a reload', async () => {
    await page.keyboard.press('Control+,');
    await page.getByRole('textbox', { name: 'Find a command or a key' }).fill('copy');
    await page.getByRole('button', { name: /^New key for Copy the line/ }).press('Enter');
    await page.keyboard.press('n');
    await expect(page.getByRole('alert').filter({ hasText: 'Note with the verdict' })).toBeVisible();
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Find a command or a key' }).fill('undetermined');
    await page.getByRole('button', { name: /^New key for Undetermined/ }).press('Enter');
    await page.keyboard.press('9');
    await page.reload();
    await expect(page.getByRole('button', { name: /^Unclear/ })).toHaveAttribute('aria-keyshortcuts', '9');
    // Before the list came there is nothing that a key could be meant for.
    await expect(page.getByRole('region', { name: 'Raw line' })).toBeVisible();
    const decided = page.getByRole('tab', { name: /^Decided/ });
    // A key right after the list came was meant for another alert: it decides nothing, and says so.
    const moved = page.getByText('Nothing was decided.');
    const one = decided.filter({ hasText: /Decided\s*1/ });
    do {
      await page.keyboard.press('Escape');
      await expect(moved).toBeHidden();
      await page.keyboard.press('9');
      await expect(one.or(moved).first()).toBeVisible();
    } while (!(await one.isVisible()));
    await page.keyboard.press('Backspace');
    await page.keyboard.press('?');
    await page.keyboard.type('undetermined');
    await expect(page.getByRole('dialog').getByText('9', { exact: true })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    await page.keyboard.press('z');
    await expect(decided).toHaveText(/Decided\s*0/);
    // Until then the alert that comes back is not the one in view.
    await expect(page.getByText(/taken back/).first()).toBeVisible();
  });

  await test.step('a verdict while typing a note', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('note with');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Note with the verdict' }).fill('as planned');
    await page.keyboard.press('Alt+2');
    await expect(page.getByRole('tab', { name: /^Decided/ })).toHaveText(/Decided\s*[1-9]/);
  });

  await test.step('the filter keeps letters, and lets go of what works while typing', async () => {
    const decided = page.getByRole('tab', { name: /^Decided/ });
    const before = await decided.textContent();
    await page.keyboard.press('/');
    // A key struck while the list moves by itself is refused, and says so: then it is struck again.
    await expect(async () => {
      await page.keyboard.press('Alt+5');
      await expect(decided).not.toHaveText(before ?? '', { timeout: 3000 });
    }).toPass();
    await page.keyboard.press('Escape');
  });

  await test.step('F6 goes round the window, Space scrolls what is read', async () => {
    const region = page.getByRole('region', { name: /^A-\d+/ });
    for (let index = 0; index < 7 && !(await isFocused(region)); index++) {
      await page.keyboard.press('F6');
    }
    await expect(region).toBeFocused();
    await page.keyboard.press('Space');
    await expect.poll(() => region.evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
  });

  await test.step('what all logs said around the line, more and fewer', async () => {
    const around = page.getByRole('region', { name: 'Around the line' });
    await page.keyboard.press('Shift+C');
    await expect(around.getByRole('radio', { name: 'All logs' })).toBeChecked();
    await page.keyboard.press('c');
    await page.keyboard.press('-');
    await page.keyboard.press('Shift+C');
    await expect(around).toContainText(/\d+ before, \d+ after/);
  });

  await test.step('a value of the line is picked by the mouse, one of the session by its button, any of them by a key', async () => {
    const menu = page.getByRole('menu');
    const filter = page.getByRole('combobox', { name: /filter/i });
    const values = page.getByRole('group', { name: 'The line, part by part' }).locator('.value');
    for (let alert = 0; alert < 10 && (await values.count()) === 0; alert++) await page.keyboard.press('j');
    await values.last().click();
    await expect(menu).toBeVisible();
    await page.keyboard.press('i');
    await expect(menu).toBeHidden();
    await expect(filter).not.toHaveValue('');
    // What was picked stands in the line of each that is left.
    await expect(page.getByRole('region', { name: 'Raw line' })).toBeVisible();
    await page.keyboard.press('/');
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Session' }).getByRole('button', { name: /\S/ }).first().press('Enter');
    await expect(menu).toContainText('Group by kind of line');
    await page.keyboard.press('Escape');
    await page.keyboard.press('f');
    await expect(menu).toContainText('In the line');
    await expect(menu).toContainText('In the session');
    await page.keyboard.press('Escape');
  });

  await test.step('the alert beside the list is hidden, and shown again', async () => {
    const raw = page.getByRole('region', { name: 'Raw line' });
    await page.keyboard.press('p');
    await expect(raw).toBeHidden();
    await page.keyboard.press('p');
    await expect(raw).toBeVisible();
  });

  await test.step('the page of an entity, and back', async () => {
    await go(page, 'e');
    // The first column holds the entities; the alert in view may be about a whole log.
    await page.locator('td:first-child .link').first().press('Enter');
    await expect(page.getByText('First seen')).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Newest lines' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('heading', { name: 'Entities' })).toBeVisible();
    await page.keyboard.press('/');
    await page.keyboard.type('"; <b>nobody');
    await page.keyboard.press('Enter');
    await expect(page.getByText('No line of any log has it.')).toBeVisible();
  });

  await test.step('the overview, its plots as tables', async () => {
    await go(page, 'o');
    await page.getByRole('button', { name: 'Alerts a day as a table' }).press('Enter');
    await expect(page.getByRole('region', { name: 'Alerts a day, table' })).toBeVisible();
  });

  await test.step('the zone is one switch, and 200 % text leaves the icons of the rail', async () => {
    await page.keyboard.press('Control+,');
    await page.getByRole('radio', { name: '200 %' }).click();
    await expect(page.getByRole('navigation').getByText('Queue')).toHaveCSS('position', 'absolute');
    await go(page, 'q');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('region', { name: 'Raw line' })).toBeInViewport();
  });
  expect(complaints).toEqual([]);
});

test('axe finds nothing in any view and theme', async ({ app }) => {
  test.setTimeout(600_000);
  const { page } = app;
  await scored(app);
  const found: string[] = [];
  for (const [name, keys] of everyPlace) {
    for (const key of keys) await (isTyped(key) ? page.keyboard.type(key) : page.keyboard.press(key));
    for (const theme of ['dark', 'light', 'contrast']) {
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
      // What appears does so within a moment.
      await page.waitForTimeout(300);
      // What is named how does not depend on the theme.
      const rules = theme === 'dark' ? [] : ['color-contrast'];
      found.push(...(await violations(page, rules)).map((violation) => `${name}, ${theme}: ${violation}`));
    }
  }
  expect(found).toEqual([]);
});
