/**
 * @file `bench ui [PART...]`: the workstation in Chromium over the built app, on made workspaces of 100,000 and a million alerts and on the
 * made-up office's log. Needs `npm run build` and a Chromium. A part that fails is named, and its figures are null.
 */
import { chromium, type Browser } from '@playwright/test';
import Database from 'better-sqlite3';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspacePaths } from '../../../src/main/store/paths.ts';
import type { Figures, Report } from '../main.ts';
import { openRetrainable } from '../retrainable.ts';
import { countViolations } from './accessibility.ts';
import { makeStore } from './madeStore.ts';
import {
  measureFilters,
  measureLongEvent,
  measureMany,
  measureScrolling,
  measureVerdicts,
  measureWhileRetraining,
  measureWhy,
} from './measures.ts';
import { inApp, percentile, type Measured } from './page.ts';
import { fateOf } from './verdictRequests.ts';

const small = 100_000;
const large = 1_000_000;
const launches = 3;

/** Workspaces are made once and copied for each part, so that no part finds what another left. */
type Bench = {
  browser: Browser;
  copyOf: (alerts: number) => Promise<string>;
  /** The made one itself: for a part that changes nothing that another would find. */
  madeOf: (alerts: number) => string;
  newFolder: () => string;
};
/** `alerts`: of the workspaces that it needs, which are made before its time runs. */
type Part = { figures: string[]; alerts: number[]; limitMs: number; measure: (bench: Bench) => Promise<Figures> };

const onAlerts =
  (alerts: number, measure: (measured: Measured) => Promise<Figures>) =>
  async ({ browser, copyOf }: Bench): Promise<Figures> =>
    inApp(browser, await copyOf(alerts), measure);

/** The demo's log, learned and scored: alerts with a model behind them. */
async function withDemo(
  { browser, newFolder }: Bench,
  work: (measured: Measured['page']) => Promise<Figures>,
): Promise<Figures> {
  return inApp(browser, newFolder(), ({ page }) => work(page), 'd');
}

const parts: Record<string, Part> = {
  launch: {
    figures: ['launch_ms'],
    alerts: [small],
    limitMs: 60_000,
    measure: async ({ browser, copyOf }) => {
      const workspace = await copyOf(small);
      const times: number[] = [];
      for (let round = 0; round < launches; round++)
        times.push(await inApp(browser, workspace, ({ launchMs }) => Promise.resolve(launchMs)));
      return { launch_ms: percentile(times, 0.5) };
    },
  },
  long: {
    figures: ['long_event_ms'],
    alerts: [small],
    limitMs: 60_000,
    measure: onAlerts(small, ({ page }) => measureLongEvent(page)),
  },
  why: {
    figures: ['why_p95_ms', 'why_model_p95_ms'],
    alerts: [small],
    limitMs: 180_000,
    measure: async (bench) => {
      const bare = await onAlerts(small, ({ page }) => measureWhy(page))(bench);
      const { why_p95_ms: withModel } = await withDemo(bench, measureWhy);
      return { ...bare, why_model_p95_ms: withModel ?? NaN };
    },
  },
  filter: {
    figures: ['filter_p95_ms'],
    alerts: [small],
    limitMs: 90_000,
    measure: onAlerts(small, ({ page }) => measureFilters(page)),
  },
  bulk: {
    figures: ['bulk_100k_ms', 'undo_100k_ms', 'bulk_100k_cpu_ms', 'undo_100k_cpu_ms'],
    alerts: [small],
    limitMs: 90_000,
    measure: onAlerts(small, measureMany),
  },
  scroll: {
    figures: ['longest_task_ms', 'last_row_reached', 'launch_1m_ms'],
    alerts: [large],
    limitMs: 240_000,
    measure: ({ browser, madeOf }) =>
      inApp(browser, madeOf(large), async ({ page, launchMs }) => ({
        ...(await measureScrolling(page)),
        launch_1m_ms: launchMs,
      })),
  },
  axe: {
    figures: ['axe_violations'],
    alerts: [],
    limitMs: 300_000,
    measure: (bench) => withDemo(bench, async (page) => ({ axe_violations: await countViolations(page) })),
  },
  verdicts: {
    figures: [
      'verdict_p50_ms',
      'verdict_p95_ms',
      'verdict_own_p50_ms',
      'verdict_own_p95_ms',
      'verdict_line_p50_ms',
      'verdict_line_p95_ms',
      'verdict_host_cpu_ms',
      'verdict_keys',
      'verdict_keys_refused',
      'verdict_minutes',
      'verdicts_lost',
    ],
    alerts: [small],
    limitMs: 480_000,
    measure: async ({ browser, copyOf }) => {
      const workspace = await copyOf(small);
      const before = standingVerdicts(workspace);
      const figures = await inApp(browser, workspace, measureVerdicts);
      const { verdict_keys: struck = NaN, verdict_keys_sent: sent = NaN, ...others } = figures;
      const { refused, lost } = fateOf(struck, sent, standingVerdicts(workspace) - before);
      return { ...others, verdict_keys: struck, verdict_keys_refused: refused, verdicts_lost: lost };
    },
  },
  retraining: {
    figures: [
      'retraining_verdict_p50_ms',
      'retraining_verdict_p95_ms',
      'retraining_verdict_own_p50_ms',
      'retraining_verdict_own_p95_ms',
      'retraining_verdict_line_p95_ms',
      'retraining_verdict_keys',
      'retraining_verdict_keys_refused',
      'retraining_verdict_seconds',
      'retraining_verdicts_lost',
    ],
    alerts: [],
    limitMs: 1_200_000,
    measure: async ({ browser, newFolder }) => {
      const folder = newFolder();
      await mkdir(folder);
      const workspace = join(folder, 'workspace');
      const { test } = await openRetrainable(workspace, small);
      await test.close();
      const before = standingVerdicts(workspace);
      const figures = await inApp(browser, workspace, measureWhileRetraining);
      const { retraining_verdict_keys: struck = NaN, retraining_verdict_keys_sent: sent = NaN, ...others } = figures;
      const { refused, lost } = fateOf(struck, sent, standingVerdicts(workspace) - before);
      return {
        ...others,
        retraining_verdict_keys: struck,
        retraining_verdict_keys_refused: refused,
        retraining_verdicts_lost: lost,
      };
    },
  },
};

function standingVerdicts(workspace: string): number {
  const db = new Database(workspacePaths(workspace).database, { readonly: true });
  const count = db.prepare<[], number>(`SELECT count(*) FROM standing_verdict`).pluck().get() ?? 0;
  db.close();
  return count;
}

/** What a part that hangs still does is ended with its browser. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It was not done after ${limitMs / 1000} s.`)), limitMs);
  });
  return Promise.race([work, over]).finally(() => clearTimeout(timer));
}

export async function benchUi(wanted: string[]): Promise<Report> {
  const unknown = wanted.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}". Parts: ${Object.keys(parts).join(', ')}.`);
  const scratch = await mkdtemp(join(tmpdir(), 'surprisal-bench-ui-'));
  const executablePath = process.env['SURPRISAL_CHROMIUM'] ?? '/usr/bin/chromium';
  let folders = 0;
  const newFolder = (): string => join(scratch, `work-${folders++}`);
  const made = new Set<number>();
  const madeOf = (alerts: number): string => join(scratch, `made-${alerts}`);
  const copyOf = async (alerts: number): Promise<string> => {
    const copy = newFolder();
    await cp(madeOf(alerts), copy, { recursive: true });
    return copy;
  };
  const figures: Record<string, number | null> = {};
  const failed: Record<string, string> = {};
  try {
    for (const [name, { figures: names, alerts, limitMs, measure }] of Object.entries(parts)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      for (const figure of names) figures[figure] = null;
      for (const size of alerts) if (!made.has(size)) await makeStore(madeOf(size), size);
      for (const size of alerts) made.add(size);
      const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
      const started = performance.now();
      try {
        Object.assign(figures, await within(limitMs, measure({ browser, copyOf, madeOf, newFolder })));
      } catch (error) {
        failed[name] = (error as Error).message.split('\n')[0] ?? '';
      } finally {
        await browser.close();
      }
      const seconds = Math.round((performance.now() - started) / 1000);
      process.stderr.write(`${name}: ${failed[name] ?? 'done'} (${seconds} s, load ${loadavg()[0]?.toFixed(1)})\n`);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
  return { json: { ...figures, failed, load: loadavg()[0] }, markdown: markdownOf(figures, failed) };
}

function markdownOf(figures: Record<string, number | null>, failed: Record<string, string>): string {
  const lines = Object.entries(figures).map(
    ([name, value]) => `${name.padEnd(24)} ${value === null ? 'failed' : Math.round(value * 10) / 10}`,
  );
  const failures = Object.entries(failed).map(([name, message]) => `${name} failed: ${message}`);
  return `${[...lines, ...failures].join('\n')}\n`;
}
