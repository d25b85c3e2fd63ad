/**
 * @file Which runs of three characters were seen, as bits under secret multipliers: no text can be read from it. Of runs that were never
 * seen, at most one in sixteen passes for one that was; one in eight where more than a million were seen.
 */

/** 3 MB as JSON at most. */
const mostBits = 24;
const leastBits = 12;
const bitsPerRun = 4;

export type TrigramState = { bits: number; base64: string };

export class TrigramSet {
  readonly #bits: number;
  readonly #seen: Uint8Array;
  readonly #seed: number;
  readonly #factor: number;

  private constructor(bits: number, seen: Uint8Array, secret: (name: string) => number) {
    this.#bits = bits;
    this.#seen = seen;
    this.#seed = Math.floor(secret('trigram seed') / 4) | 0;
    this.#factor = Math.floor(secret('trigram factor') / 4) | 1;
  }

  static of(runs: Iterable<string>, count: number, secret: (name: string) => number): TrigramSet {
    const bits = Math.min(mostBits, Math.max(leastBits, Math.ceil(Math.log2(Math.max(1, count))) + bitsPerRun));
    const set = new TrigramSet(bits, new Uint8Array(2 ** (bits - 3)), secret);
    for (const run of runs) {
      const place = set.#placeOf(run, 0);
      set.#seen[place >>> 3] = (set.#seen[place >>> 3] ?? 0) | (1 << (place & 7));
    }
    return set;
  }

  static open({ bits, base64 }: TrigramState, secret: (name: string) => number): TrigramSet {
    return new TrigramSet(bits, Buffer.from(base64, 'base64'), secret);
  }

  /** Whether the three characters at `index` were seen. */
  has(text: string, index: number): boolean {
    const place = this.#placeOf(text, index);
    return ((this.#seen[place >>> 3] ?? 0) & (1 << (place & 7))) !== 0;
  }

  get state(): TrigramState {
    return { bits: this.#bits, base64: Buffer.from(this.#seen).toString('base64') };
  }

  #placeOf(text: string, index: number): number {
    let hash = this.#seed;
    for (let position = index; position < index + 3; position++) {
      hash = Math.imul(hash ^ text.charCodeAt(position), this.#factor);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, this.#factor);
    return (hash ^ (hash >>> 13)) >>> (32 - this.#bits);
  }
}
