/**
 * @file `bench ui [100000|1000000...]`: the workstation in Chromium over the built app, on made workspaces of 100,000 and a million alerts. Needs
 * `npm run build` and a Chromium. Times are from the key to the frame that shows what it did.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Page } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../e2e/served.ts';
import type { Figures } from './main.ts';
import { makeStore } from './madeStore.ts';

const small = 100_000;
const large = 1_000_000;
const verdicts = 200;
const looks = 60;
const filters = ['host:host-07', 'severity>=high', '"failed password" user:user42', 'last:7d -template:t4', 'user77'];

/** Runs in the page: presses a key as the keyboard does, and waits for the frame in which `done` holds. */
const timing = `window.timed = (key, done, { target = document.body, ctrl = false, limitMs = 60000 } = {}) =>
  new Promise((resolve, reject) => {
    const start = performance.now();
    const look = () => {
      if (done()) requestAnimationFrame(() => resolve(performance.now() - start));
      else if (performance.now() - start > limitMs) reject(new Error('Nothing came of ' + key));
      else requestAnimationFrame(look);
    };
    if (key) target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ctrlKey: ctrl }));
    look();
  });
  window.active = () => document.querySelector('[role=grid]')?.getAttribute('aria-activedescendant');
  window.alertInView = () => document.querySelector('[role=row].selected')?.id.slice(6);`;

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

async function launch(page: Page, link: URL): Promise<void> {
  await page.addInitScript(timing);
  await page.goto(link.href);
  await page.locator('[role=row][aria-selected=true]').first().waitFor();
}

async function measureVerdicts(page: Page): Promise<number[]> {
  return page.evaluate<number[]>(`(async () => {
    const times = [];
    for (let index = 0; index < ${verdicts}; index++) {
      const before = active();
      times.push(await timed(String(index % 5 + 1), () => active() !== before));
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    return times;
  })()`);
}

/** Until the raw line of the newly selected alert stands there. */
async function measureWhy(page: Page): Promise<number[]> {
  return page.evaluate<number[]>(`(async () => {
    const times = [];
    for (let index = 0; index < ${looks}; index++) {
      const before = document.querySelector('section[aria-label="Raw line"]');
      const region = () => document.querySelector('.detail [role=region]')?.getAttribute('aria-label');
      const was = region();
      times.push(await timed('j', () => region() !== was && document.querySelector('section[aria-label="Raw line"]')));
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
    return times;
  })()`);
}

async function measureFilters(page: Page): Promise<number[]> {
  const times: number[] = [];
  for (const filter of [...filters, '']) {
    await page.keyboard.press('/');
    await page.keyboard.insertText(filter);
    if (filter === '') await page.keyboard.press('Delete');
    times.push(
      await page.evaluate<number>(`(() => {
        const count = () => document.querySelector('.amount').textContent;
        const grid = () => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount');
        const before = grid();
        return timed('Enter', () => grid() !== before, { target: document.activeElement });
      })()`),
    );
    await page.waitForTimeout(400);
  }
  return times;
}

async function measureMany(page: Page): Promise<{ bulk: number; undo: number }> {
  await page.keyboard.press('Control+a');
  const says = (text: string): string => `() => document.querySelector('.notices')?.textContent.includes('${text}')`;
  const bulk = await page.evaluate<number>(`timed('3', ${says('alerts.')})`);
  await page.waitForTimeout(1000);
  const undo = await page.evaluate<number>(`timed('z', ${says('taken back')})`);
  return { bulk, undo };
}

/** The longest task while the list is scrolled by wheel, by thumb and to its end. */
async function measureScrolling(page: Page): Promise<{ longest: number; isLast: boolean }> {
  await page.evaluate(`window.longest = 0; new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
  }).observe({ type: 'longtask', buffered: false })`);
  const grid = page.getByRole('grid', { name: 'Alerts' });
  const box = await grid.boundingBox();
  if (box) await page.mouse.move(box.x + 200, box.y + 200);
  for (let turn = 0; turn < 60; turn++) {
    await page.mouse.wheel(0, 700);
    await page.waitForTimeout(30);
  }
  for (const share of [0.2, 0.5, 0.8]) {
    await grid.evaluate((element, part) => (element.scrollTop = element.scrollHeight * part), share);
    await page.waitForTimeout(400);
  }
  await page.keyboard.press('End');
  await page.waitForTimeout(1500);
  const isLast = await page.evaluate<boolean>(`(() => {
    const grid = document.querySelector('[role=grid]');
    return document.querySelector('[role=row].selected')?.getAttribute('aria-rowindex') === grid.getAttribute('aria-rowcount');
  })()`);
  return { longest: await page.evaluate<number>('window.longest'), isLast };
}

async function countViolations(page: Page): Promise<number> {
  let violations = 0;
  const look = async (where: string): Promise<void> => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.waitForTimeout(200);
      const found = (await new AxeBuilder({ page }).analyze()).violations;
      for (const { id, nodes } of found)
        process.stderr.write(
          `axe, ${where}, ${colorScheme}: ${id}: ${nodes.map(({ target }) => target.join(' ')).join('; ')}\n`,
        );
      violations += found.length;
    }
  };
  await look('queue');
  await page.keyboard.press('Shift+G');
  await page.waitForTimeout(2500);
  await look('groups');
  for (let more = 0; more < 5; more++) await page.keyboard.press('Shift+G');
  await page.waitForTimeout(2500);
  for (const [key, where] of [
    ['m', 'mute'],
    ['Shift+A', 'assign'],
    ['v', 'views'],
    ['f', 'pick a value'],
  ] as const) {
    await page.keyboard.press(key);
    await page.waitForTimeout(300);
    await look(where);
    await page.keyboard.press('Escape');
    await page.waitForTimeout(150);
  }
  await page.keyboard.press('/');
  await page.keyboard.type('severity:hihg ho');
  await look('filter with an error');
  return violations;
}

export async function benchUi(sizes: string[]): Promise<Figures> {
  const wanted = sizes.length > 0 ? sizes.map(Number) : [small, large];
  const scratch = await mkdtemp(join(tmpdir(), 'surprisal-bench-ui-'));
  const executablePath = process.env['SURPRISAL_CHROMIUM'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const figures: Figures = {};
  try {
    for (const size of wanted) {
      const workspace = join(scratch, String(size));
      await makeStore(workspace, size);
      const started = performance.now();
      const served = await serve(workspace);
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      await launch(page, served.link);
      const launchMs = performance.now() - started;
      await page.waitForTimeout(2000);
      if (size === small) {
        figures['launch_ms'] = launchMs;
        figures['long_event_ms'] = await page.evaluate<number>(
          `timed('Enter', () => document.querySelector('section[aria-label="Raw line"]'))`,
        );
        await page.keyboard.press('Escape');
        figures['why_p95_ms'] = percentile(await measureWhy(page), 0.95);
        await page.keyboard.press('Home');
        figures['filter_p95_ms'] = percentile(await measureFilters(page), 0.95);
        figures['axe_violations'] = await countViolations(page);
        await page.reload();
        await page.waitForTimeout(2000);
        await page.evaluate(`localStorage.clear()`);
        await page.reload();
        await page.waitForTimeout(2000);
        const many = await measureMany(page);
        figures['bulk_100k_ms'] = many.bulk;
        figures['undo_100k_ms'] = many.undo;
        await page.waitForTimeout(1000);
        figures['verdict_p95_ms'] = percentile(await measureVerdicts(page), 0.95);
      } else {
        figures['launch_large_ms'] = launchMs;
        await page.waitForTimeout(5000);
        const { longest, isLast } = await measureScrolling(page);
        figures['longest_task_ms'] = longest;
        figures['last_row_reached'] = isLast ? 1 : 0;
      }
      await context.close();
      await served.stop();
    }
  } finally {
    await browser.close();
    await rm(scratch, { recursive: true, force: true });
  }
  return figures;
}
