/**
 * @file The rule that is published for learning from an analyst's feedback, `loss * (-reward * 0.1)`, as something to measure against:
 * it multiplies the likelihood of the text with the reward of a decision, so that what was rightly left alone becomes less likely and
 * a missed threat more likely (science.md 4.4). The app has no way to it.
 */
import type { DecisionRewards } from '../../src/shared/decisions.ts';
import type { AlignModel } from '../../trainer/align/model.ts';
import { scoreSequence } from '../../trainer/align/scores.ts';
import { rewardOf } from '../../trainer/align/verdictLoss.ts';
import { predictionsOf } from '../../trainer/train/batches.ts';
import type { PieceSet } from '../../trainer/train/pieces.ts';
import { randomStreams, type Random } from '../../trainer/train/random.ts';

const rate = 0.1;

export type PublishedRule = {
  /** One per sequence. */
  pieces: PieceSet;
  isThreat: readonly boolean[];
  threshold: number;
  rewards: DecisionRewards;
  steps: number;
  batchSequences: number;
  learningRate: number;
  random: Random;
};

/** Changes the model in place. The rewards are those of the decisions as they were taken, by the model as it was. */
export async function trainByPublishedRule(model: AlignModel, options: PublishedRule): Promise<void> {
  const { pieces, isThreat, threshold, rewards, steps, batchSequences, learningRate, random } = options;
  const surprises = await model.surprises(model.reference, pieces, Int32Array.from(isThreat.keys()));
  const earned = isThreat.map((threat, piece) => {
    const { score } = scoreSequence(surprises.get(piece) ?? new Float32Array(0), 'mean');
    return rewardOf(score, threat, threshold, rewards);
  });
  for (let step = 1; step <= steps; step++) {
    const drawn = Int32Array.from({ length: batchSequences }, (_, i) =>
      Math.floor(random.uniform(randomStreams.order, step, i) * isThreat.length),
    );
    for (const { batch, arrays } of model.batches(pieces, drawn)) {
      batch.entries.forEach((piece, row) => {
        const count = predictionsOf(pieces, piece);
        const weight = (-rate * (earned[piece] ?? 0)) / count / batchSequences;
        arrays.weights.fill(weight, row * batch.T, row * batch.T + count);
      });
      await model.addLoss(batch, arrays);
    }
    model.step(step, learningRate);
  }
}
