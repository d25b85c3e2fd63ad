/** @file What `bench detect` and `bench order` found, as a table for people. */
import type { ArmFigures, AtRate, Spread } from './evaluate.ts';
import type { Interval } from './bootstrap.ts';

export type Comparison = {
  protocol: string;
  data: string;
  seeds: number;
  /** Sessions of each part. */
  sessions: { learned: number; calibration: number; harmless: number; threats: number };
  notes: string[];
  arms: ArmFigures[];
};

export function comparisonTable(
  { protocol, data, seeds, sessions, notes, arms }: Comparison,
  reference = 'ours',
): string {
  const { learned, calibration, harmless, threats } = sessions;
  return [
    `### ${protocol}, ${data}`,
    '',
    `${seeds} seeds; sessions: ${learned} learned, ${calibration} calibrate, ${harmless} harmless and ${threats} threats judged.`,
    ...notes,
    '',
    `| way | area (95 %) | average precision | recall at 1 % (realised) | recall at 0.1 % (realised) | best F1 | own rule: recall (realised) | ${reference} less it: area; recall at 1 % | lines/s |`,
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...arms.map(
      (arm) =>
        `| ${[
          arm.name,
          `${spread(arm.area)} (${interval(arm.area)})`,
          spread(arm.averagePrecision),
          atRate(arm.atOnePercent),
          atRate(arm.atOnePerMille),
          spread(arm.bestF1),
          arm.rule ? atRate(arm.rule) : '',
          arm.behind
            ? `${interval(arm.behind.area)}; ${arm.behind.recallAtOnePercent ? interval(arm.behind.recallAtOnePercent) : 'not known'}`
            : '',
          String(Math.round(arm.linesPerSecond)),
        ].join(' | ')} |`,
    ),
    '',
  ].join('\n');
}

export function plainTable(
  title: string,
  notes: readonly string[],
  rows: readonly Record<string, string | number>[],
): string {
  const names = Object.keys(rows[0] ?? {});
  return [
    `### ${title}`,
    '',
    ...notes,
    '',
    `| ${names.join(' | ')} |`,
    `| ${names.map(() => '---').join(' | ')} |`,
    ...rows.map((row) => `| ${names.map((name) => cell(row[name])).join(' | ')} |`),
    '',
  ].join('\n');
}

function cell(value: string | number | undefined): string {
  return typeof value === 'number' ? String(Math.round(value * 10_000) / 10_000) : (value ?? '');
}

function atRate(figures: AtRate): string {
  return figures ? `${spread(figures.recall)} (${percent(figures.realised.mean)})` : 'too few to calibrate';
}

function spread({ mean, deviation }: Spread): string {
  return deviation > 0 ? `${mean.toFixed(4)} ± ${deviation.toFixed(4)}` : mean.toFixed(4);
}

function interval({ low, high }: Interval): string {
  return `${low.toFixed(4)} to ${high.toFixed(4)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
