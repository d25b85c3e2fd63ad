/** @file What is measured of the workstation: each takes a page that is open on the queue, and gives figures by name. */
import type { Page } from '@playwright/test';
import type { Figures } from '../main.ts';
import { percentile, type Measured } from './page.ts';
import { countVerdictRequests } from './verdictRequests.ts';

const looks = 60;
/** Each with how many of 100,000 made alerts it finds. */
const filters: [filter: string, found: number][] = [
  ['host:host-07', 2000],
  ['severity>=high', 5000],
  ['"failed password" user:user42', 334],
  ['-template:t4', 99_750],
  ['user77', 334],
  ['', 100_000],
];
/** 3,000 in 5 minutes are ten a second. */
const verdicts = 3000;
const verdictEveryMs = 90;
/** A key of which nothing came for so long was refused, and its notice overwritten. */
const unheardMs = 5000;
/** Waits for the host to have confirmed the last of them. */
const confirmMs = 10_000;

/** From one alert to the next: until its raw line stands there. */
export async function measureWhy(page: Page): Promise<Figures> {
  const times = await page.evaluate<number[]>(`(async () => {
    const times = [];
    for (let index = 0; index < ${looks}; index++) {
      const before = shownAlert();
      const key = Math.floor(index / ${looks / 4}) % 2 === 0 ? 'j' : 'k';
      times.push(await timed(key, () => shownAlert() !== before && rawLine()));
      await rest(80);
    }
    return times;
  })()`);
  return { why_p95_ms: percentile(times, 0.95) };
}

/** The first alert's event is 1 MB long: another is looked at, then the first again. */
export async function measureLongEvent(page: Page): Promise<Figures> {
  const time = await page.evaluate<number>(`(async () => {
    const first = shownAlert();
    await timed('j', () => shownAlert() !== first && rawLine());
    await rest(1000);
    return timed('k', () => shownAlert() === first && rawLine());
  })()`);
  return { long_event_ms: time };
}

/** From Enter in the filter, struck before what was typed filters by itself, to the list and its whole count. */
export async function measureFilters(page: Page): Promise<Figures> {
  const times: number[] = [];
  for (const [filter, found] of filters) {
    times.push(
      await page.evaluate<number>(`(() => {
        const field = document.querySelector('[role=combobox]');
        field.focus();
        field.value = ${JSON.stringify(filter)};
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        const start = performance.now();
        field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
        return until(() => rowCount() === ${found}, ${JSON.stringify(`Enter on the filter ${filter}`)}).then(() => performance.now() - start);
      })()`),
    );
    await page.waitForTimeout(1000);
  }
  return { filter_p95_ms: percentile(times, 0.95) };
}

/** All that match: one verdict, its undo; each until the notice says that it is done and the list is there. */
export async function measureMany({ page, cpuMs }: Measured): Promise<Figures> {
  await page.evaluate(`until(() => rowCount() === 100000, 'the whole list')`);
  const says = (text: string): string => `() => document.querySelector('.notices')?.textContent.includes('${text}')`;
  await page.keyboard.press('Control+a');
  await page.waitForTimeout(300);
  const start = cpuMs();
  const bulk = await page.evaluate<number>(`timed('3', ${says('100,000 alerts')})`);
  const bulkCpu = cpuMs() - start;
  await page.waitForTimeout(3000);
  const between = cpuMs();
  const undo = await page.evaluate<number>(`timed('z', ${says('taken back')})`);
  const undoCpu = cpuMs() - between;
  return { bulk_100k_ms: bulk, undo_100k_ms: undo, bulk_100k_cpu_ms: bulkCpu, undo_100k_cpu_ms: undoCpu };
}

/** Until the next row is selected and painted; the page's own work on that; until its line stands beside it, too. */
type Struck = { times: number[]; own: number[]; lines: number[]; struck: number; sent: number };

/**
 * Verdicts by one key each, one after the other, as long as `goesOn` holds in the page. A key that is refused is struck again as an analyst would, at
 * the latest after a while in which nothing came of it; what became of each is counted by what was sent, and by the workspace by who closes it.
 */
async function strikeVerdicts(page: Page, goesOn: string): Promise<Struck> {
  return page.evaluate<Struck>(`(async () => {
    const times = [];
    const own = [];
    const lines = [];
    let struck = 0;
    let refused = 0;
    const requests = (${countVerdictRequests.toString()})(window);
    // Each notice is an element of its own, and some are gone before they are drawn: this says when to go on, and counts nothing.
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const node of addedNodes) if (node.textContent.includes('Nothing was decided.')) refused++;
    }).observe(document.querySelector('.notices'), { childList: true, subtree: true });
    while ((${goesOn}) && times.length < ${verdicts} && refused < ${verdicts}) {
      const from = performance.now();
      const before = selectedRow();
      const shownBefore = shownAlert();
      const refusedBefore = refused;
      const key = String(struck % 5 + 1);
      struck++;
      document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      const isOver = () => refused > refusedBefore || performance.now() - from > ${unheardMs};
      const line = until(() => isOver() || (shownAlert() !== shownBefore && rawLine()), 'the line behind ' + key);
      const row = await untilPainted(() => isOver() || (selectedRow() && selectedRow() !== before), key);
      const lineTime = await line;
      if (refused === refusedBefore && selectedRow() !== before) {
        times.push(row.ms);
        own.push(row.ownMs);
        lines.push(lineTime);
      }
      await rest(Math.max(0, ${verdictEveryMs} - (performance.now() - from)));
    }
    await rest(${confirmMs});
    return { times, own, lines, struck, sent: requests.sent };
  })()`);
}

export async function measureVerdicts({ page, cpuMs }: Measured): Promise<Figures> {
  const started = performance.now();
  const cpuBefore = cpuMs();
  const { times, own, lines, struck, sent } = await strikeVerdicts(page, 'true');
  const minutes = (performance.now() - started - confirmMs) / 60_000;
  return {
    verdict_p50_ms: percentile(times, 0.5),
    verdict_p95_ms: percentile(times, 0.95),
    verdict_own_p50_ms: percentile(own, 0.5),
    verdict_own_p95_ms: percentile(own, 0.95),
    verdict_line_p50_ms: percentile(lines, 0.5),
    verdict_line_p95_ms: percentile(lines, 0.95),
    verdict_host_cpu_ms: (cpuMs() - cpuBefore) / struck,
    verdict_keys: struck,
    verdict_keys_sent: sent,
    verdict_minutes: minutes,
  };
}

/** The same keys from the start of a retraining to its end. */
export async function measureWhileRetraining({ page }: Measured): Promise<Figures> {
  await page.evaluate(`(async () => {
    const ask = async (route, input) => {
      const headers = { 'content-type': 'application/json', 'x-surprisal': '1' };
      const answer = await (await fetch('/rpc', { method: 'POST', headers, body: JSON.stringify({ route, input }) })).json();
      if (!answer.ok) throw new Error(answer.error.message);
      return answer.data;
    };
    const { jobId } = await ask('retrain.start', {});
    window.retraining = { state: 'running' };
    const look = async () => {
      window.retraining = (await ask('jobs.list', {})).find(({ id }) => id === jobId);
      if (window.retraining.state === 'running') setTimeout(look, 500);
    };
    void look();
  })()`);
  const started = performance.now();
  const { times, own, lines, struck, sent } = await strikeVerdicts(page, `window.retraining.state === 'running'`);
  const seconds = (performance.now() - started - confirmMs) / 1000;
  const outcome = await page.evaluate<{ state: string; error: string | null }>('window.retraining');
  if (outcome.state === 'failed') throw new Error(`The retraining failed: ${outcome.error}`);
  return {
    retraining_verdict_p50_ms: percentile(times, 0.5),
    retraining_verdict_p95_ms: percentile(times, 0.95),
    retraining_verdict_own_p50_ms: percentile(own, 0.5),
    retraining_verdict_own_p95_ms: percentile(own, 0.95),
    retraining_verdict_line_p95_ms: percentile(lines, 0.95),
    retraining_verdict_keys: struck,
    retraining_verdict_keys_sent: sent,
    retraining_verdict_seconds: seconds,
  };
}

/** The longest task while the list is scrolled by wheel, by thumb and to its end; 0: none took 50 ms. */
export async function measureScrolling(page: Page): Promise<Figures> {
  await page.evaluate(`until(() => rowCount() === 1000000, 'the whole list', 60000)`);
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
    await page.evaluate(
      `(() => { const grid = document.querySelector('[role=grid]'); grid.scrollTop = grid.scrollHeight * ${share}; })()`,
    );
    await page.waitForTimeout(400);
  }
  await grid.focus();
  await page.keyboard.press('End');
  await page.waitForTimeout(3000);
  const isLast = await page.evaluate<boolean>(`(() => {
    const row = document.getElementById(selectedRow());
    return Number(row?.getAttribute('aria-rowindex')) === rowCount() + 1;
  })()`);
  return { longest_task_ms: await page.evaluate<number>('window.longest'), last_row_reached: isLast ? 1 : 0 };
}
