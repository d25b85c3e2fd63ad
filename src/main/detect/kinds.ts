/**
 * @file What can be said of a kind of line that was never seen in training: how unlike its severity, process and words are those of the
 * kinds that were. Statistics are over kinds, not events, since a new kind is drawn from what new kinds have been like (Witten-Bell).
 */

export type Kind = {
  /** Index into lineSeverities; -1: none. */
  severity: number;
  /** Keyed hash of the process or component. */
  processHash: number;
  /** Keyed hashes of the template's words. */
  wordHashes: readonly number[];
};

export type KindStatistics = {
  kinds: number;
  /** Kinds with at least this severity, by severity + 1 (index 0: no severity at all). */
  atLeast: number[];
  processes: [hash: number, kinds: number][];
  words: [hash: number, kinds: number][];
};

/** Words say less than severity and process, and there are many of them: their mean surprise counts half. */
const wordWeight = 0.5;
const severityCount = 9;

export function fitKinds(kinds: readonly Kind[]): KindStatistics {
  const atLeast = new Array<number>(severityCount).fill(0);
  const processes = new Map<number, number>();
  const words = new Map<number, number>();
  const add = (counts: Map<number, number>, hash: number): void => void counts.set(hash, (counts.get(hash) ?? 0) + 1);
  for (const kind of kinds) {
    for (let level = 0; level <= kind.severity + 1; level++) atLeast[level] = (atLeast[level] ?? 0) + 1;
    add(processes, kind.processHash);
    for (const hash of new Set(kind.wordHashes)) add(words, hash);
  }
  return { kinds: kinds.length, atLeast, processes: [...processes], words: [...words] };
}

/** Surprise of a new kind's features. */
export class KindModel {
  readonly #statistics: KindStatistics;
  readonly #processes: Map<number, number>;
  readonly #words: Map<number, number>;

  constructor(statistics: KindStatistics) {
    this.#statistics = statistics;
    this.#processes = new Map(statistics.processes);
    this.#words = new Map(statistics.words);
  }

  /** Bits of a kind beyond those of its being new at all. */
  bits(kind: Kind): number {
    return (
      this.#severityBits(kind.severity) +
      this.#processBits(kind.processHash) +
      wordWeight * this.#meanWordBits(kind.wordHashes)
    );
  }

  /** -log2 of the share of known kinds that have the word; a word no kind has is worth half a kind. */
  wordBits(hash: number): number {
    const { kinds } = this.#statistics;
    return -Math.log2(((this.#words.get(hash) ?? 0) + 0.5) / (kinds + 1));
  }

  hasWord(hash: number): boolean {
    return this.#words.has(hash);
  }

  /** Severity has a direction: only more severe than usual surprises. */
  #severityBits(severity: number): number {
    const { kinds, atLeast } = this.#statistics;
    return Math.max(0, -Math.log2(((atLeast[severity + 1] ?? 0) + 0.5) / (kinds + 0.5)));
  }

  /** Witten-Bell: as many new processes are to be expected among new kinds as there were among the known. */
  #processBits(hash: number): number {
    const { kinds } = this.#statistics;
    const distinct = this.#processes.size;
    const known = this.#processes.get(hash) ?? 0;
    return -Math.log2((known > 0 ? known : Math.max(distinct, 0.5)) / (kinds + Math.max(distinct, 0.5)));
  }

  #meanWordBits(hashes: readonly number[]): number {
    if (hashes.length === 0) return 0;
    let sum = 0;
    for (const hash of hashes) sum += this.wordBits(hash);
    return sum / hashes.length;
  }
}
