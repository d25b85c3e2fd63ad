/** @file All ways of detecting that are put side by side. Each is fitted on what is learned from, scores sessions, and alerts by a threshold from calibration alone. */
import { topKOf } from '../../../src/shared/recipes.ts';
import { keyTokens } from '../../../src/shared/sequences.ts';
import {
  backOff,
  keyAndNgrams,
  keywords,
  largestBits,
  largestRank,
  meanBits,
  principalComponents,
  unseenTrigrams,
  type ScoreSessions,
} from './baselines.ts';
import { byDetector, fused, named } from './detectors.ts';
import { alignByTopK } from './keyModel.ts';
import type { Prepared, Scored } from './prepared.ts';

export type Arm = {
  name: string;
  fit: (prepared: Prepared, seed: number) => ScoreSessions | Promise<ScoreSessions>;
  /** Scores are -log10 p already: the product's own threshold. Others get theirs from the calibration scores. */
  isPValue?: boolean;
  /** The rule as it was published, beside the calibrated threshold: at or above this score it alerts. */
  rule?: { name: string; threshold: (prepared: Prepared, calibration: ArrayLike<number>) => number };
  /** What the key model takes for its bits counts as time of this way. */
  usesBits?: boolean;
  /** Takes minutes: only where it is asked for. */
  isSlow?: boolean;
};

const percentile95 = (_: Prepared, calibration: ArrayLike<number>): number =>
  Float64Array.from(calibration).sort()[Math.floor(0.95 * calibration.length)] ?? NaN;
/** Half of the kinds, but never all of them. */
const halfOfKinds = ({ model }: Prepared): number => topKOf(model.shape);

const product =
  (id: Parameters<typeof named>[0]): Arm['fit'] =>
  (prepared) =>
    byDetector(named(id), prepared);

export const ours = 'ours';

export const arms: readonly Arm[] = [
  {
    name: 'new_event',
    fit: () => (sessions) => sessions.map(({ view }) => view.ids.filter((id) => id === keyTokens.unseen).length),
  },
  { name: 'count_vector', fit: product('count_vector') },
  { name: '2gram', fit: (prepared) => backOff(prepared, 2) },
  { name: '3gram', fit: (prepared) => backOff(prepared, 3) },
  { name: '5gram', fit: (prepared) => backOff(prepared, 5) },
  { name: 'kneser_ney_5', fit: product('ngram') },
  { name: 'unseen_trigrams', fit: unseenTrigrams },
  { name: 'pca', fit: principalComponents },
  { name: 'isolation_forest', fit: product('isolation') },
  { name: 'keywords', fit: () => keywords },
  {
    name: 'next_key_top9',
    fit: ({ model }) => largestRank(model),
    rule: { name: 'not among the 9 most probable', threshold: () => 9 },
  },
  { name: 'perplexity', fit: () => meanBits, rule: { name: '95th percentile', threshold: percentile95 } },
  {
    name: 'top_k',
    fit: ({ model }) => largestRank(model),
    rule: { name: 'not in the more probable half of kinds', threshold: halfOfKinds },
  },
  {
    name: 'top_k_rl',
    fit: async ({ model, learned, tokens }, seed) => largestRank(await alignByTopK(model, learned.map(tokens), seed)),
    rule: { name: 'not in the more probable half of kinds', threshold: halfOfKinds },
    isSlow: true,
  },
  { name: 'key_model', fit: () => largestBits, usesBits: true },
  { name: 'key_and_ngrams', fit: keyAndNgrams, usesBits: true },
  { name: ours, fit: (prepared) => fused(prepared), isPValue: true, usesBits: true },
];

/** Left out, and why. */
export const leftOut = ['text model alone: measured by `bench text`, on lines; sessions of keys have no text.'];

export type ArmScores = { calibration: Float64Array; test: Float64Array; linesPerSecond: number };

/** NaN, where a detector says nothing, is less than every score. */
export async function scoresOf(arm: Arm, prepared: Prepared, seed: number): Promise<ArmScores> {
  const scoring = await arm.fit(prepared, seed);
  const started = performance.now();
  const all = [...prepared.calibration, ...prepared.test];
  const scores = Float64Array.from(await scoring(all), (score) => (Number.isNaN(score) ? -1 : score));
  const seconds = (performance.now() - started) / 1000;
  const events = all.reduce((sum, { view }) => sum + view.count, 0);
  return {
    calibration: scores.slice(0, prepared.calibration.length),
    test: scores.slice(prepared.calibration.length),
    linesPerSecond: 1 / (seconds / events + (arm.usesBits ? 1 / prepared.keyEventsPerSecond : 0)),
  };
}

export function threatsOf(sessions: readonly Scored[]): boolean[] {
  return sessions.map(({ session }) => session.isThreat);
}
