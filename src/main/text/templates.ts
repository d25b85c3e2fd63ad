/**
 * @file Templates of lines by Drain (He et al., ICWS 2017) with equal placeholders counted as matches, without which a line that is mostly
 * parameters never finds its own template. Words are kept as keyed hashes only. Bounded in clusters, children, leaves and cache.
 */
import { createHash } from 'node:crypto';
import { overflowToken } from '../../shared/lines.ts';
import { hashHasDigit } from './keyedHash.ts';
import { broaderKind, isAcrossBorder, mayBeMissing, tokenKinds } from './kinds.ts';
import { LineCache } from './lineCache.ts';
import { mostTokens, tokenFlags, type Tokens } from './tokens.ts';

export type Cluster = {
  /** Position in `clusters`; never reused. */
  index: number;
  /** Keyed hash of the prefix its lines were added with. */
  prefixHash: number;
  /** Keyed hash of a word (positive), minus the kind of a placeholder, or 0 where lines of the template differ. */
  tokens: number[];
  count: number;
  /** Known to a model: it gains lines but no longer generalises. */
  frozen: boolean;
  /** Hex identity of prefix and tokens; changes when the cluster generalises. */
  contentHash: string;
};

export type TemplateMinerOptions = {
  /** Keyed hash of a word, its lowest bit telling of digits: `createKeyedHash`. */
  hashWord: (word: string) => number;
  /** Share of a template's places for words that must hold one word; 0.8. Of all tokens, half must match. */
  similarity?: number;
  /** Clusters beyond which new lines fall to one overflow cluster per prefix; 20,000. */
  mostClusters?: number;
  /** Different words followed at one place of the tree; 100. */
  mostChildren?: number;
};

/** Tokens that the tree tells apart, values not counted, among so many leading ones at most: a line may open with columns of numbers. */
const treeDepth = 3;
const longestPath = 8;
/** Stands in a line's path for a word beyond the most children. */
const crowd = -1001;
/** Share of all tokens that must match, as in Drain. */
const leastSimilar = 0.5;
/** Clusters of one leaf that may differ in an anchored word alone; more, and anchored words generalise like others. */
const mostAnchored = 200;
/** Clusters of one leaf: a new line is compared with each. */
const mostInLeaf = 300;
/** Share of all clusters that one prefix may have. */
const mostShareOfPrefix = 0.25;
/** Prefixes with an overflow cluster of their own; more share one. */
const mostOverflows = 1000;

/** `words` counts the words an inner node tells apart, and the clusters of a root. */
class Node {
  readonly children = new Map<number, Node>();
  readonly clusters: Cluster[] = [];
  words = 0;
}

export class TemplateMiner {
  readonly #hashWord: (word: string) => number;
  readonly #similarity: number;
  readonly #mostClusters: number;
  readonly #mostChildren: number;
  readonly #clusters: Cluster[] = [];
  readonly #roots = new Map<number, Node>();
  readonly #overflows = new Map<number, Cluster>();
  readonly #cache: LineCache;
  readonly #ids = new Float64Array(mostTokens);
  /** Leading words of the line at hand that found no child of their own: they count as matches, being many. */
  readonly #isCrowded = new Uint8Array(longestPath);
  /** Wildcards of the cluster compared last. */
  #wildcards = 0;
  #changed: Cluster[] = [];
  readonly #isChanged: boolean[] = [];
  #overflowLines = 0;

  constructor(options: TemplateMinerOptions) {
    this.#hashWord = options.hashWord;
    this.#similarity = options.similarity ?? 0.8;
    this.#mostClusters = options.mostClusters ?? 20_000;
    this.#mostChildren = options.mostChildren ?? 100;
    this.#cache = new LineCache(options.hashWord);
  }

  get clusters(): readonly Cluster[] {
    return this.#clusters;
  }

  /** Lines of this run that found no template because there were too many. */
  get overflowLines(): number {
    return this.#overflowLines;
  }

  /** Counts a line and returns the index of its cluster. Lines of different prefixes (program and severity) never share one. */
  add(prefix: string, raw: string, tokens: Tokens): number {
    this.#cache.seek(prefix, raw, tokens);
    const known = this.#cache.found;
    const cluster = known >= 0 ? this.#clusters[known] : this.#learn(prefix, raw, tokens);
    if (cluster === undefined) throw new Error(`No template ${known}.`);
    if (known < 0) this.#cache.keep(cluster.index);
    cluster.count++;
    if (isOverflow(cluster)) this.#overflowLines++;
    this.#markChanged(cluster);
    return cluster.index;
  }

  /** Takes over the clusters of an earlier run, in the order of their indexes, into an empty miner. */
  restore(clusters: readonly Cluster[]): void {
    if (this.#clusters.length > 0) throw new Error('Templates can only be restored into an empty miner.');
    for (const saved of clusters) {
      if (saved.index !== this.#clusters.length) throw new Error(`Template ${this.#clusters.length} is missing.`);
      const cluster = { ...saved, tokens: [...saved.tokens] };
      this.#clusters.push(cluster);
      this.#isChanged.push(false);
      if (isOverflow(cluster)) {
        this.#overflows.set(cluster.prefixHash, cluster);
        continue;
      }
      const leaf = this.#leafOf(cluster.prefixHash, cluster.tokens, cluster.tokens.length, true);
      if (leaf !== undefined) this.#plant(cluster, leaf);
    }
  }

  /** Keeps these clusters as they are, because a model was trained on them. */
  freeze(indexes: Iterable<number>): void {
    for (const index of indexes) {
      const cluster = this.#clusters[index];
      if (cluster === undefined || cluster.frozen) continue;
      cluster.frozen = true;
      this.#markChanged(cluster);
    }
  }

  /** Clusters that are new or changed since the last call, in order of change. They stay live: copy what is kept. */
  takeChanged(): Cluster[] {
    const changed = this.#changed;
    this.#changed = [];
    for (const cluster of changed) this.#isChanged[cluster.index] = false;
    return changed;
  }

  #markChanged(cluster: Cluster): void {
    if (this.#isChanged[cluster.index] === true) return;
    this.#isChanged[cluster.index] = true;
    this.#changed.push(cluster);
  }

  #learn(prefix: string, raw: string, tokens: Tokens): Cluster {
    const hash = this.#hashWord(prefix);
    const ids = this.#idsOf(raw, tokens);
    const isFull = this.#isFull(hash);
    const leaf = this.#leafOf(hash, ids, tokens.length, !isFull);
    const similar = leaf === undefined ? undefined : this.#mostSimilar(leaf, tokens);
    if (similar !== undefined) {
      if (!similar.frozen) this.#generalise(similar, ids);
      return similar;
    }
    if (leaf === undefined || isFull || leaf.clusters.length >= mostInLeaf) return this.#overflow(hash);
    const cluster = this.#create(hash, Array.from(ids.subarray(0, tokens.length)));
    this.#plant(cluster, leaf);
    return cluster;
  }

  #plant(cluster: Cluster, leaf: Node): void {
    leaf.clusters.push(cluster);
    const root = this.#roots.get(cluster.prefixHash);
    if (root !== undefined) root.words++;
  }

  /** No more clusters at all, or for this prefix: one program that floods must leave room for the others. */
  #isFull(prefixHash: number): boolean {
    const own = this.#roots.get(prefixHash)?.words ?? 0;
    return this.#clusters.length >= this.#mostClusters || own >= this.#mostClusters * mostShareOfPrefix;
  }

  #create(prefixHash: number, tokens: number[]): Cluster {
    const index = this.#clusters.length;
    const contentHash = contentHashOf(prefixHash, tokens);
    const cluster: Cluster = { index, prefixHash, tokens, count: 0, frozen: false, contentHash };
    this.#clusters.push(cluster);
    this.#isChanged.push(false);
    return cluster;
  }

  #overflow(prefixHash: number): Cluster {
    const own = this.#overflows.get(prefixHash);
    if (own !== undefined) return own;
    const shared = this.#overflows.size >= mostOverflows ? 0 : prefixHash;
    const cluster = this.#overflows.get(shared) ?? this.#create(shared, [overflowToken]);
    this.#overflows.set(shared, cluster);
    return cluster;
  }

  #idsOf(raw: string, tokens: Tokens): Float64Array {
    const ids = this.#ids;
    for (let index = 0; index < tokens.length; index++) {
      const kind = tokens.kinds[index] ?? 0;
      ids[index] =
        kind === tokenKinds.word ? this.#hashWord(raw.slice(tokens.starts[index], tokens.ends[index])) : -kind;
    }
    return ids;
  }

  /** The leaf of a line's prefix, length and leading tokens. Values share a child, and words beyond the most children another. */
  #leafOf(prefixHash: number, ids: ArrayLike<number>, length: number, create: boolean): Node | undefined {
    let node = step(this.#roots, prefixHash, create);
    node = node && step(node.children, length, create);
    this.#isCrowded.fill(0);
    let depth = 0;
    for (let index = 0; index < length && index < longestPath && depth < treeDepth && node !== undefined; index++) {
      let key = pathKeyOf(ids[index] ?? 0);
      if (key !== 0) depth++;
      if (key > 0 && !node.children.has(key)) {
        if (node.words >= this.#mostChildren) {
          key = crowd;
          this.#isCrowded[index] = 1;
        } else if (create) {
          node.words++;
        }
      }
      node = step(node.children, key, create);
    }
    return node;
  }

  #mostSimilar(leaf: Node, tokens: Tokens): Cluster | undefined {
    const holdAnchors = leaf.clusters.length < mostAnchored;
    let best: Cluster | undefined;
    let bestSame = -1;
    let bestWildcards = -1;
    for (const cluster of leaf.clusters) {
      const same = this.#compare(cluster, tokens, holdAnchors);
      if (same < bestSame || same < 0 || (same === bestSame && this.#wildcards <= bestWildcards)) continue;
      best = cluster;
      bestSame = same;
      bestWildcards = this.#wildcards;
    }
    return best;
  }

  /**
   * Tokens that the line at hand has in common with a cluster, or -1 where it may not join: an anchored word differs, an address has
   * moved across the border, or too little would stay. Both limits are about the template as it would be with the line in it, so that
   * whatever joins later, a line still finds the template it is in. Words are counted apart, else a line full of values is like any.
   */
  #compare(cluster: Cluster, tokens: Tokens, holdAnchors: boolean): number {
    const { length, flags } = tokens;
    const mostOther = (1 - this.#similarity) * length;
    let same = 0;
    let sameWords = 0;
    let lost = 0;
    let wildcards = 0;
    for (let index = 0; index < length; index++) {
      const own = cluster.tokens[index] ?? 0;
      const id = this.#ids[index] ?? 0;
      if (own === id) {
        same++;
        if (id > 0 && !hashHasDigit(id)) sameWords++;
        continue;
      }
      if (own < 0 && id < 0 && isAcrossBorder(-own, -id)) return -1;
      if (holdAnchors && ((flags[index] ?? 0) & tokenFlags.anchor) !== 0) return -1;
      if (commonKind(own, id) > 0 || this.#isCrowded[index] === 1) {
        same++;
        continue;
      }
      if (own === 0) wildcards++;
      else lost++;
      // Even if all the rest were the same words.
      if (lost + wildcards > mostOther) return -1;
    }
    this.#wildcards = wildcards;
    const isLike = same >= leastSimilar * length && sameWords >= this.#similarity * (sameWords + lost + wildcards);
    return isLike ? same : -1;
  }

  #generalise(cluster: Cluster, ids: Float64Array): void {
    let changed = false;
    for (let index = 0; index < cluster.tokens.length; index++) {
      const own = cluster.tokens[index] ?? 0;
      const id = ids[index] ?? 0;
      if (own === id || own === 0) continue;
      const common = -commonKind(own, id);
      if (common === own) continue;
      cluster.tokens[index] = common;
      changed = true;
    }
    if (changed) cluster.contentHash = contentHashOf(cluster.prefixHash, cluster.tokens);
  }
}

function step(children: Map<number, Node>, key: number, create: boolean): Node | undefined {
  let child = children.get(key);
  if (child === undefined && create) {
    child = new Node();
    children.set(key, child);
  }
  return child;
}

/**
 * The kind that two different tokens have in common, or 0. Words that hold digits are values: `core.12` and `core.1234`. Whatever counts
 * as a match here stays one when the template has generalised to it, else templates of mostly values would never find their lines.
 */
export function commonKind(own: number, id: number): number {
  const left = own > 0 ? (hashHasDigit(own) ? tokenKinds.value : 0) : broaderKind(-own);
  const right = id > 0 ? (hashHasDigit(id) ? tokenKinds.value : 0) : broaderKind(-id);
  if (left === right) return left;
  if (own === -tokenKinds.none) return id < 0 && mayBeMissing(-id) ? -id : 0;
  return id === -tokenKinds.none && own < 0 && mayBeMissing(-own) ? -own : 0;
}

/** What the tree goes by: a word itself, 0 for values and words with digits, else the broad kind of the placeholder. */
function pathKeyOf(id: number): number {
  if (id === 0) return crowd;
  if (id > 0) return hashHasDigit(id) ? 0 : id;
  const kind = broaderKind(-id);
  return kind === tokenKinds.value ? 0 : -kind;
}

function isOverflow(cluster: Cluster): boolean {
  return cluster.tokens[0] === overflowToken;
}

function contentHashOf(prefixHash: number, tokens: readonly number[]): string {
  return createHash('sha256')
    .update(`${prefixHash}|${tokens.join(' ')}`)
    .digest('hex')
    .slice(0, 32);
}
