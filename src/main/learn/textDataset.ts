/**
 * @file What the text model learns from: distinct masked lines as token ids, counted by the part of the time they fall in. The earlier part
 * trains, the next stops training early, the last calibrates, as in `dataset.ts`. Ids come in, no text.
 */
import type { Encoded } from '../../shared/bpe/encoded.ts';
import { packSequences, type SequenceSet } from '../../shared/sequences.ts';
import type { Cuts } from './dataset.ts';

const parts = { training: 0, validation: 1, calibration: 2 } as const;
export type Part = (typeof parts)[keyof typeof parts];

/** Of row `row` of a source. */
export function partOf(row: number, { trainingEnd, validationEnd }: Cuts): Part {
  return row < trainingEnd ? parts.training : row < validationEnd ? parts.validation : parts.calibration;
}

export class TextDataset {
  /** Lines that were not taken because too many distinct ones came before them. */
  leftOut = 0;
  readonly #mostLines: number;
  /** Line, its ids as UTF-16 units (no vocabulary has more than 65,536), to its occurrences in each part. */
  readonly #lines = new Map<string, [training: number, validation: number, calibration: number]>();

  /** Half a million distinct lines are some 100 MB. */
  constructor(mostLines = 500_000) {
    this.#mostLines = mostLines;
  }

  /** Takes the next line in time, which falls in a part. */
  add({ ids, length }: Pick<Encoded, 'ids' | 'length'>, part: Part): void {
    const key = unitsOf(ids, length);
    const counts = this.#lines.get(key);
    if (counts) counts[part]++;
    else if (this.#lines.size >= this.#mostLines) this.leftOut++;
    else {
      const first: [number, number, number] = [0, 0, 0];
      first[part] = 1;
      this.#lines.set(key, first);
    }
  }

  /**
   * Each line of the training part once, and the weight of each of its tokens as a target: 1 + log2 of how often it occurred. A line that came
   * a million times counts as 21 that came once: it is learned, and the rest is not drowned in it.
   */
  training(): { sequences: SequenceSet; weights: Float32Array } {
    const { lines, counts } = this.#linesOf(parts.training);
    const sequences = packSequences(lines);
    const weights = new Float32Array(sequences.ids.length);
    counts.forEach((count, line) =>
      weights.fill(1 + Math.log2(count), sequences.offsets[line] ?? 0, sequences.offsets[line + 1] ?? 0),
    );
    return { sequences, weights };
  }

  /** The lines of the validation part, those of the training part among them; each as often as its weight there would be, rounded. */
  validation(): SequenceSet {
    const { lines, counts } = this.#linesOf(parts.validation);
    return packSequences(
      lines.flatMap((line, index) => Array.from({ length: Math.round(1 + Math.log2(counts[index] ?? 1)) }, () => line)),
    );
  }

  /** Each line of the calibration part once, and how often it occurred. */
  calibration(): { sequences: SequenceSet; counts: Float64Array } {
    const { lines, counts } = this.#linesOf(parts.calibration);
    return { sequences: packSequences(lines), counts: Float64Array.from(counts) };
  }

  #linesOf(part: Part): { lines: Int32Array[]; counts: number[] } {
    const lines: Int32Array[] = [];
    const counts: number[] = [];
    for (const [key, occurrences] of this.#lines) {
      if (occurrences[part] === 0) continue;
      lines.push(Int32Array.from({ length: key.length }, (_, index) => key.charCodeAt(index)));
      counts.push(occurrences[part]);
    }
    return { lines, counts };
  }
}

/** As many units at once as any engine takes as arguments. */
const sliceUnits = 4096;

function unitsOf(ids: Int32Array, length: number): string {
  let units = '';
  for (let start = 0; start < length; start += sliceUnits)
    units += String.fromCharCode(...ids.subarray(start, Math.min(length, start + sliceUnits)));
  return units;
}
