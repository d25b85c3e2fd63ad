/** @file A launch of the app that is measured in Chromium: its page, and what times keys in the page itself, so that driving it costs nothing. */
import type { Browser, Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { serve } from '../../e2e/served.ts';

/**
 * In the page: presses a key as the keyboard does and waits until `done` holds and the frame that shows it was painted. Times are from the key to
 * the frame after that one, which is when it can be on screen; `ownMs`: until the page's own work on the frame that shows it was over. A message
 * sent from that frame is heard behind its layout and painting, but before it is drawn and put on screen.
 */
const inPage = `window.untilPainted = (done, what, limitMs = 30000) =>
  new Promise((resolve, reject) => {
    const start = performance.now();
    const sinceStart = () => performance.now() - start;
    const look = () => {
      if (done()) {
        const { port1, port2 } = new MessageChannel();
        const own = new Promise((heard) => (port1.onmessage = () => (port1.close(), heard(sinceStart()))));
        port2.postMessage(null);
        requestAnimationFrame(() => {
          const ms = sinceStart();
          own.then((ownMs) => resolve({ ms, ownMs }));
        });
      } else if (sinceStart() > limitMs) reject(new Error('Nothing came of ' + what));
      else requestAnimationFrame(look);
    };
    look();
  });
  window.until = (...waited) => untilPainted(...waited).then(({ ms }) => ms);
  window.timed = (key, done) => {
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    return until(done, key);
  };
  window.selectedRow = () => document.querySelector('[role=grid]')?.getAttribute('aria-activedescendant');
  window.shownAlert = () => document.querySelector('.detail [role=region]')?.getAttribute('aria-label');
  window.rawLine = () => document.querySelector(':not([hidden]) > section[aria-label="Raw line"]');
  window.rowCount = () => Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')) - 1;
  window.rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));`;

/** Until the tour stands there. */
const tourMs = 500;
/** What a start still does behind the list: the summary of the whole of it, the last backup. */
const settleMs = 2000;

export type Measured = { page: Page; launchMs: number; cpuMs: () => number };

/**
 * Serves the workspace, opens it in a page of its own, and ends both. `launchMs`: from the start of the process to the first selected row painted.
 * `firstKey`: what fills an empty workspace.
 */
export async function inApp<T>(
  browser: Browser,
  workspace: string,
  work: (measured: Measured) => Promise<T>,
  firstKey?: string,
): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(inPage);
  const started = performance.now();
  const served = await serve(workspace);
  try {
    await page.goto(served.link.href);
    if (firstKey !== undefined) {
      await page.getByText('See what your logs have never said before').waitFor();
      await page.keyboard.press(firstKey);
    }
    await page.evaluate(`until(() => document.querySelector('[role=row][aria-selected=true]'), 'the start', 120000)`);
    const launchMs = performance.now() - started;
    // The tour of the first start opens with the first line, and would be drawn again with each.
    await page.evaluate(`until(() => rawLine(), 'the first line', 60000)`);
    await page.waitForTimeout(tourMs);
    await page.keyboard.press('Escape');
    await page.getByRole('grid', { name: 'Alerts' }).focus();
    await page.waitForTimeout(settleMs);
    return await work({ page, launchMs, cpuMs: () => processorMs(served.pid) });
  } finally {
    await context.close();
    await served.stop();
  }
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** Processor time that a process has used, which other work on the machine does not stretch. NaN where the system does not say. */
export function processorMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10; // user and system, in hundredths of a second
  } catch {
    return NaN;
  }
}
