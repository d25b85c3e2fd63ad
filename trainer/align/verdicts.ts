/** @file Training by verdicts: each step moves the scores of some labelled sequences across the threshold and holds normal ones where they are. */
import { AppError } from '../../src/shared/errors.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import type { AlignEpoch, VerdictObjective } from '../../src/shared/alignProtocol.ts';
import { predictionsOf } from '../train/batches.ts';
import type { PieceSet } from '../train/pieces.ts';
import { shuffle, type Random } from '../train/random.ts';
import type { AlignModel } from './model.ts';
import type { Normals } from './normals.ts';
import { chooseLabelled } from './replay.ts';
import { scoreSequence, type Scored } from './scores.ts';
import { expectedRewardLoss, ktoLoss, rewardOf, type Loss } from './verdictLoss.ts';

/**
 * Weight of the normal sequences' likelihood and of their divergence from the reference, at first. One verdict weighs 2 / temperature.
 * Beside it 0.5 (science.md 7.5) let the normal sequences of a small model end up to 54 % less likely, 2.5 up to 10 %, 25 up to 1.4 %, and
 * 5 that is tightened up to 0.7 % (measured: one strange sequence one token away from the usual one, 50 steps, rates of 1e-4 to 1e-3).
 */
const firstHold = 5;
/** Where an epoch ends with more drift than this, the hold is tightened. */
const tighteningDrift = 0.01;
const tightening = 4;
const leastStepsPerEpoch = 10;

export class VerdictTrainer {
  readonly stepsPerEpoch: number;
  readonly #objective: VerdictObjective;
  readonly #model: AlignModel;
  readonly #normals: Normals;
  readonly #random: Random;
  readonly #pieces: PieceSet;
  readonly #isThreat: boolean[];
  readonly #size: number;
  readonly #replaySize: number;
  #hold = firstHold;
  #referenceScores: Map<number, Scored> | undefined;

  constructor(
    objective: VerdictObjective,
    model: AlignModel,
    normals: Normals,
    { batchSequences, random }: { batchSequences: number; random: Random },
  ) {
    const labelled = chooseLabelled(objective);
    if (labelled.length === 0) throw new AppError('BAD_REQUEST', 'There is no verdict to learn from.');
    const longest = labelled.reduce((most, { ids }) => Math.max(most, ids.length), 0);
    const most = model.shape.contextLength + 1;
    if (longest > most) {
      throw new AppError(
        'BAD_REQUEST',
        `A labelled sequence has ${longest} tokens, the model sees at most ${most}; cut it around what was decided.`,
      );
    }
    const { ids, offsets } = packSequences(labelled.map((item) => item.ids));
    const counts = new Int32Array(labelled.length).fill(1);
    this.#pieces = { ids, offsets, counts, predictions: ids.length - labelled.length, targetWeights: null };
    this.#isThreat = labelled.map(({ isThreat }) => isThreat);
    this.#objective = objective;
    this.#model = model;
    this.#normals = normals;
    this.#random = random;
    this.#size = Math.min(batchSequences, labelled.length);
    this.#replaySize = batchSequences; // also beside a few verdicts: they must not weigh more than what is normal
    this.stepsPerEpoch = Math.max(leastStepsPerEpoch, Math.ceil(labelled.length / this.#size));
  }

  async addGradients(step: number): Promise<void> {
    const entries = this.#draw(step);
    const normal = this.#normals.draw(this.#replaySize, step);
    const losses = await this.#losses(entries, normal);
    for (const { batch, arrays } of this.#model.batches(this.#pieces, entries)) {
      batch.entries.forEach((piece, row) => {
        const { slope, shares } = losses.get(piece) ?? { slope: 0, shares: [] };
        shares.forEach((share, i) => (arrays.weights[row * batch.T + i] = (slope * share) / entries.length));
      });
      await this.#model.addLoss(batch, arrays);
    }
    await this.#normals.hold(this.#model, normal, this.#hold, this.#hold);
  }

  /** Told after each epoch. */
  drifted(drift: number): void {
    if (drift > tighteningDrift) this.#hold *= tightening;
  }

  async figures(): Promise<Pick<AlignEpoch, 'reward' | 'accuracy' | 'hitRate'>> {
    const scores = await this.#scores(this.#model.current, Int32Array.from(this.#isThreat.keys()));
    const { threshold } = this.#objective;
    let [reward, right] = [0, 0];
    this.#isThreat.forEach((isThreat, piece) => {
      const score = scores.get(piece)?.score ?? NaN;
      reward += rewardOf(score, isThreat, threshold);
      right += Number(score >= threshold === isThreat);
    });
    const count = this.#isThreat.length;
    return { reward: reward / count, accuracy: right / count, hitRate: null };
  }

  /** Half of each class where both exist, each in an order shuffled anew when it is through. */
  #draw(step: number): Int32Array {
    const indexes = [true, false].map((wanted) => this.#isThreat.flatMap((is, i) => (is === wanted ? [i] : [])));
    const [threats = [], harmless = []] = indexes;
    const half = threats.length > 0 && harmless.length > 0 ? Math.ceil(this.#size / 2) : this.#size;
    const take = (from: number[], size: number, stream: number): number[] =>
      Array.from({ length: from.length > 0 ? size : 0 }, (_, i) => {
        const place = (step - 1) * size + i;
        const order = Int32Array.from(from);
        shuffle(order, this.#random, 2 * Math.floor(place / from.length) + stream);
        return order[place % from.length] ?? 0;
      });
    // A sequence drawn twice in one step would be found once in what is looked up by sequence.
    return Int32Array.from(new Set([...take(threats, half, 0), ...take(harmless, half, 1)]));
  }

  async #losses(entries: Int32Array, normal: Int32Array): Promise<Map<number, Loss & { shares: Float64Array }>> {
    const { form, temperature } = this.#objective;
    const scores = await this.#scores(this.#model.current, entries);
    const reference = form === 'kto' ? await this.#reference() : undefined;
    const replayRatio = form === 'kto' ? await this.#replayRatio(normal) : 0;
    return new Map(
      Array.from(scores, ([piece, { score, shares }]) => {
        const isThreat = this.#isThreat[piece] ?? false;
        const referenceScore = reference?.get(piece)?.score ?? NaN;
        const loss =
          form === 'kto'
            ? ktoLoss(score, isThreat, { referenceScore, replayRatio, temperature })
            : expectedRewardLoss(score, isThreat, this.#objective);
        return [piece, { ...loss, shares }] as const;
      }),
    );
  }

  async #reference(): Promise<Map<number, Scored>> {
    this.#referenceScores ??= await this.#scores(this.#model.reference, Int32Array.from(this.#isThreat.keys()));
    return this.#referenceScores;
  }

  /** KTO's reference point: by how much normal sequences became more likely, never below nothing. */
  async #replayRatio(normal: Int32Array): Promise<number> {
    const [before, now] = [
      await this.#model.surprises(this.#model.reference, this.#normals.pieces, normal),
      await this.#model.surprises(this.#model.current, this.#normals.pieces, normal),
    ];
    let sum = 0;
    for (const [piece, surprise] of now) {
      const was = before.get(piece) ?? surprise;
      sum +=
        (was.reduce((a, b) => a + b, 0) - surprise.reduce((a, b) => a + b, 0)) /
        predictionsOf(this.#normals.pieces, piece);
    }
    return Math.max(0, sum / now.size);
  }

  async #scores(parameters: AlignModel['current'], entries: Int32Array): Promise<Map<number, Scored>> {
    const surprises = await this.#model.surprises(parameters, this.#pieces, entries);
    return new Map(
      Array.from(surprises, ([piece, surprise]) => [piece, scoreSequence(surprise, this.#objective.score)] as const),
    );
  }
}
