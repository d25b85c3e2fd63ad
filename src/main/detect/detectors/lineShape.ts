/**
 * @file What a line looks like against lines of its kind: the largest robust z-score of its features, against those of all lines where its kind is
 * rare or new.
 */
import { shapeNames } from '../../../shared/eventValues.ts';
import type { StreamDetector, StreamPage } from '../detector.ts';

/** Less is how lines are. The guide's threshold is 3; some lines below it are what calibration stands on. */
const leastZ = 2.4;
const leastLines = 30;
const mostKinds = 5000;
/** Lines of a kind that are looked at, spread over the training part. */
const mostSamples = 256;
const featureCount = shapeNames.length;
/** Of the bytes as they are: less is rounding. */
const leastScale = 2;
/**
 * Of a normal distribution a median of absolute deviations is 0.67 standard deviations, and 98 % are within 2.33. The latter holds the values that
 * lines of two sorts have, of which the median is one.
 */
const deviationsOfMedian = 1.4826;
const deviationsOfMost = 2.33;

type Normal = { medians: number[]; scales: number[] };
type State = { all: Normal | null; kinds: [templateIndex: number, normal: Normal][] };

/** Every line at first, then every second, every fourth: as many from each part of the log. */
class Samples {
  lines = 0;
  #stride = 1;
  #rows: Uint8Array[] = [];

  add(shapes: Uint8Array, row: number): void {
    if (this.lines++ % this.#stride !== 0) return;
    if (this.#rows.length === mostSamples) {
      this.#rows = this.#rows.filter((_, index) => index % 2 === 0);
      this.#stride *= 2;
      if ((this.lines - 1) % this.#stride !== 0) return;
    }
    this.#rows.push(shapes.slice(row * featureCount, (row + 1) * featureCount));
  }

  normal(): Normal {
    const normal: Normal = { medians: [], scales: [] };
    for (let feature = 0; feature < featureCount; feature++) {
      const values = Uint8Array.from(this.#rows, (row) => row[feature] ?? 0).sort();
      const median = quantile(values, 0.5);
      const deviations = Float64Array.from(values, (value) => Math.abs(value - median)).sort();
      normal.medians.push(median);
      const usual = Math.max(
        deviationsOfMedian * quantile(deviations, 0.5),
        quantile(deviations, 0.98) / deviationsOfMost,
      );
      normal.scales.push(Math.max(leastScale, usual));
    }
    return normal;
  }
}

function quantile(sorted: Uint8Array | Float64Array, share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

export const lineShape: StreamDetector<State> = {
  kind: 'stream',
  id: 'line_shape',
  fit: (sources) => {
    const all = new Samples();
    const kinds = new Map<number, Samples>();
    const addPage = ({ lineHashes, templateIndexes, shapes }: StreamPage): void => {
      for (let row = 0; row < lineHashes.length; row++) {
        if (lineHashes[row] === 0) continue;
        const kind = templateIndexes[row] ?? 0;
        let samples = kinds.get(kind);
        if (!samples && kinds.size < mostKinds) kinds.set(kind, (samples = new Samples()));
        all.add(shapes, row);
        samples?.add(shapes, row);
      }
    };
    for (const pages of sources) for (const page of pages) addPage(page);
    const known = [...kinds].filter(([, { lines }]) => lines >= leastLines);
    return {
      all: all.lines >= leastLines ? all.normal() : null,
      kinds: known.map(([kind, samples]): [number, Normal] => [kind, samples.normal()]),
    };
  },
  open: ({ all, kinds }) => {
    const known = new Map(kinds);
    return {
      score: ({ lineHashes, templateIndexes, shapes }, scores) => {
        for (let row = 0; row < lineHashes.length; row++) {
          const normal = known.get(templateIndexes[row] ?? 0) ?? all;
          if (lineHashes[row] === 0 || !normal) continue;
          let largest = 0;
          for (let feature = 0; feature < featureCount; feature++) {
            const apart = Math.abs((shapes[row * featureCount + feature] ?? 0) - (normal.medians[feature] ?? 0));
            largest = Math.max(largest, apart / (normal.scales[feature] ?? 1));
          }
          if (largest >= leastZ) scores[row] = largest;
        }
      },
    };
  },
};
