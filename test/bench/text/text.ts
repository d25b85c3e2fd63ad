/**
 * @file `bench text`: attacks in single lines (parameters, requests) found by the text model and the trigram detector as the product runs them,
 * beside counting on the same lines. Each way's threshold is one that 1 % of the normal test lines exceed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutRows } from '../../../src/main/learn/dataset.ts';
import { drawResamples, differenceOf, intervalOf, recallsOf } from '../detect/bootstrap.ts';
import { conformalThreshold, deviationOf, meanOf, shareOfAlerts } from '../detect/statistics.ts';
import type { Report } from '../main.ts';
import { areaUnderRoc } from '../quality.ts';
import { learnCounting } from './counting.ts';
import { runProduct, type LineColumns } from './product.ts';
import { textTasks, type TextTask } from './tasks.ts';

const rate = 0.01;
/** What ours are compared with: each by its better aggregate. */
const baselines = ['trigram_novelty', 'fivegram_surprise'];
const ours = ['text', 'fused'];

type Way = {
  area: number[];
  recall: number[];
  byKind: Record<string, number[]>;
  /** At the threshold that calibration sets. */
  calibrated: { recall: number[]; realised: number[] };
  alerts: boolean[][];
};

export async function benchText(directory: string | undefined, seeds: number, parts: string[]): Promise<Report> {
  if (directory === undefined) throw new Error('text needs --data DIR with httpparams/, apache-scans/ and the others.');
  const json: Record<string, unknown> = {};
  const tables: string[] = [];
  for (const { name } of await textTasks(directory, 1)) {
    if (parts.length > 0 && !parts.includes(name)) continue;
    const ways = new Map<string, Way>();
    const runs: { trainingSeconds: number; tokens: number; epochs: number }[] = [];
    let last: TextTask | undefined;
    for (let seed = 1; seed <= seeds; seed++) {
      const task = (await textTasks(directory, seed)).find((one) => one.name === name);
      if (!task) continue;
      last = task;
      const work = await mkdtemp(join(tmpdir(), 'surprisal-text-'));
      try {
        const { arms, ...run } = await runProduct(task, work, seed);
        runs.push(run);
        for (const [way, columns] of Object.entries({ ...arms, ...countingArms(task) })) note(ways, way, columns, task);
      } finally {
        await rm(work, { recursive: true, force: true });
      }
      process.stderr.write(`${name}, seed ${seed}: trained in ${runs.at(-1)?.trainingSeconds.toFixed(0)} s\n`);
    }
    if (!last) continue;
    const figures = summary(ways, last);
    json[name] = {
      lines: { learned: last.learned.length, normals: last.normals.length, attacks: last.attacks.length },
      runs,
      ways: figures,
    };
    tables.push(tableOf(name, last, figures, runs));
  }
  return { json, markdown: tables.join('\n\n') };
}

/** They learn from what the model learns and stops by. */
function countingArms({ learned, normals, attacks }: TextTask): Record<string, LineColumns> {
  const { validationEnd } = cutRows(learned.length);
  const arms: Record<string, LineColumns> = {};
  const texts = (lines: readonly string[]): string[] => lines.map(withoutHeader);
  const judged = texts([...normals, ...attacks.map(({ text }) => text)]);
  for (const [name, aggregates] of Object.entries(learnCounting(texts(learned.slice(0, validationEnd))))) {
    for (const [aggregate, score] of Object.entries(aggregates))
      arms[`${name}_${aggregate}`] = {
        calibration: Float64Array.from(texts(learned.slice(validationEnd)), score),
        test: Float64Array.from(judged, score),
      };
  }
  return arms;
}

/** Addresses and times of an access line tell nothing to those who cannot mask them. */
function withoutHeader(line: string): string {
  const quote = line.indexOf('] "');
  return quote > 0 ? line.slice(quote + 2) : line;
}

function note(ways: Map<string, Way>, name: string, { calibration, test }: LineColumns, task: TextTask): void {
  const way: Way = ways.get(name) ?? {
    area: [],
    recall: [],
    byKind: {},
    calibrated: { recall: [], realised: [] },
    alerts: [],
  };
  ways.set(name, way);
  const isThreat = threatsOf(task);
  const rows = [...test].map((score, row) => ({ score, label: Number(isThreat[row]) }));
  way.area.push(areaUnderRoc(rows));
  const threshold = thresholdOf(test.slice(0, task.normals.length));
  const alerts = Array.from(test, (score) => score > threshold);
  way.alerts.push(alerts);
  way.recall.push(shareOfAlerts(alerts, isThreat).recall);
  const set = conformalThreshold(calibration, rate) ?? Infinity;
  const calibrated = shareOfAlerts(
    Array.from(test, (score) => score > set),
    isThreat,
  );
  way.calibrated.recall.push(calibrated.recall);
  way.calibrated.realised.push(calibrated.rate);
  for (const kind of new Set(task.attacks.map((attack) => attack.kind))) {
    const own = task.attacks.flatMap((attack, i) =>
      attack.kind === kind ? [alerts[task.normals.length + i] === true] : [],
    );
    (way.byKind[kind] ??= []).push(own.filter(Boolean).length / own.length);
  }
}

/** No more than the rate of the normal lines are above it. */
function thresholdOf(normals: Float64Array): number {
  return (
    Float64Array.from(normals)
      .sort()
      .at(-1 - Math.floor(normals.length * rate)) ?? Infinity
  );
}

function threatsOf({ normals, attacks }: TextTask): boolean[] {
  return Array.from({ length: normals.length + attacks.length }, (_, row) => row >= normals.length);
}

type Figures = {
  area: { mean: number; deviation: number };
  recall: { mean: number; deviation: number; low: number; high: number };
  byKind: Record<string, number>;
  calibrated: { recall: number; realised: number };
  /** Recall less that of the better aggregate of each baseline. */
  ahead?: Record<string, { low: number; high: number }>;
};

function summary(ways: ReadonlyMap<string, Way>, task: TextTask): Record<string, Figures> {
  const isThreat = threatsOf(task);
  const draws = drawResamples(isThreat, 1);
  const recalls = new Map([...ways].map(([name, way]) => [name, recallsOf(way, isThreat, draws)]));
  const betterOf = (baseline: string): string =>
    [`${baseline}_sum`, `${baseline}_mean`].sort(
      (a, b) => meanOf(ways.get(b)?.recall ?? []) - meanOf(ways.get(a)?.recall ?? []),
    )[0] ?? '';
  return Object.fromEntries(
    [...ways].map(([name, way]): [string, Figures] => [
      name,
      {
        area: { mean: meanOf(way.area), deviation: deviationOf(way.area) },
        recall: {
          mean: meanOf(way.recall),
          deviation: deviationOf(way.recall),
          ...intervalOf(recalls.get(name) ?? []),
        },
        byKind: Object.fromEntries(Object.entries(way.byKind).map(([kind, values]) => [kind, meanOf(values)])),
        calibrated: { recall: meanOf(way.calibrated.recall), realised: meanOf(way.calibrated.realised) },
        ...(ours.includes(name)
          ? {
              ahead: Object.fromEntries(
                baselines.map((baseline) => {
                  const better = betterOf(baseline);
                  return [better, differenceOf(recalls.get(name) ?? [], recalls.get(better) ?? [])];
                }),
              ),
            }
          : {}),
      },
    ]),
  );
}

function tableOf(
  name: string,
  { learned, normals, attacks }: TextTask,
  figures: Record<string, Figures>,
  runs: readonly { trainingSeconds: number; epochs: number }[],
): string {
  const percent = (value: number): string => (100 * value).toFixed(1);
  return [
    `### ${name}`,
    '',
    `${runs.length} seeds; ${learned.length} lines learned from, ${normals.length} normal and ${attacks.length} attacks judged. Trained in ${runs.map(({ trainingSeconds }) => trainingSeconds.toFixed(0)).join(', ')} s.`,
    '',
    '| way | area | recall at a realised 1 % (95 %) | by kind | at the calibrated threshold: recall, realised | ahead of |',
    '| --- | --- | --- | --- | --- | --- |',
    ...Object.entries(figures).map(
      ([way, { area, recall, byKind, calibrated, ahead }]) =>
        `| ${[
          way,
          `${area.mean.toFixed(4)} ± ${area.deviation.toFixed(4)}`,
          `${percent(recall.mean)} ± ${percent(recall.deviation)} (${percent(recall.low)} to ${percent(recall.high)})`,
          Object.entries(byKind)
            .map(([kind, value]) => `${kind} ${percent(value)}`)
            .join(', '),
          `${percent(calibrated.recall)}, ${percent(calibrated.realised)}`,
          Object.entries(ahead ?? {})
            .map(([other, { low, high }]) => `${other} ${percent(low)} to ${percent(high)}`)
            .join(', '),
        ].join(' | ')} |`,
    ),
  ].join('\n');
}
