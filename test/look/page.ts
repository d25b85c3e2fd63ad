/** @file A page that is looked at: its pictures, keys, waiting, and routes that answer late, with a fault, or what is laid out. */
import type { Page } from '@playwright/test';
import { join } from 'node:path';
import type { RouteName, RouteOutput } from '../../src/shared/routes.ts';

const widths = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];
const settleMs = 250;

export type Look = { page: Page; output: string };

/** One state, four pictures. */
export async function picture({ page, output }: Look, name: string): Promise<void> {
  for (const size of widths) {
    await page.setViewportSize(size);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(settleMs);
      await page.screenshot({ path: join(output, `${name}-${size.width}-${colorScheme}.png`) });
    }
  }
}

export async function keys(page: Page, ...presses: string[]): Promise<void> {
  for (const press of presses) await page.keyboard.press(press);
  await page.waitForTimeout(settleMs);
}

/** Nothing has changed in the page for a while; the network is never idle, the stream of events stays open. */
export async function idle(page: Page): Promise<void> {
  await page.waitForTimeout(3 * settleMs);
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
