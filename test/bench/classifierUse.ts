/**
 * @file `npm run -s bench -- classifier [SET...] [--data DIR]`: what a classifier of verdicts adds as a detector. An analyst who is always right decides the alerts of
 * one log; another log, which neither was trained on, is scored without the classifier and with it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { averagePrecisionOf } from '../../src/main/classify/quality.ts';
import type { ClassifierGate } from '../../src/shared/classify.ts';
import { importLog, learnFrom, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { classifierSets, type JudgedLogs, type LabelledLog } from './classifierSets.ts';
import type { BenchOptions, Report } from './main.ts';

type Scored = { averagePrecision: number; found: number; falseAlarms: number };
type Result = {
  set: string;
  verdicts: { threats: number; harmless: number };
  gate: ClassifierGate | null;
  refusal: string | null;
  before: Scored;
  after: Scored | null;
};

export async function benchClassifier({ data, lines = 10_000 }: BenchOptions, parts: string[]): Promise<Report> {
  const results: Result[] = [];
  for (const [name, write] of Object.entries(classifierSets(data, lines))) {
    if (parts.length > 0 && !parts.includes(name)) continue;
    const work = await mkdtemp(join(tmpdir(), 'surprisal-classifier-'));
    const test = await openApp(join(work, 'workspace'));
    try {
      results.push({ set: name, ...(await measure(test, await write(work))) });
    } finally {
      await test.close();
      await rm(work, { recursive: true, force: true });
    }
  }
  return { json: results, markdown: results.map(tableOf).join('\n') };
}

async function measure(test: TestApp, { quiet, judged, later }: JudgedLogs): Promise<Omit<Result, 'set'>> {
  await learnFrom(test, [await importLog(test, quiet)]);
  await test.ask('thresholds.set_budget', { budget: { alerts: 1000, per: '100k' } });
  const verdicts = await judge(test, judged);
  const sourceId = await importLog(test, later.path);
  const before = await scored(test, sourceId, later);
  const asIt = { verdicts, gate: null, before: before.figures, after: null };
  const refused = await test.ask('classifiers.train_verdicts', {}).then(
    async ({ classifierId, jobId }) => {
      const trained = await test.finished(jobId);
      if (trained.state !== 'done') throw new Error(trained.error ?? trained.state);
      return (await test.finished((await test.ask('classifiers.use', { classifierId })).jobId)).error;
    },
    // Too few threats among the verdicts.
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const [one] = await test.ask('classifiers.list', {});
  const after = refused === null ? await scored(test, sourceId, later, before.atRecall) : null;
  return { ...asIt, gate: one?.card.gate ?? null, refusal: refused, after: after?.figures ?? null };
}

async function judge(test: TestApp, log: LabelledLog): Promise<Result['verdicts']> {
  await scoreSources(test, [await importLog(test, log.path)]);
  const { rows } = await test.ask('alerts.list', { limit: 1000 });
  const ids = (isThreat: boolean): string[] =>
    rows.filter(({ lineNumber }) => (log.isAnomaly[lineNumber - 1] === true) === isThreat).map(({ id }) => id);
  for (const [value, own] of [
    ['true_positive', ids(true)],
    ['false_positive_logic', ids(false)],
  ] as const)
    if (own.length > 0) await test.ask('verdicts.give_many', { selection: { kind: 'ids', ids: own }, value });
  await test.app.parts.thresholds.settled();
  return { threats: ids(true).length, harmless: ids(false).length };
}

/** Every line or session of the log, by its highest score. `atRecall`: how many must be found, at whatever threshold; left out, those that the threshold finds. */
async function scored(
  test: TestApp,
  sourceId: number,
  { isAnomaly, unitOf }: LabelledLog,
  atRecall?: number,
): Promise<{ figures: Scored; atRecall: number }> {
  const { scoring, services } = test.app.parts;
  const unitAt = (line: number): number => unitOf?.[line] ?? line;
  const units = unitOf ? Math.max(...unitOf) + 1 : isAnomaly.length;
  const scores = new Float64Array(units);
  const isThreat = new Uint8Array(units);
  isAnomaly.forEach((is, line) => (isThreat[unitAt(line)] = is ? 1 : 0));
  const [first = 0] = (await services.store.call('read_keys', { sourceId, afterEventId: 0, limit: 1 })).eventIds;
  const idle = new AbortController().signal;
  const job = {
    signal: idle,
    cancelled: idle,
    update: () => undefined,
    setPausing: () => undefined,
    setCurve: () => undefined,
  };
  const { thresholdScore } = await scoring.scoreSource(sourceId, job, (eventId, _bits, score) => {
    const unit = unitAt(eventId - first);
    scores[unit] = Math.max(scores[unit] ?? 0, score);
  });
  const ofThreats = [...scores].filter((_, unit) => isThreat[unit] === 1).sort((a, b) => b - a);
  const found = atRecall ?? ofThreats.filter((score) => score >= thresholdScore).length;
  const least = atRecall === undefined ? thresholdScore : (ofThreats[found - 1] ?? Infinity);
  const falseAlarms = [...scores].filter((score, unit) => isThreat[unit] === 0 && score >= least).length;
  const averagePrecision = averagePrecisionOf(scores, isThreat);
  return { figures: { averagePrecision, found, falseAlarms }, atRecall: found };
}

function tableOf({ set, verdicts, gate, refusal, before, after }: Result): string {
  const row = (name: string, { averagePrecision, found, falseAlarms }: Scored): string =>
    `| ${name} | ${averagePrecision.toFixed(3)} | ${found} | ${falseAlarms} |`;
  const check = gate?.checks.find(({ id }) => id === 'average_precision');
  return [
    `## ${set}`,
    '',
    `${verdicts.threats} threats and ${verdicts.harmless} false alarms were decided. ${refusal ?? 'The classifier came in use.'}`,
    check
      ? `Held out: average precision ${check.before?.value.toFixed(3)} without, ${check.after.value.toFixed(3)} with it.`
      : '',
    '',
    '| later log | average precision | found | false alarms at as many found |',
    '| --- | --- | --- | --- |',
    row('without', before),
    ...(after ? [row('with the classifier', after)] : []),
    '',
  ].join('\n');
}
