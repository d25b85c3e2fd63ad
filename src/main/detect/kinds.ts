/**
 * @file What can be said of a kind of line that the model has no token for. It gave `unseen` some probability; this shares that out:
 * kinds met in the held-back part by their counts, the rest to new kinds (Witten-Bell), and among those by severity, process and words.
 * Statistics are over kinds, not events, since a new kind is drawn from what kinds have been like.
 */
import { newsShare, taughtNewsShare } from '../../shared/news.ts';

export type Kind = {
  /** Names the kind exactly. */
  key: number;
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
  /** Kinds without a token of their own that the held-back part had, with their event counts. */
  heldBack: [key: number, events: number][];
  /** Models of before it have none. */
  newsBits?: number;
};

/** Words say less than severity and process, and there are many of them: their mean surprise counts half. */
const wordWeight = 0.5;
/**
 * Share of kinds at or above each severity where nothing is known yet, by severity + 1: most kinds of line are informational, few fatal.
 * Worth `priorKinds` kinds: a log that is full of errors soon overrules it.
 */
const priorAtLeast = [1, 1, 0.9, 0.5, 0.3, 0.15, 0.06, 0.04, 0.03];
const priorKinds = 3;

/**
 * What an event of an unknown kind surprises more than the model says. `counts` are of the kinds that it knows. It was taught that news is no rarer
 * than can be taught; in truth it may be, or as frequent as it was among `later` events. With one unknown event in 67,000 expected on HDFS, and
 * one in a hundred taught, the key model alone had without this an area under the ROC curve of 0.992, 0.991 and 0.990 (three trainings), with it
 * 0.997, 0.995 and 0.995.
 */
export function newsBits(
  counts: readonly number[],
  later: { unknown: number; events: number } = { unknown: 0, events: 0 },
): number {
  const share = Math.max(newsShare(counts), later.unknown / Math.max(1, later.events));
  return Math.max(0, Math.log2(taughtNewsShare(counts) / share));
}

/** `known` are the kinds of the training part; `heldBack` those that came after it, with their counts. */
export function fitKinds(
  known: readonly Kind[],
  heldBack: readonly { kind: Kind; events: number }[] = [],
  news = 0,
): KindStatistics {
  const atLeast = new Array<number>(priorAtLeast.length).fill(0);
  const processes = new Map<number, number>();
  const words = new Map<number, number>();
  const add = (counts: Map<number, number>, hash: number): void => void counts.set(hash, (counts.get(hash) ?? 0) + 1);
  const all = [...known, ...heldBack.map(({ kind }) => kind)];
  for (const kind of all) {
    for (let level = 0; level <= kind.severity + 1; level++) atLeast[level] = (atLeast[level] ?? 0) + 1;
    add(processes, kind.processHash);
    for (const hash of new Set(kind.wordHashes)) add(words, hash);
  }
  return {
    kinds: all.length,
    atLeast,
    processes: [...processes],
    words: [...words],
    heldBack: heldBack.map(({ kind, events }) => [kind.key, events]),
    newsBits: news,
  };
}

/** Surprise of kinds beyond that of their having no token. */
export class KindModel {
  readonly #statistics: KindStatistics;
  readonly #processes: Map<number, number>;
  readonly #words: Map<number, number>;
  readonly #heldBack: Map<number, number>;
  readonly #heldBackEvents: number;

  constructor(statistics: KindStatistics) {
    this.#statistics = statistics;
    this.#processes = new Map(statistics.processes);
    this.#words = new Map(statistics.words);
    this.#heldBack = new Map(statistics.heldBack);
    this.#heldBackEvents = statistics.heldBack.reduce((sum, [, events]) => sum + events, 0);
  }

  /** Bits of a kind given that the model has no token for it. */
  bits(kind: Kind): number {
    const news = this.#statistics.newsBits ?? 0;
    const met = this.#heldBack.get(kind.key);
    // As many events of new kinds are to be expected as there were new kinds: at least one, so that nothing is impossible.
    const novelty = Math.max(1, this.#heldBack.size);
    const total = this.#heldBackEvents + novelty;
    if (met !== undefined) return news - Math.log2(met / total);
    return news - Math.log2(novelty / total) + this.newBits(kind);
  }

  /** Bits of a kind among new kinds. */
  newBits(kind: Kind): number {
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

  /** Severity has a direction: only more severe than usual surprises. */
  #severityBits(severity: number): number {
    if (severity < 0) return 0; // the line does not say
    const { kinds, atLeast } = this.#statistics;
    const expected = priorKinds * (priorAtLeast[severity + 1] ?? 1);
    return Math.max(0, -Math.log2(((atLeast[severity + 1] ?? 0) + expected) / (kinds + priorKinds)));
  }

  /** Witten-Bell again: as many new processes are to be expected among new kinds as there were among the known. */
  #processBits(hash: number): number {
    const { kinds } = this.#statistics;
    const distinct = Math.max(1, this.#processes.size);
    const known = this.#processes.get(hash) ?? 0;
    return -Math.log2((known > 0 ? known : distinct) / (kinds + distinct));
  }

  #meanWordBits(hashes: readonly number[]): number {
    if (hashes.length === 0) return 0;
    let sum = 0;
    for (const hash of hashes) sum += this.wordBits(hash);
    return sum / hashes.length;
  }
}
