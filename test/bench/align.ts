/**
 * @file Training by reward, its forms side by side on labelled sessions that none of them saw: HDFS where `--data DIR` has it, else the
 * made-up office. Means over the seeds with the range of each beside it, and what each seed gave.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlignInput } from '../../src/shared/alignProtocol.ts';
import { decisionRewards } from '../../src/shared/decisions.ts';
import { alignRecipe, keyModelShapes, topKOf } from '../../src/shared/recipes.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { alignModel } from '../../trainer/align/align.ts';
import { AlignModel } from '../../trainer/align/model.ts';
import type { Aligned } from '../../trainer/align/run.ts';
import { scoreSequence } from '../../trainer/align/scores.ts';
import { rewardOf } from '../../trainer/align/verdictLoss.ts';
import { exportModel } from '../../trainer/files/export.ts';
import type { PieceSet } from '../../trainer/train/pieces.ts';
import { createRandom, shuffle, type Random } from '../../trainer/train/random.ts';
import { trainModel } from '../../trainer/train/train.ts';
import { labelledSessions, tokeniser, type LabelledSessions, type Session } from './alignData.ts';
import { gainOf, rankedBy, type Paired } from './gain.ts';
import type { BenchOptions, Figures, Report } from './main.ts';
import { trainByPublishedRule, type PublishedRule } from './publishedRule.ts';
import { areaUnderRoc } from './quality.ts';

const training = { maxEpochs: 10, patience: 3, learningRate: 3e-3, unseenRate: 0.01 };
/** Verdicts of each class: half of the harmless ones are the worst false alarms there are. */
const verdictsPerClass = 60;
/** Of harmless sessions that alarm: at the threshold that verdicts are given at, and at the one set anew. */
const [storedRate, recalibratedRate] = [0.05, 0.01];
const intraOpThreads = availableParallelism();
const context = { signal: new AbortController().signal, progress: () => undefined };

/** Sessions as tokens, by what they are for. */
type Parts = {
  shape: KeyModelShape;
  training: number[][];
  validation: number[][];
  /** Harmless: for thresholds. */
  calibration: number[][];
  /** Harmless, and not among the others: some get a verdict. */
  pool: number[][];
  threats: number[][];
  test: { tokens: number[]; isThreat: boolean }[];
};
type Verdicts = { labelled: number[][]; isThreat: boolean[] };

export async function benchAlign({ data, seeds }: BenchOptions): Promise<Report> {
  const sessions = await labelledSessions(data);
  const work = await mkdtemp(join(tmpdir(), 'surprisal-align-'));
  try {
    const bySeed: Figures[] = [];
    for (let seed = 1; seed <= seeds; seed++) bySeed.push(await runOnce(sessions, seed, work));
    const means = meansOf(bySeed);
    return { json: { ...means, by_seed: bySeed }, markdown: tableOf(means, bySeed) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The ends of an interval have no mean that means anything: they stand by seed. */
function meansOf(bySeed: readonly Figures[]): Figures {
  const names = Object.keys(bySeed[0] ?? {}).filter((name) => !/_(low|high)$/.test(name));
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = bySeed.map((run) => run[name] ?? NaN);
      return [
        [name, mean(values)],
        [`${name}_range`, Math.max(...values) - Math.min(...values)],
      ];
    }),
  );
}

function tableOf(means: Figures, bySeed: readonly Figures[]): string {
  const rounded = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(4));
  const rows = Object.keys(bySeed[0] ?? {}).map((name) =>
    [name, rounded(means[name]), ...bySeed.map((run) => rounded(run[name]))].join(' | '),
  );
  const head = ['figure', 'mean', ...bySeed.map((_, index) => `seed ${index + 1}`)];
  return [head.join(' | '), head.map(() => '---').join(' | '), ...rows].map((row) => `| ${row} |\n`).join('');
}

async function runOnce(sessions: LabelledSessions, seed: number, work: string): Promise<Figures> {
  const random = createRandom(seed);
  const parts = partsOf(sessions, random);
  const { shape } = parts;
  const replay = packSequences(parts.training);
  const input = { directory: '', shape, seed, intraOpThreads, checkpoint: null };
  const validation = packSequences(parts.validation);
  const { parameters: start } = await trainModel({ ...input, ...training, training: replay, validation }, context);
  const threshold = upperQuantile(await scoresOf(shape, start, parts.calibration), storedRate);
  const verdicts = await giveVerdicts(parts, start);
  const judge = (parameters: Float32Array): Promise<Figures> =>
    figuresOf(parts, verdicts, { start, parameters, threshold });
  const figures = named('start', await judge(start));

  await exportModel(work, shape, start);
  const { epochs, batchSequences, learningRate, temperature, leastSteps } = alignRecipe;
  const alike = { epochs, batchSequences, learningRate: learningRate.trainedHere };
  const align = (objective: AlignInput['objective']): Promise<Aligned> =>
    alignModel({ ...input, ...alike, startWeights: join(work, 'weights.safetensors'), replay, objective }, context);
  const rewards = decisionRewards;
  const labelled = packSequences(verdicts.labelled);
  const { isThreat } = verdicts;
  for (const form of ['expected_reward', 'kto'] as const) {
    const { parameters, keptEpoch } = await align({
      kind: 'verdicts',
      form,
      rewards,
      score: 'mean',
      threshold,
      temperature,
      labelled,
      isThreat,
      leastSteps,
    });
    Object.assign(figures, named(form, { ...(await judge(parameters)), kept_epoch: keptEpoch }));
  }
  const k = topKOf(shape);
  const topK = await align({ kind: 'top_k', k });
  const hitRates = {
    k,
    hit_rate_before: topK.epochs[0]?.hitRate ?? NaN,
    hit_rate: topK.epochs[topK.keptEpoch]?.hitRate ?? NaN,
  };
  Object.assign(
    figures,
    named('top_k', { ...(await judge(topK.parameters)), ...hitRates, kept_epoch: topK.keptEpoch }),
  );

  const pieces = piecesOf(verdicts.labelled);
  // As many steps as the others: 120 verdicts are fewer batches than that.
  const rule = { ...alike, pieces, isThreat, threshold, rewards, random, steps: leastSteps };
  const published = await byPublishedRule(shape, start, rule);
  return { ...figures, ...named('published_rule', await judge(published)) };
}

function partsOf({ training, heldBack, judged }: LabelledSessions, random: Random): Parts {
  const { vocabularySize, tokens } = tokeniser(training, keyModelShapes.key_s.contextLength);
  const shuffled = (sessions: readonly Session[], counter: number): Session[] => {
    const order = Int32Array.from(sessions.keys());
    shuffle(order, random, counter);
    return Array.from(order, (index) => sessions[index]).filter((session) => session !== undefined);
  };
  const harmless = shuffled(heldBack, 1).map(tokens);
  const threats = shuffled(
    judged.filter(({ isThreat }) => isThreat),
    2,
  );
  const given = Math.min(verdictsPerClass, Math.floor(threats.length / 2));
  const test = [...threats.slice(given), ...judged.filter(({ isThreat }) => !isThreat)];
  const learnt = Math.floor(training.length * 0.9);
  return {
    shape: { ...keyModelShapes.key_s, vocabularySize },
    training: training.slice(0, learnt).map(tokens),
    validation: training.slice(learnt).map(tokens),
    pool: harmless.slice(0, Math.floor(harmless.length / 3)),
    calibration: harmless.slice(Math.floor(harmless.length / 3)),
    threats: threats.slice(0, given).map(tokens),
    test: test.map((session) => ({ tokens: tokens(session), isThreat: session.isThreat })),
  };
}

/** As an analyst would: on threats, on what alarms most without being one, and on some that do not alarm. */
async function giveVerdicts({ shape, pool, threats }: Parts, start: Float32Array): Promise<Verdicts> {
  const scores = await scoresOf(shape, start, pool);
  const ranked = [...pool.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const worst = ranked.slice(0, Math.ceil(threats.length / 2));
  const others = [...pool.keys()].filter((index) => !worst.includes(index)).slice(0, threats.length - worst.length);
  const harmless = [...worst, ...others].map((index) => pool[index] ?? []);
  return { labelled: [...threats, ...harmless], isThreat: [...threats.map(() => true), ...harmless.map(() => false)] };
}

async function byPublishedRule(shape: KeyModelShape, start: Float32Array, rule: PublishedRule): Promise<Float32Array> {
  const model = await AlignModel.create(shape, start, intraOpThreads);
  try {
    await trainByPublishedRule(model, rule);
    return model.state.parameters;
  } finally {
    await model.release();
  }
}

/** Reward and accuracy on the sequences with verdicts, all else on what no training saw. */
async function figuresOf(
  { shape, calibration, test }: Parts,
  { labelled, isThreat }: Verdicts,
  { start, parameters, threshold }: { start: Float32Array; parameters: Float32Array; threshold: number },
): Promise<Figures> {
  const scores = (sequences: number[][]): Promise<number[]> => scoresOf(shape, parameters, sequences);
  const judged = await scores(labelled);
  const normal = await scores(calibration);
  const tested = await scores(test.map(({ tokens }) => tokens));
  const anew = upperQuantile(normal, recalibratedRate);
  const unseen = await unseenRanking({ shape, test, labelled }, start, tested);
  const shareAbove = (limit: number, ofThreats: boolean): number =>
    mean(tested.flatMap((score, i) => (test[i]?.isThreat === ofThreats ? [Number(score >= limit)] : [])));
  return {
    reward: mean(judged.map((score, i) => rewardOf(score, isThreat[i] ?? false, threshold, decisionRewards))),
    accuracy: mean(judged.map((score, i) => Number(score >= threshold === isThreat[i]))),
    false_alarm_rate: shareAbove(threshold, false),
    recall_at_1_percent: shareAbove(anew, true),
    false_alarm_rate_at_1_percent: shareAbove(anew, false),
    auroc: areaUnderRoc(tested.map((score, i) => ({ score, label: Number(test[i]?.isThreat) }))),
    ...unseen,
    normal_likelihood_ratio: Math.exp(mean(await scoresOf(shape, start, calibration)) - mean(normal)),
  };
}

/**
 * On sessions that are none of those with a verdict, event by event: what the model ranks, and what that gained over the start. Drawn by session; and
 * with all that are the same drawn together, for a log has the same session many times.
 */
async function unseenRanking(
  { shape, test, labelled }: Pick<Parts, 'shape' | 'test'> & Pick<Verdicts, 'labelled'>,
  start: Float32Array,
  after: readonly number[],
): Promise<Figures> {
  const touched = new Set(labelled.map((tokens) => tokens.join()));
  const before = await scoresOf(
    shape,
    start,
    test.map(({ tokens }) => tokens),
  );
  const rows = test.flatMap(({ tokens, isThreat }, row): (Paired & { same: string })[] => {
    const same = tokens.join();
    return touched.has(same)
      ? []
      : [{ unit: row, same, isThreat, before: before[row] ?? NaN, after: after[row] ?? NaN }];
  });
  const [bySession, bySame] = [gainOf(rows), gainOf(rows.map((row) => ({ ...row, unit: row.same })))];
  return {
    unseen_ap: rankedBy(rows, 'after'),
    unseen_ap_gain: rankedBy(rows, 'after') - rankedBy(rows, 'before'),
    unseen_ap_gain_low: bySession.low,
    unseen_ap_gain_high: bySession.high,
    unseen_ap_gain_same_together_low: bySame.low,
    unseen_ap_gain_same_together_high: bySame.high,
  };
}

async function scoresOf(shape: KeyModelShape, parameters: Float32Array, sequences: number[][]): Promise<number[]> {
  const model = await AlignModel.create(shape, parameters, intraOpThreads);
  try {
    const entries = Int32Array.from(sequences.keys());
    const found = await model.surprises(model.reference, piecesOf(sequences), entries);
    return sequences.map((_, i) => scoreSequence(found.get(i) ?? new Float32Array(0), 'mean').score);
  } finally {
    await model.release();
  }
}

/** One piece per sequence, equal ones too. */
function piecesOf(sequences: readonly number[][]): PieceSet {
  const { ids, offsets } = packSequences(sequences);
  const counts = new Int32Array(sequences.length).fill(1);
  return { ids, offsets, counts, predictions: ids.length - sequences.length, targetWeights: null };
}

/** The score that so large a share of calibration scores reaches, at most: conformal. */
function upperQuantile(scores: readonly number[], share: number): number {
  const sorted = [...scores].sort((a, b) => b - a);
  return sorted[Math.max(0, Math.floor(share * (sorted.length + 1)) - 1)] ?? NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function named(name: string, figures: Figures): Figures {
  return Object.fromEntries(Object.entries(figures).map(([figure, value]) => [`${name}_${figure}`, value]));
}
