/** @file The order of rows. Catches one that differs from comparing their scores: signs, zeros, infinities, ties, what is no number. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { descendingRows } from '../../src/main/detect/order.ts';

it('is that of comparing scores, ties in the order of the log, without NaN', () => {
  const special = fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1, 1.5, -1);
  fc.assert(
    fc.property(fc.array(fc.oneof(special, fc.float()), { maxLength: 200 }), (values) => {
      const scores = Float32Array.from(values);
      const wanted = [...scores.keys()]
        .filter((row) => !Number.isNaN(scores[row]))
        .sort((a, b) => ((scores[a] ?? 0) === (scores[b] ?? 0) ? a - b : (scores[a] ?? 0) < (scores[b] ?? 0) ? 1 : -1));
      expect([...descendingRows(scores)]).toEqual(wanted);
    }),
  );
});
