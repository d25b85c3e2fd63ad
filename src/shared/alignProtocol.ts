/** @file What main asks of the trainer to change a trained model by reward: by verdicts, or by LogGPT's Top-K rule. Carried by `port.ts`. */
import type { DecisionRewards } from './decisions.ts';
import type { SequenceSet } from './sequences.ts';
import type { KeyModelShape, ModelFile, TrainInput } from './trainerProtocol.ts';

/** A sequence's score in nats: the mean surprise of its tokens, or their smooth maximum (log-sum-exp, sharpness 4). */
export type SequenceScore = 'mean' | 'smooth_max';

export type VerdictObjective = {
  kind: 'verdicts';
  /** The exact expected reward of flagging, or its alternative by KTO (Ethayarajh et al. 2024), which holds each score against the reference's. */
  form: 'expected_reward' | 'kto';
  /** To flag a threat must be worth more than to miss it, and to leave a harmless sequence alone more than a false alarm. */
  rewards: DecisionRewards;
  score: SequenceScore;
  /** In nats: a sequence is flagged from here on. */
  threshold: number;
  /** In nats: how far beside the threshold a score still counts as undecided. 0.3, or the interquartile range of normal scores. */
  temperature: number;
  /** In the order of the verdicts, oldest first. */
  labelled: SequenceSet;
  /** One per labelled sequence. */
  isThreat: boolean[];
  /** Of the whole run, spread over its epochs: a handful of verdicts should still move the model. */
  leastSteps: number;
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
  learningRate: number;
  seed: number;
  intraOpThreads: number;
  /** As for training: cut off and gone on from, the run ends with the bytes of one that was not. */
  checkpoint: TrainInput['checkpoint'];
};

/** Of the model as it is after an epoch; epoch 0 is the reference. */
export type AlignEpoch = {
  epoch: number;
  /** Mean reward per labelled sequence. Null for the Top-K stage. */
  reward: number | null;
  /** Share of labelled sequences on the right side of the threshold. Null for the Top-K stage. */
  accuracy: number | null;
  /** Share of observed tokens among the k most probable, on made-up contexts. Null for verdicts. */
  hitRate: number | null;
  /** By how much normal sequences became less likely: mean surprise over the reference's, less 1. */
  drift: number;
};

/** One point of the live curve and the state of the run. */
export type AlignProgress = {
  /** The epoch under way, or the one that `finished` is of. */
  epoch: number;
  epochs: number;
  /** Of this epoch. */
  step: number;
  stepsPerEpoch: number;
  /**
   * Mean over the epoch's steps so far, each before it was taken: reward of the labelled sequences drawn, both classes alike, or hit rate
   * for the Top-K stage. Null before the epoch's first step.
   */
  running: number | null;
  /** Where an epoch just ended. After going on from a checkpoint, progress tells first of each that was finished before it. */
  finished: AlignEpoch | null;
  /** Over all starts; time spent paused does not count. */
  elapsedMs: number;
  /** As in `TrainProgress`. */
  resumedFromStep: number | null;
  refusedCheckpoints: number;
};

export type AlignOutput = {
  /** From epoch 0 on. */
  epochs: AlignEpoch[];
  /** The one that is written. 0: nothing was better than the reference and kept normal sequences likely. */
  keptEpoch: number;
  /** The numbers ran away after the last of `epochs`, and the run was ended there. */
  diverged: boolean;
  elapsedMs: number;
  files: ModelFile[];
};

export type AlignMethods = {
  align: { input: AlignInput; output: AlignOutput; progress: AlignProgress };
};
