/** @file What main asks of the trainer to change a trained model by reward: by verdicts, or by LogGPT's Top-K rule. Carried by `port.ts`. */
import type { SequenceSet } from './sequences.ts';
import type { KeyModelShape, ModelFile } from './trainerProtocol.ts';

/** What a decision is worth: flag or not, threat or not. The analyst's costs; the objective only sees their differences, 20 and 6. */
export const decisionRewards = { truePositive: 10, trueNegative: 1, falsePositive: -5, falseNegative: -10 } as const;

/** A sequence's score in nats: the mean surprise of its tokens, or their smooth maximum (log-sum-exp, sharpness 4). */
export type SequenceScore = 'mean' | 'smooth_max';

export type VerdictObjective = {
  kind: 'verdicts';
  /** The exact expected reward of flagging, or its alternative by KTO (Ethayarajh et al. 2024), which holds each score against the reference's. */
  form: 'expected_reward' | 'kto';
  score: SequenceScore;
  /** In nats: a sequence is flagged from here on. */
  threshold: number;
  /** In nats: how far beside the threshold a score still counts as undecided. 0.3, or the interquartile range of normal scores. */
  temperature: number;
  /** In the order of the verdicts, oldest first. */
  labelled: SequenceSet;
  /** One per labelled sequence. */
  isThreat: boolean[];
};

/** LogGPT's stage in its stable form (science.md 7.5): what is observed is to be among the `k` most probable after what the model itself made up. */
export type TopKObjective = { kind: 'top_k'; k: number };

export type AlignInput = {
  /** An existing empty folder; the model files are written here. */
  directory: string;
  /** The `weights.safetensors` of the model to change, which is also the reference that it is held to. */
  startWeights: string;
  shape: KeyModelShape;
  objective: VerdictObjective | TopKObjective;
  /** Sequences taken as normal: their likelihood is kept. What the Top-K stage trains on. */
  replay: SequenceSet;
  epochs: number;
  /** Labelled sequences of a step; as many of replay go with them. */
  batchSequences: number;
  /** 1e-4 on models trained here, 1e-5 on GPT-2 checkpoints. */
  learningRate: number;
  seed: number;
  intraOpThreads: number;
};

/** Of the model as it is after an epoch; epoch 0 is the reference. */
export type AlignEpoch = {
  epoch: number;
  /** Mean reward per labelled sequence under `decisionRewards`. Null for the Top-K stage. */
  reward: number | null;
  /** Share of labelled sequences on the right side of the threshold. Null for the Top-K stage. */
  accuracy: number | null;
  /** Share of observed tokens among the k most probable, on made-up contexts. Null for verdicts. */
  hitRate: number | null;
  /** By how much normal sequences became less likely: mean surprise over the reference's, less 1. */
  drift: number;
};

export type AlignOutput = {
  /** From epoch 0 on. */
  epochs: AlignEpoch[];
  /** The one that is written. 0: nothing was better than the reference and kept normal sequences likely. */
  keptEpoch: number;
  files: ModelFile[];
};

export type AlignMethods = {
  align: { input: AlignInput; output: AlignOutput; progress: AlignEpoch };
};
