/** @file The made-up office through the app itself, from import to the queue: which kinds of attack its alerts show, where in the queue the first of each stands, and which harmless rarities alarm. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateOffice } from '../../../../src/main/lab/office.ts';
import { attackKinds } from '../../../../src/main/lab/attacks.ts';
import type { RouteOutput } from '../../../../src/shared/routes.ts';
import { importLog, learnFrom, openApp, scoreSources, type TestApp } from '../../../helpers/app.ts';
import type { Condition } from '../conditions.ts';
import { tell } from '../protocols.ts';
import { meanOf } from '../statistics.ts';

const lines = 60_000;
const attackRate = 0.01;
const startAt = Date.UTC(2026, 8, 7);
const pageSize = 100;
/** An attack is shown by an alert whose line lies within it, or so near that both are on the screen. */
const nearLines = 3;

type Outcome = { attacks: number; found: number; firstAlert: number | null };

export const labAttacks: Condition = async (set, { seeds }) => {
  if (set.name !== 'lab') return null;
  const outcomes: Map<string, Outcome>[] = [];
  const falseAlarms: number[] = [];
  const alertCounts: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    tell(`lab: attacks, seed ${seed}`);
    const { byKind, alerts, harmless } = await runOnce(seed);
    outcomes.push(byKind);
    const found = [...byKind].map(
      ([kind, { attacks, found, firstAlert }]) => `${kind} ${found}/${attacks} @${firstAlert}`,
    );
    tell(`lab: ${alerts} alerts, ${harmless} on harmless lines; ${found.join(', ')}`);
    falseAlarms.push(harmless);
    alertCounts.push(alerts);
  }
  const rows = attackKinds.map((kind) => {
    const own = outcomes.flatMap((outcome) => outcome.get(kind) ?? []);
    const attacks = own.reduce((sum, { attacks }) => sum + attacks, 0);
    const first = own.flatMap(({ firstAlert }) => firstAlert ?? []).sort((a, b) => a - b);
    return {
      kind,
      attacks,
      recall: own.reduce((sum, { found }) => sum + found, 0) / attacks,
      first_alert_median: first[first.length >> 1] ?? 'none',
      runs_with_it: `${first.length} of ${seeds}`,
    };
  });
  return {
    notes: [
      `${lines} lines, the first half quiet and learned from; default budget; seeds of office and model. ${meanOf(alertCounts)} grouped alerts a run, ${meanOf(falseAlarms)} of them on harmless lines.`,
    ],
    rows,
  };
};

async function runOnce(seed: number): Promise<{ byKind: Map<string, Outcome>; alerts: number; harmless: number }> {
  const rows = [...generateOffice({ lines, seed: 100 + seed, anomalyRate: attackRate, startAt })];
  const cut = rows.findIndex(({ label }) => label === 'anomaly');
  const [quiet, watched] = [rows.slice(0, cut), rows.slice(cut)];
  const folder = await mkdtemp(join(tmpdir(), 'surprisal-lab-'));
  try {
    const app = await openApp(join(folder, 'workspace'));
    try {
      const sourceOf = async (name: string, part: typeof rows): Promise<number> => {
        const path = join(folder, name);
        await writeFile(path, `${part.map(({ text }) => text).join('\n')}\n`);
        return importLog(app, path);
      };
      const learned = await learnFrom(app, [await sourceOf('quiet.log', quiet)], seed);
      if (learned.state !== 'done') throw new Error(`Learning ended as ${learned.state}: ${learned.error}`);
      await scoreSources(app, [await sourceOf('watched.log', watched)]);
      const queue = await alertsOf(app, 'open', 'watched.log');
      return judgeAlerts(queue, await alertsOf(app, 'folded', 'watched.log'), watched);
    } finally {
      await app.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Line numbers of the alerts of a log, in the order of the queue. The folded ones stand under another's. */
async function alertsOf(app: TestApp, tab: 'open' | 'folded', sourceName: string): Promise<number[]> {
  const found: number[] = [];
  for (let after: string | null = null; ;) {
    const page: RouteOutput<'alerts.list'> = await app.ask('alerts.list', { tab, after, limit: pageSize });
    found.push(...page.rows.filter((row) => row.sourceName === sourceName).map(({ lineNumber }) => lineNumber));
    if (page.nextCursor === null) return found;
    after = page.nextCursor;
  }
}

function judgeAlerts(
  queue: readonly number[],
  folded: readonly number[],
  rows: readonly { label: string; kind: string }[],
): { byKind: Map<string, Outcome>; alerts: number; harmless: number } {
  const attackAt = (line: number): string | null => {
    for (let near = 0; near <= nearLines; near++) {
      for (const place of [line - 1 - near, line - 1 + near]) {
        const row = rows[place];
        if (row?.label === 'anomaly') return row.kind;
      }
    }
    return null;
  };
  const byKind = new Map<string, Outcome>();
  const alerting = new Set([...queue, ...folded]);
  for (let line = 1; line <= rows.length; line++) {
    const row = rows[line - 1];
    if (row?.label !== 'anomaly') continue;
    const outcome = byKind.get(row.kind) ?? { attacks: 0, found: 0, firstAlert: null };
    byKind.set(row.kind, outcome);
    // Lines of one attack lie near each other: each stretch of them is one attack.
    const isNew = !rows
      .slice(Math.max(0, line - 31), line - 1)
      .some((one) => one.label === 'anomaly' && one.kind === row.kind);
    if (!isNew) continue;
    outcome.attacks++;
    for (let near = line - nearLines; near < line + 30; near++) {
      if (!alerting.has(near)) continue;
      outcome.found++;
      break;
    }
  }
  let harmless = 0;
  queue.forEach((line, index) => {
    const kind = attackAt(line);
    if (kind === null) {
      harmless++;
      return;
    }
    const outcome = byKind.get(kind);
    if (outcome) outcome.firstAlert ??= index + 1;
  });
  return { byKind, alerts: queue.length, harmless };
}
