/**
 * @file From labelled windows to what the trainer is given: a chronological split, a vocabulary, class weights. A pure function of its input
 * and the seed, so that a run that was cut off is prepared again in the same way.
 */
import type { LabelledWindows } from '../../shared/classify.ts';
import { AppError } from '../../shared/errors.ts';
import { Random } from '../../shared/random.ts';
import type { SequenceSet } from '../../shared/sequences.ts';
import {
  countOf,
  joined,
  slice,
  tokensOf,
  trainingSequences,
  vocabularyOf,
  weightOf,
  withHidden,
  type WindowVocabulary,
} from './windows.ts';

/** Of the training part, the newest: they stop training and calibrate, and are not trained on. Of few verdicts more, so that there are enough to calibrate. */
const heldBack = { share: 0.2, most: 0.4, anomalous: 6 };
export const fewestWindows = 20;
/** An anomalous window weighs as if both classes were as frequent, but for what is rarer still. */
const largestClassWeight = 20;
/** How often an event is hidden in the copies, and what a copy weighs. */
const hidden = { rate: 0.15, weight: 0.5 };

export type Prepared = {
  vocabulary: WindowVocabulary;
  fit: LabelledWindows;
  heldBack: LabelledWindows;
  classWeight: number;
  training: SequenceSet;
  trainingWeights: Float32Array;
  validation: SequenceSet;
  validationWeights: Float32Array;
};

/** Throws BAD_INPUT for too little. */
export function prepareTraining(train: LabelledWindows, seed: number): Prepared {
  const { windows } = countOf(train);
  if (windows < fewestWindows)
    throw new AppError('BAD_INPUT', `There are ${windows} windows to train on; at least ${fewestWindows} are needed.`);
  const fit = fitPart(train);
  const later = slice(train, fit.labels.length, windows);
  const vocabulary = vocabularyOf(fit.ids);
  const classWeight = classWeightOf(fit);
  const tokens = tokensOf(fit.ids, vocabulary);
  const plain = trainingSequences(fit, tokens, classWeight);
  const copies = trainingSequences(fit, withHidden(tokens, hidden.rate, new Random(seed)), classWeight);
  const both = joined(plain, { ...copies, weights: copies.weights.map((weight) => weight * hidden.weight) });
  const validation = trainingSequences(later, tokensOf(later.ids, vocabulary), classWeight);
  return {
    vocabulary,
    fit,
    heldBack: later,
    classWeight,
    training: both.sequences,
    trainingWeights: both.weights,
    validation: validation.sequences,
    validationWeights: validation.weights,
  };
}

/** What is trained on: all but what is held back. Its event ids are the vocabulary. */
export function fitPart(train: LabelledWindows): LabelledWindows {
  const { windows, anomalous } = countOf(train);
  const wanted = train.about ? heldBack.anomalous / Math.max(1, anomalous) : 0;
  const share = Math.min(heldBack.most, Math.max(heldBack.share, wanted));
  return slice(train, 0, windows - Math.max(1, Math.floor(windows * share)));
}

function classWeightOf(windows: LabelledWindows): number {
  let [normal, anomalous] = [0, 0];
  windows.labels.forEach((label, index) => {
    if (label === 1) anomalous += weightOf(windows, index);
    else normal += weightOf(windows, index);
  });
  if (anomalous === 0 || normal === 0) return 1;
  return Math.min(largestClassWeight, Math.max(1, normal / anomalous));
}
