/**
 * @file LogGPT's Top-K stage in its stable form: after contexts that the model made up itself, observed tokens that are among the k most
 * probable become more probable. What missed is not pushed down (science.md 1.3: that would unlearn normal tokens).
 */
import { AppError } from '../../src/shared/errors.ts';
import { keyTokens } from '../../src/shared/sequences.ts';
import type { AlignEpoch } from '../../src/shared/alignProtocol.ts';
import { predictionsOf, type Batch, type BatchArrays } from '../train/batches.ts';
import { randomStreams, type Random } from '../train/random.ts';
import type { AlignModel } from './model.ts';
import type { Normals } from './normals.ts';

const promptShare = 0.2;
const closenessWeight = 0.1;
/** How fast the mean hit rate that hits are held against follows the hits. */
const baselineRate = 0.1;
const sequencesPerEpoch = 512;
const sequencesForFigures = 128;

type Sampled = { batch: Batch; arrays: BatchArrays; hits: Int8Array };

export class TopKTrainer {
  readonly stepsPerEpoch: number;
  readonly #k: number;
  readonly #model: AlignModel;
  readonly #normals: Normals;
  readonly #random: Random;
  readonly #size: number;
  /** Mean of +1 for a hit and -1 for a miss so far. */
  #baseline: number | undefined;

  constructor(
    k: number,
    model: AlignModel,
    normals: Normals,
    { batchSequences, random }: { batchSequences: number; random: Random },
  ) {
    if (!Number.isInteger(k) || k < 1 || k >= model.shape.vocabularySize) {
      throw new AppError('BAD_REQUEST', `k is ${k}; it must be a whole number from 1 to below the vocabulary.`);
    }
    this.#k = k;
    this.#model = model;
    this.#normals = normals;
    this.#random = random;
    this.#size = batchSequences;
    this.stepsPerEpoch = Math.ceil(sequencesPerEpoch / batchSequences);
  }

  async addGradients(step: number): Promise<void> {
    const entries = this.#normals.draw(this.#size, step);
    const sampled = await this.#sample(entries, step);
    const rewards = sampled.flatMap(({ hits }) => [...hits].filter((hit) => hit !== 0));
    const mean = rewards.reduce((sum, reward) => sum + reward, 0) / Math.max(1, rewards.length);
    this.#baseline = this.#baseline === undefined ? mean : this.#baseline + baselineRate * (mean - this.#baseline);
    for (const { batch, arrays, hits } of sampled) {
      hits.forEach((hit, i) => {
        const advantage = hit - (this.#baseline ?? 0);
        arrays.weights[i] = hit !== 0 && advantage > 0 ? advantage / rewards.length : 0;
      });
      await this.#model.addLoss(batch, arrays);
    }
    await this.#normals.hold(this.#model, entries, 0, closenessWeight);
  }

  /** Its steps are small and towards what is normal; what is kept is decided by the epoch. */
  drifted(_drift: number): void {}

  async figures(): Promise<Pick<AlignEpoch, 'reward' | 'accuracy' | 'hitRate'>> {
    const sampled = await this.#sample(this.#normals.draw(sequencesForFigures, 0), 0);
    let [hits, all] = [0, 0];
    for (const { hits: found } of sampled) {
      for (const hit of found) {
        hits += Number(hit > 0);
        all += Number(hit !== 0);
      }
    }
    return { reward: null, accuracy: null, hitRate: hits / Math.max(1, all) };
  }

  /** Batches whose ids are made up after each prompt and whose targets are what was observed, with +1 for a hit, -1 for a miss, 0 elsewhere. */
  async #sample(entries: Int32Array, step: number): Promise<Sampled[]> {
    const { pieces } = this.#normals;
    const sampled: Sampled[] = [];
    for (const { batch, arrays } of this.#model.batches(pieces, entries)) {
      const { B, T } = batch;
      const prompts = Array.from(batch.entries, (piece) => {
        const length = predictionsOf(pieces, piece) + 1;
        const begins = pieces.ids[pieces.offsets[piece] ?? 0] === keyTokens.begin;
        return Math.min(length - 1, Math.max(begins ? 2 : 1, Math.floor(promptShare * length)));
      });
      await this.#makeUp(arrays.ids, { B, T }, prompts, step * entries.length + sampled.length);
      const { rank } = await this.#model.observer.targets(this.#model.current, batch, arrays);
      const hits = new Int8Array(B * T);
      batch.entries.forEach((piece, row) => {
        for (let i = (prompts[row] ?? 1) - 1; i < predictionsOf(pieces, piece); i++) {
          hits[row * T + i] = (rank[row * T + i] ?? 0) < this.#k ? 1 : -1;
        }
      });
      sampled.push({ batch, arrays, hits });
    }
    return sampled;
  }

  /** Overwrites `ids` [B,T] behind each row's prompt by what the model draws, token by token (Gumbel's way: noise, then the maximum). */
  async #makeUp(
    ids: BigInt64Array,
    { B, T }: { B: number; T: number },
    prompts: number[],
    counter: number,
  ): Promise<void> {
    const V = this.#model.shape.vocabularySize;
    const noise = new Float32Array(B * V);
    for (let length = Math.min(...prompts); length < T; length++) {
      for (let i = 0; i < noise.length; i++) {
        const uniform = this.#random.uniform(randomStreams.generation, counter * T + length, i);
        noise[i] = -Math.log(-Math.log(uniform + 2 ** -33));
      }
      const soFar = BigInt64Array.from(
        { length: B * length },
        (_, i) => ids[Math.floor(i / length) * T + (i % length)] ?? 0n,
      );
      const next = await this.#model.observer.next(this.#model.current, { B, T: length }, soFar, noise);
      prompts.forEach((prompt, row) => {
        if (length >= prompt) ids[row * T + length] = next[row] ?? 0n;
      });
    }
  }
}
