/**
 * @file One word to tokens: its UTF-8 bytes, merged pair by pair, the best rank first and the leftmost of equals. A heap finds the next
 * pair, so a word of a megabyte takes n log n.
 */
import type { Encoded } from './encoded.ts';
import type { MergeTable } from './mergeTable.ts';

/** A heap entry is rank * positions + position: one number orders by both. Exact below 2^53. */
const positions = 2 ** 27;
/** Bytes of the workspace that is kept; longer words get their own. */
const keptBytes = 4096;

/** Symbol i, while it lives, starts at byte i and ends before byte `nexts[i]`. */
type Workspace = {
  ids: Int32Array;
  nexts: Int32Array;
  previous: Int32Array;
  /** Rank of the merge with the next symbol, -1 where there is none. */
  ranks: Int32Array;
  /** UTF-16 offset behind the character that byte i belongs to. */
  characterEnds: Int32Array;
  /** At most one entry per byte at the start and two per merge. */
  heap: Float64Array;
};

function createWorkspace(bytes: number): Workspace {
  return {
    ids: new Int32Array(bytes),
    nexts: new Int32Array(bytes),
    previous: new Int32Array(bytes),
    ranks: new Int32Array(bytes),
    characterEnds: new Int32Array(bytes),
    heap: new Float64Array(bytes * 3),
  };
}

export class Merger {
  readonly #table: MergeTable;
  readonly #byteIds: Int32Array;
  readonly #kept = createWorkspace(keptBytes);
  #work = this.#kept;
  #heapLength = 0;

  /** `byteIds[b]` is the token of byte b. */
  constructor(table: MergeTable, byteIds: Int32Array) {
    this.#table = table;
    this.#byteIds = byteIds;
  }

  /** Appends the tokens of the word [start, end), which is not empty. */
  merge(text: string, start: number, end: number, into: Encoded): void {
    const mostBytes = (end - start) * 3;
    this.#work = mostBytes <= keptBytes ? this.#kept : createWorkspace(mostBytes);
    const length = this.#bytesOf(text, start, end);
    this.#mergeAll(length);
    const { ids, nexts, characterEnds } = this.#work;
    let from = start;
    for (let symbol = 0; symbol < length;) {
      const next = nexts[symbol] ?? length;
      const to = characterEnds[next - 1] ?? end;
      into.add(ids[symbol] ?? 0, from, to);
      from = to;
      symbol = next;
    }
    this.#work = this.#kept;
  }

  /** One symbol per byte of the UTF-8; a lone surrogate gives those of U+FFFD, as it is shown. */
  #bytesOf(text: string, start: number, end: number): number {
    const { ids, characterEnds } = this.#work;
    const byteIds = this.#byteIds;
    let length = 0;
    let characterEnd = start;
    const put = (byte: number): void => {
      ids[length] = byteIds[byte] ?? 0;
      characterEnds[length++] = characterEnd;
    };
    for (let position = start; position < end; position = characterEnd) {
      let code = text.charCodeAt(position);
      characterEnd = position + 1;
      if (code >= 0xd800 && code <= 0xdfff) {
        const low = code <= 0xdbff && characterEnd < end ? text.charCodeAt(characterEnd) : 0;
        if (low >= 0xdc00 && low <= 0xdfff) {
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          characterEnd++;
        } else code = 0xfffd;
      }
      if (code < 0x80) {
        put(code);
        continue;
      }
      if (code < 0x800) put(0xc0 | (code >> 6));
      else {
        if (code < 0x10000) put(0xe0 | (code >> 12));
        else {
          put(0xf0 | (code >> 18));
          put(0x80 | ((code >> 12) & 63));
        }
        put(0x80 | ((code >> 6) & 63));
      }
      put(0x80 | (code & 63));
    }
    return length;
  }

  #mergeAll(length: number): void {
    const { ids, nexts, previous, ranks } = this.#work;
    const { results } = this.#table;
    this.#heapLength = 0;
    for (let symbol = 0; symbol < length; symbol++) {
      nexts[symbol] = symbol + 1;
      previous[symbol] = symbol - 1;
      this.#rank(symbol, length);
    }
    while (this.#heapLength > 0) {
      const entry = this.#pop();
      const rank = Math.floor(entry / positions);
      const left = entry - rank * positions;
      // The pair of an older entry may be gone: its left symbol merged away, or merged with something else.
      if (ranks[left] !== rank) continue;
      const right = nexts[left] ?? length;
      const next = nexts[right] ?? length;
      ids[left] = results[rank] ?? 0;
      ranks[right] = -1;
      nexts[left] = next;
      if (next < length) previous[next] = left;
      this.#rank(left, length);
      const before = previous[left] ?? -1;
      if (before >= 0) this.#rank(before, length);
    }
  }

  /** Notes whether a symbol merges with the next one, and queues it if so. */
  #rank(symbol: number, length: number): void {
    const { ids, nexts, ranks } = this.#work;
    const next = nexts[symbol] ?? length;
    const rank = next < length ? this.#table.rankOf(ids[symbol] ?? 0, ids[next] ?? 0) : -1;
    ranks[symbol] = rank;
    if (rank >= 0) this.#push(rank * positions + symbol);
  }

  #push(entry: number): void {
    const { heap } = this.#work;
    let slot = this.#heapLength++;
    while (slot > 0) {
      const parent = (slot - 1) >> 1;
      const above = heap[parent] ?? 0;
      if (above <= entry) break;
      heap[slot] = above;
      slot = parent;
    }
    heap[slot] = entry;
  }

  #pop(): number {
    const { heap } = this.#work;
    const top = heap[0] ?? 0;
    const last = heap[--this.#heapLength] ?? 0;
    const length = this.#heapLength;
    let slot = 0;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= length) break;
      if (child + 1 < length && (heap[child + 1] ?? 0) < (heap[child] ?? 0)) child++;
      const below = heap[child] ?? 0;
      if (below >= last) break;
      heap[slot] = below;
      slot = child;
    }
    heap[slot] = last;
    return top;
  }
}
