/** @file What axe finds in every place of the app, in every theme, over the made-up office's log. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { everyPlace, isTyped } from '../../helpers/everyPlace.ts';

const themes = ['dark', 'light', 'contrast'];

/** Each is said on stderr, with where it is. */
export async function countViolations(page: Page): Promise<number> {
  let violations = 0;
  for (const [place, keys] of everyPlace) {
    for (const key of keys) await (isTyped(key) ? page.keyboard.type(key) : page.keyboard.press(key));
    for (const theme of themes) {
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
      await page.waitForTimeout(300); // what appears does so within a moment
      const builder = new AxeBuilder({ page }).setLegacyMode(true);
      // What is named how does not depend on the theme.
      const found = await (theme === 'dark' ? builder : builder.withRules(['color-contrast'])).analyze();
      for (const { id, nodes } of found.violations) {
        violations += nodes.length;
        const where = nodes.map(({ target }) => target.join(' ')).join('; ');
        process.stderr.write(`axe: ${place}, ${theme}: ${id}: ${where}\n`);
      }
    }
  }
  return violations;
}
