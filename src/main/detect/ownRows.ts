/**
 * @file What each detector said by itself of rows held back from training: small enough to be kept beside the model, and all that the second
 * calibration is made of again when verdicts change the detectors' weights. In a file: a line of JSON, padded, and the numbers behind it.
 */
import type { DetectorId } from '../../shared/detectors.ts';
import { AppError } from '../../shared/errors.ts';
import type { GroupKey } from './detector.ts';
import type { Second } from './second.ts';

export type OwnRows = {
  /** With the model's own weights. */
  detectors: { id: DetectorId; weight: number }[];
  /** That of the model, under its own weights. */
  second: Second;
  /** Row by row, of each detector -log10 of its own p-value; 0 where it says nothing. */
  own: Float32Array;
  /** Numbered as they come. */
  kinds: Int32Array | null;
  groups: { keys: GroupKey[]; of: Int32Array } | null;
};

/** A vote is given by those whose own p-value is at most a tenth, as -log10. */
export const leastVote = 1;
/** Powers of ten beyond it are no numbers, and with them their sum is none. */
export const mostScore = 300;
/** Of more rows stretches are left out, evenly over all of them: 5 MB with 18 detectors. */
const mostRows = 65_536;
/** Incidents are told by what stands beside a row, so that neighbours stay or go together. */
const stretchRows = 64;

/** Chooses rows, and takes what detectors say of them, in whatever order the rows are gone through. */
export class OwnRowsMaker {
  readonly own: Float32Array;
  readonly #detectors: number;
  /** Place of each row among those chosen; -1 for one that is left out. */
  readonly #places: Int32Array;
  #count = 0;

  /** `scores`: of all rows; those without one are not chosen. */
  constructor(scores: Float32Array, detectors: number) {
    this.#detectors = detectors;
    const rowCount = scores.length;
    const stretches = Math.ceil(rowCount / stretchRows);
    const wanted = Math.min(stretches, mostRows / stretchRows);
    this.#places = Int32Array.from({ length: rowCount }, (_, row) => {
      const stretch = Math.floor(row / stretchRows);
      const isChosen = Math.floor(((stretch + 1) * wanted) / stretches) > Math.floor((stretch * wanted) / stretches);
      return isChosen && !Number.isNaN(scores[row]) ? this.#count++ : -1;
    });
    this.own = new Float32Array(this.#count * detectors);
  }

  set(row: number, ownOf: (detector: number) => number): void {
    const place = this.#places[row] ?? -1;
    if (place < 0) return;
    for (let detector = 0; detector < this.#detectors; detector++)
      this.own[place * this.#detectors + detector] = ownOf(detector);
  }

  /** Values of the chosen rows. */
  chosen(values: ArrayLike<number>): Float64Array {
    const chosen = new Float64Array(this.#count);
    this.#places.forEach((place, row) => {
      if (place >= 0) chosen[place] = values[row] ?? 0;
    });
    return chosen;
  }
}

export function numbered(values: ArrayLike<number>): Int32Array {
  const numbers = new Map<number, number>();
  return Int32Array.from(values, (value) => {
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return number;
  });
}

type Head = Pick<OwnRows, 'detectors' | 'second'> & {
  rowCount: number;
  hasKinds: boolean;
  groupKeys: GroupKey[] | null;
};

/** Numbers begin at a multiple of so many bytes. */
const alignment = 8;

export function encodeOwnRows({ detectors, second, own, kinds, groups }: OwnRows): Uint8Array {
  const rowCount = own.length / detectors.length;
  const head: Head = { detectors, second, rowCount, hasKinds: kinds !== null, groupKeys: groups?.keys ?? null };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const headLength = Math.ceil((text.length + 1) / alignment) * alignment;
  const parts = [own, ...(kinds ? [kinds] : []), ...(groups ? [groups.of] : [])];
  const bytes = new Uint8Array(headLength + parts.reduce((sum, part) => sum + part.byteLength, 0)).fill(
    0x20,
    0,
    headLength - 1,
  );
  bytes.set(text);
  bytes[headLength - 1] = 0x0a;
  let place = headLength;
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), place);
    place += byteLength;
  }
  return bytes;
}

/** Throws MODEL_INVALID where the bytes are not those that were written. */
export function decodeOwnRows(bytes: Uint8Array): OwnRows {
  const headLength = bytes.indexOf(0x0a) + 1;
  const invalid = new AppError('MODEL_INVALID', 'The held-back rows beside the model are not as they were written.');
  if (headLength === 0 || headLength % alignment !== 0) throw invalid;
  const { detectors, second, rowCount, hasKinds, groupKeys } = JSON.parse(
    new TextDecoder().decode(bytes.subarray(0, headLength)),
  ) as Head;
  const columns = detectors.length + (hasKinds ? 1 : 0) + (groupKeys ? 1 : 0);
  if (bytes.length !== headLength + 4 * rowCount * columns) throw invalid;
  // Copied by its constructor: a slice of what Node reads from a file is a view, and its buffer begins with the line.
  const numbers = new Uint8Array(bytes.subarray(headLength)).buffer;
  const integers = (column: number): Int32Array => new Int32Array(numbers, 4 * rowCount * column, rowCount);
  return {
    ...{ detectors, second },
    own: new Float32Array(numbers, 0, rowCount * detectors.length),
    kinds: hasKinds ? integers(detectors.length) : null,
    groups: groupKeys ? { keys: groupKeys, of: integers(columns - 1) } : null,
  };
}
