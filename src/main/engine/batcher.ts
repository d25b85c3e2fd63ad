/**
 * @file The pieces that wait for one model, of all requests, and which of them go through it together. What arrives while a batch runs is in
 * the next one; a small request leads the next batch, however much of a large one waits. Engine.
 */
import { AppError } from '../../shared/errors.ts';
import type { KeyModelShape } from '../../shared/trainerProtocol.ts';
import type { PieceCache } from './pieceCache.ts';

/** Ids of one window of a sequence, and their bits once they are known. */
export type Piece = { key: string; ids: Int32Array; bits: Float32Array | undefined; sequencesEnded: number };

/** What a batcher needs of a model to cut batches. */
export type Batched = {
  readonly shape: Pick<KeyModelShape, 'vocabularySize' | 'heads'>;
  readonly cache: PieceCache;
  /** About how many tokens go through the model at once. */
  readonly batchTokens: number;
};

/** A model of what comes next, over keys or over text. */
export type BatchedModel = Batched & {
  readonly shape: KeyModelShape;
  /** `ids` and `targets` are [B,T]; returns natural log-probabilities [B*T]. */
  logProbabilities(ids: BigInt64Array, targets: BigInt64Array, B: number, T: number): Promise<Float32Array>;
};

/** One batch is bounded by the size of its logits and of its attention scores. */
const largestTensorBytes = 64 * 1024 * 1024;

/** A request's pieces that wait, by bucket: those of like length go together, since all of a batch are as long as the longest. */
type Work = {
  buckets: Map<number, Piece[]>;
  hasLed: boolean;
  signal: AbortSignal;
  onBits: (pieces: readonly Piece[], computedTokens: number) => void;
  resolve: () => void;
  reject: (error: unknown) => void;
};

export class Batcher {
  readonly #model: Batched;
  readonly #compute: (pieces: readonly Piece[]) => Promise<void>;
  /** Of those that have led a batch, the one whose turn is next comes first. */
  #works: Work[] = [];
  #isRunning = false;
  #wasLedByNew = false;

  /** `compute` gives pieces their bits in one run of the model, and keeps them. */
  constructor(model: Batched, compute: (pieces: readonly Piece[]) => Promise<void>) {
    this.#model = model;
    this.#compute = compute;
  }

  /** Gives each piece its bits. `onBits` hears of them batch by batch. Throws CANCELLED between batches. */
  run(pieces: readonly Piece[], { signal, onBits }: Pick<Work, 'signal' | 'onBits'>): Promise<void> {
    if (pieces.length === 0) return Promise.resolve();
    const buckets = new Map<number, Piece[]>();
    for (const piece of pieces) {
      const bucket = bucketOf(piece);
      const same = buckets.get(bucket);
      if (same) same.push(piece);
      else buckets.set(bucket, [piece]);
    }
    // Taken from the end: the shortest of a bucket first.
    for (const same of buckets.values()) same.sort((a, b) => b.ids.length - a.ids.length);
    return new Promise((resolve, reject) => {
      this.#works.push({ buckets, hasLed: false, signal, onBits, resolve, reject });
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#works.length > 0) {
      for (const work of this.#works.filter(({ signal }) => signal.aborted))
        this.#end(work, () => work.reject(new AppError('CANCELLED', 'Scoring was cancelled.')));
      const batch = this.#nextBatch();
      if (batch.size > 0) await this.#runBatch(batch);
    }
    this.#isRunning = false;
  }

  /** New requests lead before those that led already; of many new ones every other batch is led by an earlier one. */
  #lead(): Work | undefined {
    const lead =
      this.#works.find(({ hasLed }) => hasLed === this.#wasLedByNew) ??
      this.#works.find(({ hasLed }) => hasLed !== this.#wasLedByNew);
    if (!lead) return undefined;
    this.#wasLedByNew = !lead.hasLed;
    lead.hasLed = true;
    this.#works = [...this.#works.filter((work) => work !== lead), lead];
    return lead;
  }

  /** Pieces of the bucket that the lead begins with, its own first. */
  #nextBatch(): Map<Work, Piece[]> {
    const batch = new Map<Work, Piece[]>();
    const lead = this.#lead();
    if (!lead) return batch;
    const bucket = Math.min(...lead.buckets.keys());
    let [B, T] = [0, 0];
    for (const work of [lead, ...this.#works.filter((other) => other !== lead)]) {
      const waiting = work.buckets.get(bucket) ?? [];
      const taken: Piece[] = [];
      for (let piece = waiting.at(-1); piece; piece = waiting.at(-1)) {
        const longest = Math.max(T, tokensOf(piece));
        if (B > 0 && B + 1 > largestBatch(this.#model.shape, longest, this.#model.batchTokens)) break;
        waiting.pop();
        taken.push(piece);
        // Another request may have brought the same meanwhile.
        if ((piece.bits ??= this.#model.cache.get(piece.key))) continue;
        [B, T] = [B + 1, longest];
      }
      if (taken.length > 0) batch.set(work, taken);
      if (waiting.length === 0) work.buckets.delete(bucket);
    }
    return batch;
  }

  async #runBatch(batch: ReadonlyMap<Work, Piece[]>): Promise<void> {
    const fresh = new Map([...batch].map(([work, pieces]) => [work, pieces.filter(({ bits }) => !bits)]));
    try {
      await this.#compute([...fresh.values()].flat());
    } catch (error) {
      for (const work of batch.keys()) this.#end(work, () => work.reject(error));
      return;
    }
    for (const [work, pieces] of batch) {
      const computed = (fresh.get(work) ?? []).reduce((sum, piece) => sum + tokensOf(piece), 0);
      try {
        work.onBits(pieces, computed);
      } catch (error) {
        this.#end(work, () => work.reject(error));
        continue;
      }
      if (work.buckets.size === 0) this.#end(work, work.resolve);
    }
  }

  #end(work: Work, settle: () => void): void {
    this.#works = this.#works.filter((other) => other !== work);
    settle();
  }
}

/** What goes through the model: the last id is a target only. */
function tokensOf({ ids }: Piece): number {
  return ids.length - 1;
}

/** By powers of two: no piece of a batch is less than half as long as another. */
function bucketOf(piece: Piece): number {
  return 32 - Math.clz32(Math.max(0, tokensOf(piece) - 1));
}

/** How many sequences of T tokens go together: about `tokens` in all, and no tensor too large. At least one. */
export function largestBatch({ vocabularySize: V, heads: H }: Batched['shape'], T: number, tokens: number): number {
  const fitting = Math.min(tokens, largestTensorBytes / 4 / Math.max(V, H * T));
  return Math.max(1, Math.floor(fitting / Math.max(1, T)));
}

/** Computes the bits of pieces in one run of a model of what comes next, and keeps them. */
export async function setBits(model: BatchedModel, pieces: readonly Piece[]): Promise<void> {
  const B = pieces.length;
  if (B === 0) return;
  const T = pieces.reduce((longest, piece) => Math.max(longest, tokensOf(piece)), 1);
  const ids = new BigInt64Array(B * T); // padding is id 0, to the right, where a causal model does not look
  const targets = new BigInt64Array(B * T);
  // Writing the low words is much faster than making a BigInt of each id (little-endian, as all platforms of ONNX Runtime are).
  const [idWords, targetWords] = [new Int32Array(ids.buffer), new Int32Array(targets.buffer)];
  pieces.forEach((piece, row) => {
    for (let t = 0; t + 1 < piece.ids.length; t++) {
      idWords[2 * (row * T + t)] = piece.ids[t] ?? 0;
      targetWords[2 * (row * T + t)] = piece.ids[t + 1] ?? 0;
    }
  });
  const logProbability = await model.logProbabilities(ids, targets, B, T);
  pieces.forEach((piece, row) => {
    const bits = new Float32Array(piece.ids.length);
    // -0 for a certain token would be odd to read, and rounding can leave a log-probability a hair above 0.
    for (let t = 1; t < bits.length; t++) bits[t] = Math.max(0, -(logProbability[row * T + t - 1] ?? NaN) / Math.LN2);
    piece.bits = bits;
    model.cache.set(piece.key, bits);
  });
}
