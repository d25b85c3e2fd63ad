/**
 * @file What verdicts are worth: a simulated analyst on streams that change honestly, the arms of learning side by side on a later part that nobody
 * judged, with wrong labels among them; and in which order labels teach most.
 */
import { deviationOf, meanOf } from '../detect/statistics.ts';
import type { BenchOptions, Report } from '../main.ts';
import { labelOrders } from './analyst.ts';
import { runLab, type Row } from './lab.ts';

const plan = { labelCounts: [10, 25, 50, 100, 200], wrongShares: [0, 0.05, 0.1], orders: labelOrders };
const columns = [
  ...['falseBefore', 'falseAfter', 'recallBefore', 'recallAfter', 'falseAtOwn', 'recallAtOwn', 'apBefore', 'apAfter'],
  ...['unseenBefore', 'unseenAfter', 'askedRate', 'realisedRate', 'normalLikelihoodRatio'],
] as const satisfies readonly (keyof Row)[];

export async function benchFeedback({ seeds }: BenchOptions, parts: string[]): Promise<Report> {
  const rows: Row[] = [];
  const notes: string[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    if (parts.length > 0 && !parts.includes('lab')) continue;
    const run = await runLab(seed, plan);
    rows.push(...run.rows);
    notes.push(...run.notes);
  }
  const means = meansOf(rows);
  return { json: { means, rows, notes }, markdown: tableOf(means, notes) };
}

type Cell = { mean: number; deviation: number };
type Means = { key: string; of: Record<(typeof columns)[number], Cell>; unseenGain: string };

function meansOf(rows: readonly Row[]): Means[] {
  const keyOf = ({ set, order, wrong, arm, labels }: Row): string => [set, order, wrong, arm, labels].join(' | ');
  return [...new Set(rows.map(keyOf))].map((key) => {
    const own = rows.filter((row) => keyOf(row) === key);
    const cells = columns.map((column) => {
      const values = own.map((row) => row[column]).filter((value) => !Number.isNaN(value));
      return [column, { mean: meanOf(values), deviation: deviationOf(values) }] as const;
    });
    const unseenGain = own.map(({ unseenGain: { low, high } }) => `${low.toFixed(2)}..${high.toFixed(2)}`).join(', ');
    return { key, of: Object.fromEntries(cells) as Means['of'], unseenGain };
  });
}

function tableOf(means: readonly Means[], notes: readonly string[]): string {
  const head = ['set', 'order', 'wrong', 'arm', 'labels', ...columns, 'unseenGain by seed'];
  const lines = [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`];
  for (const { key, of, unseenGain } of means) {
    const cells = columns.map((column) => {
      const { mean, deviation } = of[column];
      if (Number.isNaN(mean)) return '';
      const digits = column.startsWith('false') ? 0 : column.endsWith('Rate') ? 4 : 3;
      return `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
    });
    lines.push(`| ${key} | ${cells.join(' | ')} | ${unseenGain} |`);
  }
  return `${[...lines, '', ...notes].join('\n')}\n`;
}
