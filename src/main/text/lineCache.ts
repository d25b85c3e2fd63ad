/**
 * @file Which template a masked line had: a bounded cache keyed by 64 bits of a hash under secret multipliers, so that nobody can write a
 * line that is taken for another. Keeps no text. Four ways per set, least recently used goes.
 */
import { tokenKinds } from './kinds.ts';
import type { Tokens } from './tokens.ts';

const setBits = 14;
const ways = 4;

export class LineCache {
  /** Cluster index found by the last `seek`, or -1. */
  found = -1;
  readonly #first = new Int32Array(ways << setBits);
  readonly #second = new Int32Array(ways << setBits);
  readonly #clusters = new Int32Array(ways << setBits).fill(-1);
  readonly #seed: number;
  readonly #firstFactor: number;
  readonly #secondFactor: number;
  #firstKey = 0;
  #secondKey = 0;

  /** Secrets come from `keyedHash`, so that the cache is deterministic for a key. */
  constructor(keyedHash: (text: string) => number) {
    const secret = (name: string): number => Math.floor(keyedHash(`\0line cache ${name}`) / 4) | 0;
    this.#seed = secret('seed');
    this.#firstFactor = secret('first') | 1;
    this.#secondFactor = secret('second') | 1;
  }

  /** Looks the masked line up: `found`. */
  seek(prefix: string, raw: string, tokens: Tokens): void {
    const firstFactor = this.#firstFactor;
    const secondFactor = this.#secondFactor;
    // Lengths go in before their characters: no text can pass for another cut of the same characters.
    let first = this.#seed ^ prefix.length;
    let second = ~this.#seed ^ prefix.length;
    for (let index = 0; index < prefix.length; index++) {
      const character = prefix.charCodeAt(index);
      first = Math.imul(first ^ character, firstFactor);
      first ^= first >>> 15;
      second = Math.imul(second ^ character, secondFactor);
      second ^= second >>> 13;
    }
    const { length, kinds, flags, starts, ends } = tokens;
    for (let token = 0; token < length; token++) {
      const kind = kinds[token] ?? 0;
      const start = starts[token] ?? 0;
      const end = ends[token] ?? 0;
      const isWord = kind === tokenKinds.word;
      const mark = isWord ? 0x100 | (flags[token] ?? 0) | ((end - start) << 16) : kind;
      first = Math.imul(first ^ mark, firstFactor);
      first ^= first >>> 15;
      second = Math.imul(second ^ mark, secondFactor);
      second ^= second >>> 13;
      if (!isWord) continue;
      for (let index = start; index < end; index++) {
        let characters = raw.charCodeAt(index);
        if (++index < end) characters |= raw.charCodeAt(index) << 16;
        first = Math.imul(first ^ characters, firstFactor);
        first ^= first >>> 15;
        second = Math.imul(second ^ characters, secondFactor);
        second ^= second >>> 13;
      }
    }
    this.#firstKey = first;
    this.#secondKey = second;
    this.#find(first, second);
  }

  #find(first: number, second: number): void {
    const base = (first >>> (32 - setBits)) * ways;
    for (let way = 0; way < ways; way++) {
      const slot = base + way;
      if (this.#first[slot] !== first || this.#second[slot] !== second || (this.#clusters[slot] ?? -1) < 0) continue;
      const cluster = this.#clusters[slot] ?? -1;
      if (way > 0) this.#moveToFront(base, way, first, second, cluster);
      this.found = cluster;
      return;
    }
    this.found = -1;
  }

  /** Keeps the cluster of the line that was sought last. */
  keep(cluster: number): void {
    const base = (this.#firstKey >>> (32 - setBits)) * ways;
    this.#moveToFront(base, ways - 1, this.#firstKey, this.#secondKey, cluster);
  }

  #moveToFront(base: number, from: number, first: number, second: number, cluster: number): void {
    for (let slot = base + from; slot > base; slot--) {
      this.#first[slot] = this.#first[slot - 1] ?? 0;
      this.#second[slot] = this.#second[slot - 1] ?? 0;
      this.#clusters[slot] = this.#clusters[slot - 1] ?? -1;
    }
    this.#first[base] = first;
    this.#second[base] = second;
    this.#clusters[base] = cluster;
  }
}
