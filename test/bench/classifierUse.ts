/**
 * @file `npm run -s bench -- classifier`: what a classifier of verdicts adds as a detector over the made-up office. An analyst who is always right decides the alerts
 * of one log; another log, which neither was trained on, is scored without the classifier and with it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { averagePrecisionOf } from '../../src/main/classify/quality.ts';
import type { ClassifierGate } from '../../src/shared/classify.ts';
import { importLog, learnFrom, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { writeOffice, type OfficeLog } from '../helpers/office.ts';
import type { Report } from './main.ts';

type Scored = { averagePrecision: number; found: number; falseAlarms: number };
type Result = {
  verdicts: { threats: number; harmless: number };
  gate: ClassifierGate | null;
  refusal: string | null;
  before: Scored;
  after: Scored | null;
};

export async function benchClassifier(lines: number): Promise<Report> {
  const work = await mkdtemp(join(tmpdir(), 'surprisal-classifier-'));
  const office = (name: string, seed: number, anomalyRate: number): OfficeLog =>
    writeOffice(join(work, `${name}.log`), { lines, seed, anomalyRate });
  const test = await openApp(join(work, 'workspace'));
  try {
    await learnFrom(test, [await importLog(test, office('quiet', 1, 0).path)]);
    await test.ask('thresholds.set_budget', { budget: { alerts: 1000, per: '100k' } });
    const verdicts = await judge(test, office('judged', 2, 0.05));
    const later = office('later', 3, 0.03);
    const sourceId = await importLog(test, later.path);
    const before = await scored(test, sourceId, later);
    const { classifierId, jobId } = await test.ask('classifiers.train_verdicts', {});
    const trained = await test.finished(jobId);
    if (trained.state !== 'done') throw new Error(trained.error ?? trained.state);
    const used = await test.finished((await test.ask('classifiers.use', { classifierId })).jobId);
    const [one] = await test.ask('classifiers.list', {});
    const after = used.state === 'done' ? await scored(test, sourceId, later, before.atRecall) : null;
    const result: Result = {
      verdicts,
      gate: one?.card.gate ?? null,
      refusal: used.error,
      before: before.figures,
      after: after?.figures ?? null,
    };
    return { json: result, markdown: tableOf(result) };
  } finally {
    await test.close();
    await rm(work, { recursive: true, force: true });
  }
}

async function judge(test: TestApp, log: OfficeLog): Promise<Result['verdicts']> {
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

/** Every line of the log. `atRecall`: how many lines must be found, at whatever threshold; left out, those that the threshold finds. */
async function scored(
  test: TestApp,
  sourceId: number,
  { isAnomaly }: OfficeLog,
  atRecall?: number,
): Promise<{ figures: Scored; atRecall: number }> {
  const { scoring, services } = test.app.parts;
  const scores = new Float64Array(isAnomaly.length);
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
    scores[eventId - first] = score;
  });
  const ofThreats = [...scores].filter((_, i) => isAnomaly[i]).sort((a, b) => b - a);
  const found = atRecall ?? ofThreats.filter((score) => score >= thresholdScore).length;
  const least = atRecall === undefined ? thresholdScore : (ofThreats[found - 1] ?? Infinity);
  const falseAlarms = [...scores].filter((score, i) => !isAnomaly[i] && score >= least).length;
  const averagePrecision = averagePrecisionOf(
    scores,
    Uint8Array.from(isAnomaly, (is) => (is ? 1 : 0)),
  );
  return { figures: { averagePrecision, found, falseAlarms }, atRecall: found };
}

function tableOf({ verdicts, gate, refusal, before, after }: Result): string {
  const row = (name: string, { averagePrecision, found, falseAlarms }: Scored): string =>
    `| ${name} | ${averagePrecision.toFixed(3)} | ${found} | ${falseAlarms} |`;
  const check = gate?.checks.find(({ id }) => id === 'average_precision');
  return [
    `${verdicts.threats} threats and ${verdicts.harmless} false alarms were decided. ${refusal ?? 'The classifier came in use.'}`,
    check
      ? `Held out: average precision ${check.before?.value.toFixed(3)} without, ${check.after.value.toFixed(3)} with it.`
      : '',
    '',
    '| later log | average precision | lines found | false alarms at as many found |',
    '| --- | --- | --- | --- |',
    row('without', before),
    ...(after ? [row('with the classifier', after)] : []),
    '',
  ].join('\n');
}
