/** @file Bits of pieces already scored, least recently used first out. One per model, so that unloading frees it. */

export type PieceCacheLimits = { mostTokens: number; mostPieces: number };

/** About 8 MB of bits, and as much again for keys and bookkeeping. */
const defaultLimits: PieceCacheLimits = { mostTokens: 2_000_000, mostPieces: 100_000 };

export class PieceCache {
  readonly #limits: PieceCacheLimits;
  readonly #bits = new Map<string, Float32Array>(); // in order of last use
  #tokens = 0;

  constructor(limits: PieceCacheLimits = defaultLimits) {
    this.#limits = limits;
  }

  get tokenCount(): number {
    return this.#tokens;
  }

  get(key: string): Float32Array | undefined {
    const bits = this.#bits.get(key);
    if (!bits) return undefined;
    this.#bits.delete(key);
    this.#bits.set(key, bits);
    return bits;
  }

  set(key: string, bits: Float32Array): void {
    this.#tokens += bits.length - (this.#bits.get(key)?.length ?? 0);
    this.#bits.delete(key);
    this.#bits.set(key, bits);
    for (const [oldest, old] of this.#bits) {
      if (this.#tokens <= this.#limits.mostTokens && this.#bits.size <= this.#limits.mostPieces) return;
      this.#bits.delete(oldest);
      this.#tokens -= old.length;
    }
  }
}

/** Equal for equal ids only. Ids are below 65,536, so each is one UTF-16 unit. */
export function pieceKey(ids: Int32Array): string {
  return String.fromCharCode(...ids);
}
