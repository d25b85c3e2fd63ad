/**
 * @file What verdicts are worth: a simulated analyst on a stream that changes honestly, the arms of learning side by side on a later part that nobody
 * judged, with wrong labels among them, and in which order labels teach most.
 */
import Database from 'better-sqlite3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOwnRows } from '../../../src/main/app/detection/taughtJudges.ts';
import { workspacePaths } from '../../../src/main/store/paths.ts';
import { openApp } from '../../helpers/app.ts';
import { meanOf } from '../detect/statistics.ts';
import { tell } from '../detect/protocols.ts';
import type { BenchOptions, Report } from '../main.ts';
import { labelOrders, SimulatedAnalyst, type AskStore, type LabelOrder } from './analyst.ts';
import { arms, outcomesOf, type Arm, type Teachable } from './arms.ts';
import { figuresOf, type ArmFigures } from './figures.ts';
import { labStream } from './labStream.ts';
import { thresholdShowing } from './queue.ts';

const labelCounts = [10, 50, 100, 200];
const wrongShares = [0, 0.05, 0.1];
/** Of the attacks that the detector shows at all. */
const wantedRecall = 0.99;

type Row = { set: string; arm: Arm; order: LabelOrder; labels: number; wrong: number; seed: number } & ArmFigures;

export async function benchFeedback({ seeds }: BenchOptions, parts: string[]): Promise<Report> {
  const rows: Row[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    if (parts.length === 0 || parts.includes('lab')) rows.push(...(await runLab(seed)));
  }
  return { json: { rows }, markdown: tableOf(rows) };
}

async function runLab(seed: number): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'surprisal-feedback-'));
  const workspace = join(folder, 'workspace');
  // What is kept under the workspace's secret depends on it: equal secrets, equal figures.
  const app = await openApp(workspace, { randomBytes: (length) => new Uint8Array(length).fill(seed) });
  try {
    tell(`lab: learning and scoring, seed ${seed}`);
    const { alerts } = await labStream(app, workspace, folder, seed);
    const later = alerts.filter(({ part }) => part === 'later').sort((a, b) => a.eventId - b.eventId);
    const base = later.map((alert) => ({ alert, score: alert.score, isHidden: false }));
    const shown = new Set(later.flatMap(({ attacks }) => attacks)).size;
    const wanted = Math.ceil(wantedRecall * shown);
    const from = thresholdShowing(base, wanted);
    const { services, work } = app.app.parts;
    const ask: AskStore = (method, input) => services.store.call(method, input);
    const model = await work.modelInUse();
    const rows = model && (await readOwnRows(services, model.id, model.graph));
    if (!rows) throw new Error('The model has no held-back rows.');
    const db = new Database(workspacePaths(workspace).database, { readonly: true });
    const teachable: Teachable = { ask, db, modelId: model.id, rows, later, from };
    const found: Row[] = [];
    const runOf = async (order: LabelOrder, wrong: number): Promise<void> => {
      tell(`lab: seed ${seed}, ${order} order, ${100 * wrong} % wrong`);
      const analyst = new SimulatedAnalyst({ ask, db, alerts, from, wrongShare: wrong, order, seed });
      for (const labels of labelCounts) {
        await analyst.giveUntil(labels, services.host.now());
        const touched = new Set(analyst.given.map(({ alert }) => alert.signature));
        const outcomes = await outcomesOf(teachable);
        for (const arm of arms) {
          const figures = figuresOf({ base, outcome: outcomes[arm], from, wanted, shown, touched });
          found.push({ set: 'lab', arm, order, labels, wrong, seed, ...figures });
        }
      }
      await analyst.takeAllBack(services.host.now());
    };
    for (const wrong of wrongShares) await runOf('severity', wrong);
    for (const order of labelOrders) if (order !== 'severity') await runOf(order, 0);
    db.close();
    return found;
  } finally {
    await app.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function tableOf(rows: readonly Row[]): string {
  const keys = [...new Set(rows.map(({ set, order, wrong, arm }) => [set, order, wrong, arm].join(' | ')))];
  const names = [
    'falseBefore',
    'falseAfter',
    'recallBefore',
    'recallAfter',
    'apBefore',
    'apAfter',
    'unseenBefore',
    'unseenAfter',
  ] as const;
  const lines = [
    `| set | order | wrong | arm | labels | ${names.join(' | ')} |`,
    `|${' --- |'.repeat(5 + names.length)}`,
  ];
  for (const key of keys) {
    for (const labels of labelCounts) {
      const own = rows.filter(
        (row) => [row.set, row.order, row.wrong, row.arm].join(' | ') === key && row.labels === labels,
      );
      const cells = names.map((name) => {
        const mean = meanOf(own.map((row) => row[name]));
        return name.startsWith('false') ? String(Math.round(mean)) : mean.toFixed(3);
      });
      lines.push(`| ${key} | ${labels} | ${cells.join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}
