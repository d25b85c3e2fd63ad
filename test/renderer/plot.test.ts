/** @file The arithmetic of plots. Catches an axis that cuts the highest bar, ticks nobody counts in, and labels that cover one another. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countAxis,
  freePlace,
  highest,
  labelPlaces,
  placesNamed,
  spanAxis,
  spanText,
  stacked,
} from '../../src/renderer/lib/plot.ts';
import type { PlotSeries } from '../../src/renderer/lib/plot.ts';

const bars = (name: string, values: number[]): PlotSeries => ({ name, token: 'accent', kind: 'bars', values });

describe('stacking', () => {
  it('bars stand on the bars before them, lines where they are', () => {
    const line: PlotSeries = { name: 'c', token: 'accent', kind: 'line', values: [9, null] };
    const all = [bars('a', [1, 2]), bars('b', [3, 0]), line];
    expect(stacked(all)).toEqual([
      [1, 2],
      [4, 2],
      [9, null],
    ]);
    expect(highest(all)).toBe(9);
  });
});

describe('axes', () => {
  it('hold the highest value, begin at zero, and have two to five whole ticks, the last at the top', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (most) => {
        const { range, ticks } = countAxis(most);
        expect(range[0]).toBe(0);
        expect(range[1]).toBeGreaterThanOrEqual(most);
        expect(ticks.every((tick) => Number.isInteger(tick) && tick <= range[1])).toBe(true);
        expect(ticks.at(-1)).toBe(range[1]);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(5);
      }),
    );
  });

  it('of time count in what clocks have', () => {
    expect(spanAxis(100_000).ticks.map(spanText)).toEqual(['0 s', '30 s', '1 min', '90 s', '2 min']);
    expect(spanAxis(3 * 86_400_000).ticks.map(spanText)).toEqual(['0 s', '1 d', '2 d', '3 d']);
    fc.assert(
      fc.property(fc.nat(1e12), (most) => {
        const { range } = spanAxis(most);
        expect(range[1]).toBeGreaterThanOrEqual(most);
      }),
    );
  });
});

it('the last place is always named, and not more than asked for', () => {
  expect(placesNamed(30, 6)).toEqual([4, 9, 14, 19, 24, 29]);
  expect(placesNamed(3, 6)).toEqual([0, 1, 2]);
  expect(placesNamed(0, 6)).toEqual([]);
});

it('labels that would cover one another move apart, in their order', () => {
  expect(labelPlaces([10, 12, 50], 10)).toEqual([10, 20, 50]);
  expect(labelPlaces([12, 10], 10)).toEqual([20, 10]);
});

describe('the place of a label', () => {
  const box = (left: number, top: number) => ({ left, top, width: 40, height: 10 });
  const within = { left: 0, top: 0, width: 200, height: 100 };

  it('is the first that covers no other and lies within; where none does, one that covers none', () => {
    const atMost = box(4, 2);
    // "kept" left of its line, as wanted, then right of it.
    expect(freePlace([box(100, 2), box(150, 2)], [atMost], within)).toEqual(box(100, 2));
    expect(freePlace([box(20, 2), box(70, 2)], [atMost], within)).toEqual(box(70, 2));
    expect(freePlace([box(-30, 50), box(12, 50)], [], within)).toEqual(box(12, 50));
    expect(freePlace([box(20, 2), box(-30, 60)], [atMost], within)).toEqual(box(-30, 60));
    expect(freePlace([box(20, 2)], [atMost], within)).toEqual(box(20, 2));
  });
});
