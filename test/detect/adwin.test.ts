import { describe, expect, it } from 'vitest';
import { Adwin, clippedSurprise } from '../../src/main/detect/adwin.ts';
import reference from './adwinReference.json' with { type: 'json' };

/** mulberry32, as in adwin_reference.py. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let h = Math.imul(state ^ (state >>> 15), state | 1);
    h ^= h + Math.imul(h ^ (h >>> 7), h | 61);
    return ((h ^ (h >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('ADWIN', () => {
  it.each(reference.cases)('finds the changes that river finds: $name', ({ seed, stretches, changes, width, mean }) => {
    const next = uniform(seed);
    let adwin = new Adwin();
    let hasChanged = false;
    const found: typeof changes = [];
    let at = 0;
    for (const [length = 0, scale = 0, offset = 0] of stretches) {
      for (let i = 0; i < length; i++, at++) {
        // river begins anew after a change; ours goes on with the newer part.
        if (hasChanged) adwin = new Adwin();
        hasChanged = adwin.update(next() * scale + offset);
        if (hasChanged) found.push({ at, width: adwin.width, mean: Number(adwin.mean.toFixed(9)) });
      }
    }
    expect(found.map(({ at, width }) => ({ at, width }))).toEqual(changes.map(({ at, width }) => ({ at, width })));
    found.forEach((change, index) => expect(change.mean).toBeCloseTo(changes[index]?.mean ?? NaN, 6));
    expect(adwin.width).toBe(width);
    expect(adwin.mean).toBeCloseTo(mean, 6);
  });

  it('is not shaken by one p-value of 10 ** -300', () => {
    expect(clippedSurprise(300)).toBe(10);
    expect(clippedSurprise(-0.1)).toBe(0);
  });
});
