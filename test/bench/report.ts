/**
 * @file `bench report [PART...]`: a case of 500 alerts with a model behind them in each format, and a case of 10,000 from end to end: how long each
 * takes, and for how long main, or the page, answered nothing meanwhile. The part `page` needs `npm run build` and a Chromium.
 */
import { chromium, type Page } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportFormats } from '../../src/shared/report.ts';
import { importLog, learnFrom, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { writeOffice } from '../helpers/office.ts';
import type { Figures } from './main.ts';
import { timed } from './timed.ts';
import { inApp } from './ui/page.ts';

const executablePath = '/usr/bin/chromium';

const quiet = { lines: 10_000, seed: 1, anomalyRate: 0 };
const watched = { lines: 24_000, anomalyRate: 0.3 };
const largeLogs = 17;
/** Half of all events: the alerts that a large case needs. */
const budget = { alerts: 50_000, per: '100k' as const };
const small = 500;
const large = 10_000;
const parts = ['formats', 'large', 'page'] as const;

export async function benchReport(asked: readonly string[]): Promise<Figures> {
  const chosen = parts.filter((part) => asked.length === 0 || asked.includes(part));
  const directory = mkdtempSync(join(tmpdir(), 'surprisal-report-'));
  const workspace = join(directory, 'workspace');
  const figures: Figures = {};
  try {
    const test = await openApp(workspace);
    const cases = await makeCases(test, directory, chosen.every((part) => part === 'formats') ? 1 : largeLogs);
    if (chosen.includes('formats')) Object.assign(figures, await measureFormats(test, cases.small));
    if (chosen.includes('large')) Object.assign(figures, await measureLarge(test, cases.large));
    await test.close();
    if (chosen.includes('page')) Object.assign(figures, await measurePage(workspace));
    return { ...figures, load: loadavg()[0] ?? 0 };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Of the most severe alerts; the large one is the newest. */
async function makeCases(test: TestApp, directory: string, logs: number): Promise<{ small: string; large: string }> {
  const learned = await importLog(test, writeOffice(join(directory, 'quiet.log'), quiet).path);
  await learnFrom(test, [learned]);
  await test.ask('thresholds.set_budget', { budget });
  // Attacks make few alerts of many lines: a large case takes many logs.
  for (let seed = 2; seed < 2 + logs; seed++) {
    const log = writeOffice(join(directory, `watched-${seed}.log`), { ...watched, seed });
    await scoreSources(test, [await importLog(test, log.path)]);
  }
  const ids: string[] = [];
  for (const tab of ['open', 'all'] as const) {
    let after: string | null = null;
    do {
      const page: { rows: { id: string }[]; nextCursor: string | null } = await test.ask('alerts.list', {
        ...{ tab, after, limit: 1000 },
      });
      ids.push(...page.rows.map(({ id }) => id));
      after = page.nextCursor;
    } while (after !== null && ids.length < 2 * large);
  }
  const alertIds = [...new Set(ids)].slice(0, large);
  process.stderr.write(`${alertIds.length} alerts\n`);
  for (const [index, alertId] of alertIds.slice(0, small).entries()) {
    if (index % 10 === 0) await test.ask('verdicts.give', { alertId, value: 'true_positive', note: 'Looked at.' });
  }
  const smallCase = await test.ask('cases.create', { title: 'Five hundred', alertIds: alertIds.slice(0, small) });
  const largeCase = await test.ask('cases.create', { title: 'Ten thousand', alertIds });
  return { small: smallCase.id, large: largeCase.id };
}

async function measureFormats(test: TestApp, caseId: string): Promise<Figures> {
  const figures: Figures = {};
  for (const format of reportFormats) {
    const { seconds, cpuSeconds, mainMs } = await timed(() => test.ask('reports.export', { caseId, format }));
    figures[`${format}Seconds`] = seconds;
    figures[`${format}CpuSeconds`] = cpuSeconds;
    figures[`${format}MainMs`] = mainMs;
  }
  return figures;
}

async function measureLarge(test: TestApp, caseId: string): Promise<Figures> {
  const steps: Record<string, () => Promise<unknown>> = {
    open: () => test.ask('cases.get', { caseId }),
    suggestions: () => test.ask('cases.suggestions', { caseId }),
    note: () => test.ask('cases.add_note', { caseId, text: 'Seen.' }),
    preview: () => test.ask('reports.preview', { caseId }),
    ...Object.fromEntries(
      reportFormats.map((format) => [format, () => test.ask('reports.export', { caseId, format })] as const),
    ),
  };
  const figures: Figures = {};
  for (const [name, step] of Object.entries(steps)) {
    const { seconds, cpuSeconds, mainMs } = await timed(step);
    figures[`large_${name}Seconds`] = seconds;
    figures[`large_${name}CpuSeconds`] = cpuSeconds;
    figures[`large_${name}MainMs`] = mainMs;
  }
  return figures;
}

/** Every tab of the large case, until it rests: how long it took to show, and the longest task of the page. */
async function measurePage(workspace: string): Promise<Figures> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    return await inApp(browser, workspace, async ({ page }) => {
      await page.evaluate(`window.longest = 0;
        new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
        }).observe({ entryTypes: ['longtask'] });`);
      await page.keyboard.press('g');
      await page.keyboard.press('c');
      const figures: Figures = {};
      const step = async (name: string, key: string, shown: string): Promise<void> => {
        await page.evaluate('window.longest = 0');
        figures[`page_${name}Ms`] = await page.evaluate<number>(`timed('${key}', () => ${shown})`);
        await rested(page);
        figures[`page_${name}LongestMs`] = await page.evaluate<number>('window.longest');
      };
      await page.getByText('Ten thousand').first().waitFor();
      await step('open', 'Enter', `document.querySelector('[aria-label="The case"]')`);
      await step('alerts', '2', `document.querySelector('[aria-label="Alerts of the case"] [role=row]')`);
      await step('timeline', '3', `document.querySelector('.timeline svg .tick')`);
      await step('notes', '5', `document.querySelector('#new-note')`);
      await step('report', '7', `document.querySelector('iframe[title="Preview of the report"]')`);
      return figures;
    });
  } finally {
    await browser.close();
  }
}

/** Suggestions, previews and the like come after what was asked for. */
async function rested(page: Page): Promise<void> {
  await page.waitForTimeout(3000);
}
