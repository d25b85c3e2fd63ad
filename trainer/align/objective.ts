/** @file What an objective is to a run: the gradients of its steps, the figures of its epochs, and one number that it carries along. */
import type { AlignEpoch } from '../../src/shared/alignProtocol.ts';
import type { Random } from '../train/random.ts';

export type ObjectiveOptions = { epochs: number; batchSequences: number; random: Random };

export type Figures = Pick<AlignEpoch, 'reward' | 'accuracy' | 'hitRate'>;

/** Whatever else it keeps can be computed again from its input and the model: a checkpoint holds `carried` alone. */
export interface Objective {
  readonly stepsPerEpoch: number;
  /**
   * Adds the gradients of step `step` (from 1, over all epochs) to the model's. `carried` is null at first; what comes back counts once the
   * step is taken. `sum` over `count` is what the step's sequences were worth before it.
   */
  addGradients(step: number, carried: number | null): Promise<{ carried: number | null; sum: number; count: number }>;
  /** Of the model as it is now. */
  figures(): Promise<Figures>;
  /** After an epoch that left normal sequences so much less likely. */
  afterEpoch(carried: number | null, drift: number): number | null;
}
