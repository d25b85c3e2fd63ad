/**
 * @file What verdicts are worth: a simulated analyst on streams that change honestly, the arms of learning side by side on a later part that nobody
 * judged, with wrong labels among them; and in which order labels teach most.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp } from '../../helpers/app.ts';
import { tell } from '../detect/protocols.ts';
import { deviationOf, meanOf } from '../detect/statistics.ts';
import type { BenchOptions, Report } from '../main.ts';
import { labelOrders, type LabelOrder } from './analyst.ts';
import { quickArms } from './arms.ts';
import { hdfsStream } from './hdfsStream.ts';
import { labStream } from './labStream.ts';
import { runSet, type Row, type SetRun } from './setRun.ts';

/** Close together where there are few: a line between 10 and 25 labels would hide where between them an order gets there. */
const plan = {
  labelCounts: [5, 10, 15, 20, 25, 35, 50, 75, 100, 150, 200],
  wrongShares: [0, 0.05, 0.1],
  orders: labelOrders,
  chances: 5,
};
/** Labels in random order that others are held against. */
const heldAgainst = [25, 50, 100, 200];
const columns = [
  ...['falseBefore', 'falseAfter', 'recallBefore', 'recallAfter', 'falseAtOwn', 'recallAtOwn', 'apBefore', 'apAfter'],
  ...['unseenBefore', 'unseenAfter', 'askedRate', 'realisedRate', 'normalLikelihoodRatio'],
] as const satisfies readonly (keyof Row)[];

export async function benchFeedback({ seeds, data }: BenchOptions, parts: string[]): Promise<Report> {
  const rows: Row[] = [];
  const notes: string[] = [];
  const sets = Object.entries(setsOf(data)).filter(([name]) => parts.length === 0 || parts.includes(name));
  for (const [, run] of sets) {
    for (let seed = 1; seed <= seeds; seed++) {
      const found = await inFolder((folder) => run(folder, seed));
      rows.push(...found.rows);
      notes.push(...found.notes);
    }
  }
  const means = meansOf(rows);
  const efficiency = efficiencyOf(rows);
  return {
    json: { means, efficiency, rows, notes },
    markdown: tableOf(means, [...efficiency.map(efficiencyText), ...notes]),
  };
}

type RunSet = (folder: string, seed: number) => Promise<SetRun>;

function setsOf(data: string | undefined): Record<string, RunSet> {
  const lab: RunSet = async (folder, seed) => {
    tell(`lab: learning and scoring, seed ${seed}`);
    const workspace = join(folder, 'workspace');
    // What is kept under the workspace's secret depends on it: equal secrets, equal figures.
    const app = await openApp(workspace, { randomBytes: (length) => new Uint8Array(length).fill(seed) });
    try {
      const { alerts, calmSourceId: sourceId } = await labStream(app, workspace, folder, seed);
      return await runSet(app, workspace, { parts: { name: 'lab', alerts, calm: { sourceId } }, seed, plan });
    } finally {
      await app.close();
    }
  };
  if (!data) return { lab };
  const hdfs: RunSet = async (folder, seed) => {
    tell(`hdfs-keys: learning and scoring, seed ${seed}`);
    const workspace = join(folder, 'workspace');
    const { alerts, harmlessLater } = await hdfsStream(data, workspace, folder, seed);
    const app = await openApp(workspace);
    try {
      return await runSet(app, workspace, {
        parts: { name: 'hdfs-keys', alerts, calm: { harmlessLater } },
        seed,
        plan,
      });
    } finally {
      await app.close();
    }
  };
  return { lab, 'hdfs-keys': hdfs };
}

async function inFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'surprisal-feedback-'));
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Cell = { mean: number; deviation: number };
const gainKinds = ['unseenGain', 'unseenGainBySignature'] as const;
/** `gains`: of each kind, the intervals of all seeds. */
type Means = { key: string; of: Record<(typeof columns)[number], Cell>; gains: string[] };

function meansOf(rows: readonly Row[]): Means[] {
  const keyOf = ({ set, order, wrong, arm, labels }: Row): string => [set, order, wrong, arm, labels].join(' | ');
  return [...new Set(rows.map(keyOf))].map((key) => {
    const own = rows.filter((row) => keyOf(row) === key);
    const cells = columns.map((column) => {
      const values = own.map((row) => row[column]).filter((value) => !Number.isNaN(value));
      return [column, { mean: meanOf(values), deviation: deviationOf(values) }] as const;
    });
    const gains = gainKinds.map((kind) =>
      own
        .flatMap((row) => row[kind] ?? [])
        .map(({ low, high }) => `${low.toFixed(3)}..${high.toFixed(3)}`)
        .join(', '),
    );
    return { key, of: Object.fromEntries(cells) as Means['of'], gains };
  });
}

/** Labels that an order needs for the average precision that so many in random order give; by straight lines between counts. Null: more than were given. */
type Efficiency = { set: string; arm: string; averagePrecision: number; random: number } & Record<
  Exclude<LabelOrder, 'random'>,
  number | null
>;

function efficiencyOf(rows: readonly Row[]): Efficiency[] {
  const curveOf = (set: string, arm: string, order: LabelOrder): number[] =>
    plan.labelCounts.map((labels) => {
      const own = rows.filter((row) => row.set === set && row.arm === arm && row.order === order);
      return meanOf(own.filter((row) => row.wrong === 0 && row.labels === labels).map(({ apAfter }) => apAfter));
    });
  const sets = [...new Set(rows.map(({ set }) => set))];
  return sets.flatMap((set) =>
    quickArms.flatMap((arm) => {
      const [severity, teach] = [curveOf(set, arm, 'severity'), curveOf(set, arm, 'teach')];
      const chance = curveOf(set, arm, 'random');
      return heldAgainst.map((random) => {
        const averagePrecision = chance[plan.labelCounts.indexOf(random)] ?? NaN;
        const own = { severity: labelsFor(averagePrecision, severity), teach: labelsFor(averagePrecision, teach) };
        return { set, arm, averagePrecision, random, ...own };
      });
    }),
  );
}

function labelsFor(wanted: number, curve: readonly number[]): number | null {
  let [before, beforeLabels] = [-Infinity, 0];
  for (const [index, labels] of plan.labelCounts.entries()) {
    const reached = curve[index] ?? NaN;
    if (reached >= wanted) {
      const share = Number.isFinite(before) ? (wanted - before) / (reached - before) : 1;
      return Math.round(beforeLabels + share * (labels - beforeLabels));
    }
    [before, beforeLabels] = [reached, labels];
  }
  return null;
}

function efficiencyText({ set, arm, averagePrecision, random, teach, severity }: Efficiency): string {
  const count = (labels: number | null): string => (labels === null ? 'more than were given' : String(labels));
  return `${set}, ${arm}: average precision ${averagePrecision.toFixed(3)} of ${random} labels in random order takes ${count(teach)} of the list to teach from, ${count(severity)} by severity`;
}

function tableOf(means: readonly Means[], notes: readonly string[]): string {
  const head = ['set', 'order', 'wrong', 'arm', 'labels', ...columns, ...gainKinds.map((kind) => `${kind} by seed`)];
  const lines = [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`];
  for (const { key, of, gains } of means) {
    const cells = columns.map((column) => {
      const { mean, deviation } = of[column];
      if (Number.isNaN(mean)) return '';
      const digits = column.startsWith('false') ? 0 : column.endsWith('Rate') ? 4 : 3;
      return `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
    });
    lines.push(`| ${key} | ${[...cells, ...gains].join(' | ')} |`);
  }
  return `${[...lines, '', ...notes].join('\n')}\n`;
}
