/**
 * @file The tutorial's decision, formula by formula: a perplexity threshold at the 95th percentile of held-back windows, so that 5 % of normal
 * windows alert by it; three detectors whose weighted confidences are averaged.
 */
import { fitForest, isolationScore, type Forest } from '../isolationForest.ts';

export const tutorialWeights = { languageModel: 2, zScore: 1, isolationForest: 1.5 } as const;
const percentile = 0.95;
const zThreshold = 3;
const contamination = 0.01;
export const anomalyAbove = 0.5;

/** JSON. What is learned from windows taken as normal. */
export type TutorialState = {
  perplexityThreshold: number;
  means: number[];
  deviations: number[];
  forest: Forest;
  /** The isolation score that a hundredth of the windows pass. */
  forestThreshold: number;
};

/** `features` are of the windows to learn from, `heldBack` the perplexities of others. Both must hold one at least. */
export function fitTutorial(
  features: readonly Float32Array[],
  heldBack: readonly number[],
  seed: number,
): TutorialState {
  const width = features[0]?.length ?? 0;
  const means: number[] = [];
  const deviations: number[] = [];
  for (let column = 0; column < width; column++) {
    const values = features.map((row) => row[column] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    means.push(mean);
    deviations.push(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length));
  }
  const forest = fitForest(features, seed);
  const scores = features.map((row) => isolationScore(forest, row));
  return {
    perplexityThreshold: quantile(heldBack, percentile),
    means,
    deviations,
    forest,
    forestThreshold: quantile(scores, 1 - contamination),
  };
}

/** Between two values linearly, as NumPy's `percentile`. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? NaN;
  return below + (place - Math.floor(place)) * ((sorted[Math.ceil(place)] ?? NaN) - below);
}

/** How far beyond its threshold, at most 1: min(1, value / threshold - 1), and 0 up to it. */
export function confidenceBeyond(value: number, threshold: number): number {
  if (!(value > threshold)) return 0;
  return threshold <= 0 ? 1 : Math.min(1, value / threshold - 1);
}

export type TutorialVerdict = {
  perplexity: number;
  /** Of the language model. */
  confidence: number;
  /** Of each, times its weight. */
  confidences: Record<keyof WindowValues, number>;
  /** The mean of weight times confidence over the three. */
  consensus: number;
  isAnomaly: boolean;
  reading: string;
  consensusText: string;
};

/** What the three detectors measure of a window. */
export type WindowValues = { perplexity: number; zScore: number; isolation: number };

export function windowValues(state: TutorialState, perplexity: number, features: Float32Array): WindowValues {
  return { perplexity, zScore: largestZ(state, features), isolation: isolationScore(state.forest, features) };
}

export function judgeWindow(state: TutorialState, { perplexity, ...values }: WindowValues): TutorialVerdict {
  const confidence = confidenceBeyond(perplexity, state.perplexityThreshold);
  const zScore = confidenceBeyond(values.zScore, zThreshold);
  const forest = confidenceBeyond(values.isolation, state.forestThreshold);
  const { languageModel, zScore: zWeight, isolationForest } = tutorialWeights;
  const confidences = {
    perplexity: languageModel * confidence,
    zScore: zWeight * zScore,
    isolation: isolationForest * forest,
  };
  const consensus = (confidences.perplexity + confidences.zScore + confidences.isolation) / 3;
  return {
    perplexity,
    confidence,
    confidences,
    consensus,
    isAnomaly: consensus > anomalyAbove,
    reading: tutorialReading(perplexity, state.perplexityThreshold),
    consensusText: consensusReading(consensus),
  };
}

/** A value that never varied in training and does now lies infinitely far out. */
function largestZ({ means, deviations }: TutorialState, features: Float32Array): number {
  let largest = 0;
  features.forEach((value, column) => {
    const distance = Math.abs(value - (means[column] ?? 0));
    if (distance > 0) largest = Math.max(largest, distance / (deviations[column] ?? 0));
  });
  return largest;
}

/** At 1, 1.5 and 2 times the threshold. */
export function tutorialReading(perplexity: number, threshold: number): string {
  const times = perplexity / threshold;
  if (times <= 1) return 'Reads as this log usually does.';
  if (times <= 1.5) return 'A little out of the ordinary.';
  if (times <= 2) return 'Clearly out of the ordinary.';
  return 'Reads like nothing that was learned from.';
}

/** Above 0.8, 0.6 and 0.4. */
export function consensusReading(consensus: number): string {
  if (consensus > 0.8) return 'The detectors agree that this is an anomaly.';
  if (consensus > 0.6) return 'Most of the weight is on an anomaly.';
  if (consensus > 0.4) return 'The detectors are divided.';
  return 'Little speaks for an anomaly.';
}
