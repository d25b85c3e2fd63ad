/** @file `npm run -s bench -- classify --data DIR`: classifiers of the archives in a folder, and what baselines without a model find in the same windows. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArchive } from '../../src/main/classify/archive.ts';
import { calibrate } from '../../src/main/classify/calibrate.ts';
import { prepareTraining } from '../../src/main/classify/prepare.ts';
import { duplicatesOf, noQualityOf, reportOf } from '../../src/main/classify/report.ts';
import { countOf, tokensOf } from '../../src/main/classify/windows.ts';
import { createClassifyHandlers } from '../../src/main/engine/classify.ts';
import { openSession } from '../../src/main/engine/session.ts';
import type { ClassifierQuality, LabelledWindows, TestReport } from '../../src/shared/classify.ts';
import { classifierShape, classifierTraining } from '../../src/shared/recipes.ts';
import { trainClassifier } from '../../trainer/classify/trainClassifier.ts';
import type { Report } from './main.ts';

type Run = { seed: number; epochs: number; bestEpoch: number; elapsedMs: number; report: TestReport };
type SetReport = {
  archive: string;
  train: ReturnType<typeof countOf>;
  test: ReturnType<typeof countOf>;
  duplicates: ReturnType<typeof duplicatesOf>;
  noQuality: string | null;
  runs: Run[];
};

export async function benchClassify(data: string | undefined, seeds: number): Promise<Report> {
  if (data === undefined) throw new Error('bench classify wants --data, a folder of .npz archives.');
  const names = (await readdir(data)).filter((name) => name.endsWith('.npz')).sort();
  const sets: SetReport[] = [];
  for (const name of names) {
    const parts = await readArchive(await readFile(join(data, name)));
    const runs: Run[] = [];
    for (let seed = 1; seed <= seeds; seed++) runs.push(await oneRun(parts, seed));
    const [train, test] = [countOf(parts.train), countOf(parts.test)];
    sets.push({ archive: name, train, test, duplicates: duplicatesOf(parts), noQuality: noQualityOf(parts), runs });
  }
  return { json: { sets }, markdown: sets.map(tableOf).join('\n') };
}

async function oneRun(parts: { train: LabelledWindows; test: LabelledWindows }, seed: number): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'surprisal-bench-'));
  try {
    const { vocabulary, heldBack, classWeight, fit: _, ...data } = prepareTraining(parts.train, seed);
    const { length } = parts.train;
    const shape = { ...classifierShape, contextLength: length, vocabularySize: vocabulary.size };
    const never = new AbortController().signal;
    const { epochs, bestEpoch, elapsedMs } = await trainClassifier(
      { ...classifierTraining, ...data, directory, shape, seed, intraOpThreads: 1, checkpoint: null },
      { signal: never, progress: () => undefined },
    );
    const engine = createClassifyHandlers({ openSession, intraOpThreads: 1 });
    const logitsOf = async ({ ids }: LabelledWindows): Promise<Float32Array> => {
      const input = { directory, ids: tokensOf(ids, vocabulary), length };
      const answer = await engine.classify(input, { signal: never, progress: () => undefined });
      return ('value' in answer ? (answer.value as typeof answer & { logits: Float32Array }) : answer).logits;
    };
    const calibration = calibrate(await logitsOf(heldBack), heldBack, classWeight);
    return { seed, epochs, bestEpoch, elapsedMs, report: reportOf(parts, await logitsOf(parts.test), calibration) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function tableOf({ archive, train, test, duplicates, noQuality, runs }: SetReport): string {
  const share = (value: number | null): string => (value === null ? '–' : value.toFixed(3));
  const row = (
    name: string,
    { precision, recall, f1, averagePrecision: ap, falsePositives }: ClassifierQuality,
  ): string => `| ${name} | ${share(precision)} | ${share(recall)} | ${share(f1)} | ${share(ap)} | ${falsePositives} |`;
  const [first] = runs;
  const lines = [
    `## ${archive}`,
    '',
    `${train.windows} windows to train (${train.anomalous} anomalous), ${test.windows} to test (${test.anomalous}); ${duplicates.testInTrain} test windows are also in the training part.`,
    ...(noQuality === null ? [] : ['', noQuality]),
    '',
    '| | precision | recall | F1 | average precision | false alarms |',
    '| --- | --- | --- | --- | --- | --- |',
    ...runs.map(({ seed, report }) => row(`encoder, seed ${seed}`, report.classifier)),
    ...runs.map(({ seed, report }) => row(`the same, windows not in training, seed ${seed}`, report.withoutDuplicates)),
  ];
  if (first) {
    const { majority, unseenId, seenAnomalous } = first.report.baselines;
    lines.push(row('always the majority', majority), row('an unseen event id', unseenId));
    lines.push(row('the same window was anomalous in training', seenAnomalous));
  }
  for (const { seed, epochs, bestEpoch, elapsedMs, report } of runs)
    lines.push(
      `Seed ${seed}: ${epochs} epochs, the best ${bestEpoch}, ${(elapsedMs / 1000).toFixed(1)} s; Brier ${report.brier.raw.toFixed(4)}, calibrated ${report.brier.calibrated.toFixed(4)}.`,
    );
  return `${lines.join('\n')}\n`;
}
