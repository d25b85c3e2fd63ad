/** @file Training by verdicts: each step moves the scores of some labelled sequences across the threshold and holds normal ones where they are. */
import type { VerdictObjective } from '../../src/shared/alignProtocol.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import type { PieceSet } from '../train/pieces.ts';
import { shuffle } from '../train/random.ts';
import type { AlignModel } from './model.ts';
import type { Normals } from './normals.ts';
import type { Figures, Objective, ObjectiveOptions } from './objective.ts';
import { chooseLabelled } from './replay.ts';
import { scoreSequence, type Scored } from './scores.ts';
import { expectedRewardLoss, ktoLoss, rewardOf } from './verdictLoss.ts';

/**
 * Weight of the normal sequences' divergence from the reference, at first. One verdict weighs 2 / temperature.
 * Their likelihood has no weight of its own: with 5 on each, verdicts taught what is normal as well. A small model of four epochs then found normal
 * sequences 7.6 % less surprising, by divergence alone 0.1 %; on HDFS 4.1 %, and 0.3 to 0.5 % (one seed).
 */
const firstHold = 10;
/** Where an epoch ends with more drift than this, either way, the hold is tightened. */
const tighteningDrift = 0.01;
const tightening = 4;

export class VerdictTrainer implements Objective {
  readonly stepsPerEpoch: number;
  readonly #objective: VerdictObjective;
  readonly #model: AlignModel;
  readonly #normals: Normals;
  readonly #options: ObjectiveOptions;
  readonly #pieces: PieceSet;
  readonly #isThreat: readonly boolean[];
  readonly #all: Int32Array;
  /** Threats and what is harmless, where there are any. */
  readonly #classes: readonly Int32Array[];
  #referenceScores: Map<number, Scored> | undefined;

  constructor(objective: VerdictObjective, model: AlignModel, normals: Normals, options: ObjectiveOptions) {
    const labelled = chooseLabelled(objective);
    const { ids, offsets } = packSequences(labelled.map((item) => item.ids));
    const counts = new Int32Array(labelled.length).fill(1);
    this.#pieces = { ids, offsets, counts, predictions: ids.length - labelled.length, targetWeights: null };
    this.#isThreat = labelled.map(({ isThreat }) => isThreat);
    this.#all = Int32Array.from(labelled.keys());
    this.#classes = [true, false]
      .map((wanted) => this.#all.filter((piece) => this.#isThreat[piece] === wanted))
      .filter(({ length }) => length > 0);
    this.#objective = objective;
    this.#model = model;
    this.#normals = normals;
    this.#options = options;
    const { epochs, batchSequences } = options;
    this.stepsPerEpoch = Math.ceil(Math.max(objective.leastSteps / epochs, labelled.length / batchSequences));
  }

  /** Carries the hold on normal sequences. */
  async addGradients(step: number, carried: number | null): ReturnType<Objective['addGradients']> {
    const hold = carried ?? firstHold;
    const weights = this.#draw(step);
    const entries = Int32Array.from(weights.keys());
    // As many beside a few verdicts: they must not weigh more than what is normal.
    const normal = this.#normals.draw(this.#options.batchSequences, step);
    const scores = await this.#scores(this.#model.current, entries);
    const slopeOf = await this.#slopes(normal);
    for (const { batch, arrays } of this.#model.batches(this.#pieces, entries)) {
      batch.entries.forEach((piece, row) => {
        const { score, shares } = scores.get(piece) ?? unscored;
        const slope = slopeOf(piece, score) * (weights.get(piece) ?? 0);
        shares.forEach((share, i) => (arrays.weights[row * batch.T + i] = slope * share));
      });
      await this.#model.addLoss(batch, arrays);
    }
    await this.#normals.hold(this.#model, normal, 0, hold);
    const sum = entries.reduce((total, piece) => total + this.#rewardOf(piece, scores), 0);
    return { carried: hold, sum, count: entries.length };
  }

  afterEpoch(carried: number | null, drift: number): number | null {
    return carried !== null && Math.abs(drift) > tighteningDrift ? carried * tightening : carried;
  }

  async figures(): Promise<Figures> {
    const scores = await this.#scores(this.#model.current, this.#all);
    let [reward, right] = [0, 0];
    for (const piece of this.#all) {
      const score = scores.get(piece)?.score ?? NaN;
      reward += this.#rewardOf(piece, scores);
      right += Number(score >= this.#objective.threshold === this.#isThreat[piece]);
    }
    return { reward: reward / this.#all.length, accuracy: right / this.#all.length, hitRate: null };
  }

  /** NaN where the score is no number: it would count as left alone. */
  #rewardOf(piece: number, scores: ReadonlyMap<number, Scored>): number {
    const { threshold, rewards } = this.#objective;
    const score = scores.get(piece)?.score ?? NaN;
    return Number.isFinite(score) ? rewardOf(score, this.#isThreat[piece] ?? false, threshold, rewards) : NaN;
  }

  /**
   * Some of each class, each in an order shuffled anew when it is through, with what each weighs: the classes weigh the same, however many
   * there are of one, and all together 1.
   */
  #draw(step: number): Map<number, number> {
    const size = Math.ceil(this.#options.batchSequences / this.#classes.length);
    const drawn = this.#classes.map((members, index) =>
      this.#take(members, Math.min(size, members.length), step, index),
    );
    return new Map(
      drawn.flatMap((pieces) => [...pieces].map((piece) => [piece, 1 / drawn.length / pieces.size] as const)),
    );
  }

  #take(members: Int32Array, size: number, step: number, stream: number): Set<number> {
    const orders = new Map<number, Int32Array>();
    const drawn = new Set<number>(); // where one order ends and the next begins, a piece may come twice
    for (let place = (step - 1) * size; place < step * size; place++) {
      const round = Math.floor(place / members.length);
      const order = orders.get(round) ?? members.slice();
      if (!orders.has(round)) shuffle(order, this.#options.random, 2 * round + stream);
      orders.set(round, order);
      drawn.add(order[place % members.length] ?? 0);
    }
    return drawn;
  }

  /** The slope of the loss of a piece at a score. */
  async #slopes(normal: Int32Array): Promise<(piece: number, score: number) => number> {
    const { form, temperature, rewards } = this.#objective;
    const isThreat = (piece: number): boolean => this.#isThreat[piece] ?? false;
    if (form === 'expected_reward')
      return (piece, score) => expectedRewardLoss(score, isThreat(piece), this.#objective).slope;
    this.#referenceScores ??= await this.#scores(this.#model.reference, this.#all);
    const references = this.#referenceScores;
    const replayRatio = await this.#replayRatio(normal);
    return (piece, score) => {
      const referenceScore = references.get(piece)?.score ?? NaN;
      return ktoLoss(score, isThreat(piece), { referenceScore, replayRatio, temperature, rewards }).slope;
    };
  }

  /** KTO's reference point: by how much normal sequences became more likely, never below nothing. */
  async #replayRatio(normal: Int32Array): Promise<number> {
    const { pieces } = this.#normals;
    const [before, now] = [
      await this.#model.surprises(this.#model.reference, pieces, normal),
      await this.#model.surprises(this.#model.current, pieces, normal),
    ];
    const gained = normal.reduce((sum, piece) => sum + mean(before.get(piece)) - mean(now.get(piece)), 0);
    return Math.max(0, gained / normal.length);
  }

  async #scores(parameters: AlignModel['current'], entries: Int32Array): Promise<Map<number, Scored>> {
    const surprises = await this.#model.surprises(parameters, this.#pieces, entries);
    return new Map(
      Array.from(surprises, ([piece, surprise]) => [piece, scoreSequence(surprise, this.#objective.score)] as const),
    );
  }
}

const unscored: Scored = { score: NaN, shares: new Float64Array(0) };

function mean(values: Float32Array = new Float32Array(0)): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
