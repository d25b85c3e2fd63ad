/** @file A page that is looked at: its pictures, keys, waiting, and routes that answer late, with a fault, or what is laid out. */
import type { Page } from '@playwright/test';
import { join } from 'node:path';
import type { RouteName, RouteOutput } from '../../src/shared/routes.ts';

const widths = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];
const settleMs = 250;

/** `only`: pictures of states whose name it fits. */
export type Look = { page: Page; output: string; only: RegExp };

const themes = [
  { name: 'dark', media: { colorScheme: 'dark', contrast: 'no-preference' } },
  { name: 'light', media: { colorScheme: 'light', contrast: 'no-preference' } },
  { name: 'contrast', media: { colorScheme: 'dark', contrast: 'more' } },
] as const;

async function setFontSize(page: Page, percent: number): Promise<void> {
  await page.evaluate(
    `document.documentElement.style.setProperty('--font-size', '${percent}'); window.dispatchEvent(new Event('resize'))`,
  );
  await page.waitForTimeout(settleMs);
}

/** One state, eight pictures: each theme narrow and wide, and narrow at twice the size of the text, dark and light. */
export async function picture({ page, output, only }: Look, name: string): Promise<void> {
  if (!only.test(name)) return;
  for (const size of widths) {
    await page.setViewportSize(size);
    for (const theme of themes) {
      await page.emulateMedia(theme.media);
      await page.waitForTimeout(settleMs);
      await page.screenshot({ path: join(output, `${name}-${size.width}-${theme.name}.png`) });
    }
  }
  const [narrow] = widths;
  if (narrow) await page.setViewportSize(narrow);
  for (const theme of [themes[1], themes[0]]) {
    await page.emulateMedia(theme.media);
    // The theme sets the size again when it changes.
    await page.waitForTimeout(settleMs);
    await setFontSize(page, 200);
    await page.screenshot({ path: join(output, `${name}-200pct-${theme.name}.png`) });
  }
  await setFontSize(page, 100);
}

export async function keys(page: Page, ...presses: string[]): Promise<void> {
  for (const press of presses) await page.keyboard.press(press);
  await page.waitForTimeout(settleMs);
}

/** Nothing is awaited any more, and for a while; the network is never idle, the stream of events stays open. */
export async function idle(page: Page): Promise<void> {
  await page.waitForTimeout(2 * settleMs);
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached', timeout: 10_000 });
  await page.waitForTimeout(settleMs);
}

/** Routes that answer late or with a fault, until the returned function is called. */
export async function troubled(
  page: Page,
  routes: readonly string[],
  how: 'late' | 'fault',
): Promise<() => Promise<void>> {
  await page.route('**/rpc', async (route) => {
    const { route: name } = route.request().postDataJSON() as { route: string };
    if (!routes.includes(name)) return route.continue();
    if (how === 'late') return undefined;
    const error = { code: 'STORE_FULL', message: 'The disk of the workspace is full. Free some space and try again.' };
    return route.fulfill({ json: { ok: false, error } });
  });
  return () => page.unrouteAll({ behavior: 'ignoreErrors' });
}

export type LaidOut = { [R in RouteName]?: RouteOutput<R> };

/** Routes that answer what is laid out instead of what the app knows, until the returned function is called. */
export async function laidOut(page: Page, answers: LaidOut): Promise<() => Promise<void>> {
  await page.route('**/rpc', async (route) => {
    const { route: name } = route.request().postDataJSON() as { route: RouteName };
    if (!(name in answers)) return route.continue();
    return route.fulfill({ json: { ok: true, data: answers[name] } });
  });
  return () => page.unrouteAll({ behavior: 'ignoreErrors' });
}
