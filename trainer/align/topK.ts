/**
 * @file LogGPT's Top-K stage in its stable form: after contexts that the model made up itself, observed tokens that are among the k most
 * probable become more probable. What missed is not pushed down (science.md 1.3: that would unlearn normal tokens).
 */
import type { TopKObjective } from '../../src/shared/alignProtocol.ts';
import { keyTokens } from '../../src/shared/sequences.ts';
import { predictionsOf, type Batch, type BatchArrays } from '../train/batches.ts';
import { randomStreams } from '../train/random.ts';
import type { AlignModel } from './model.ts';
import type { Normals } from './normals.ts';
import type { Figures, Objective, ObjectiveOptions } from './objective.ts';

const promptShare = 0.2;
/**
 * Weight of the normal sequences' likelihood and of their divergence from the reference. Measured on HDFS, 80 steps at 1e-4: with a
 * divergence of 0.1 alone (science.md 7.5, where the rate is a tenth of that) normal sequences ended up 18 % less likely, with 1 alone 3 %,
 * with 5 alone 0.7 % at a hit rate of 0.970; with both at 1 they were 0.5 % more likely, and the hit rate rose from 0.930 to 0.976.
 */
const holdWeight = 1;
/** How fast the mean hit rate that hits are held against follows the hits. */
const baselineRate = 0.1;
const sequencesPerEpoch = 512;
const sequencesForFigures = 128;
/** More than a step ever has. */
const mostBatches = 2 ** 16;

type Sampled = { batch: Batch; arrays: BatchArrays; hits: Int8Array };

export class TopKTrainer implements Objective {
  readonly stepsPerEpoch: number;
  readonly #k: number;
  readonly #model: AlignModel;
  readonly #normals: Normals;
  readonly #options: ObjectiveOptions;

  constructor({ k }: TopKObjective, model: AlignModel, normals: Normals, options: ObjectiveOptions) {
    this.#k = k;
    this.#model = model;
    this.#normals = normals;
    this.#options = options;
    this.stepsPerEpoch = Math.ceil(sequencesPerEpoch / options.batchSequences);
  }

  /** Carries the mean of +1 for a hit and -1 for a miss, which hits are held against. */
  async addGradients(step: number, carried: number | null): ReturnType<Objective['addGradients']> {
    const entries = this.#normals.draw(this.#options.batchSequences, step);
    const sampled = await this.#sample(entries, step);
    const { hits, count } = countHits(sampled);
    const mean = (2 * hits - count) / count;
    const baseline = carried === null ? mean : carried + baselineRate * (mean - carried);
    for (const { batch, arrays, hits: found } of sampled) {
      found.forEach((hit, i) => (arrays.weights[i] = hit > 0 ? Math.max(0, hit - baseline) / count : 0));
      await this.#model.addLoss(batch, arrays);
    }
    await this.#normals.hold(this.#model, entries, holdWeight, holdWeight);
    return { carried: baseline, sum: hits, count };
  }

  /** Its steps are small and towards what is normal; what is kept is decided by the epoch. */
  afterEpoch(carried: number | null): number | null {
    return carried;
  }

  async figures(): Promise<Figures> {
    const { hits, count } = countHits(await this.#sample(this.#normals.draw(sequencesForFigures, 0), 0));
    return { reward: null, accuracy: null, hitRate: hits / count };
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
      await this.#makeUp(arrays.ids, { B, T }, prompts, step * mostBatches + sampled.length);
      const { rank } = await this.#model.targets(this.#model.current, batch, arrays);
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
        const uniform = this.#options.random.uniform(randomStreams.generation, counter, length * noise.length + i);
        noise[i] = -Math.log(-Math.log(uniform + 2 ** -33));
      }
      const soFar = BigInt64Array.from(
        { length: B * length },
        (_, i) => ids[Math.floor(i / length) * T + (i % length)] ?? 0n,
      );
      const next = await this.#model.next(this.#model.current, { B, T: length }, soFar, noise);
      prompts.forEach((prompt, row) => {
        if (length >= prompt) ids[row * T + length] = next[row] ?? 0n;
      });
    }
  }
}

function countHits(sampled: readonly Sampled[]): { hits: number; count: number } {
  let [hits, count] = [0, 0];
  for (const { hits: found } of sampled) {
    for (const hit of found) {
      hits += Number(hit > 0);
      count += Number(hit !== 0);
    }
  }
  return { hits, count };
}
