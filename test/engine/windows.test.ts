/** @file The windows over a long sequence. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { planWindows } from '../../src/main/engine/windows.ts';

const length = fc.integer({ min: 0, max: 200 });
const contextLength = fc.integer({ min: 2, max: 20 });

test('every token but the first is scored exactly once (tokens dropped at the seams, or summed twice)', () => {
  fc.assert(
    fc.property(length, contextLength, (tokens, context) => {
      const scored = planWindows(tokens, context).flatMap(({ end, firstScored }) =>
        Array.from({ length: end - firstScored }, (_, i) => firstScored + i),
      );
      expect(scored).toEqual(Array.from({ length: Math.max(0, tokens - 1) }, (_, i) => i + 1));
    }),
  );
});

test('no window passes the context, and each token has all that comes before it or at least half a context', () => {
  fc.assert(
    fc.property(length, contextLength, (tokens, context) => {
      for (const { start, end, firstScored } of planWindows(tokens, context)) {
        expect(end - 1 - start).toBeLessThanOrEqual(context);
        expect(start === 0 || firstScored - start > context / 2).toBe(true);
      }
    }),
  );
});

test('what was scored does not change when the sequence grows (a window moved to fit the end)', () => {
  fc.assert(
    fc.property(length, contextLength, fc.nat(30), (tokens, context, more) => {
      const windowOf = (total: number): number[] =>
        planWindows(total, context).flatMap(({ start, end, firstScored }) =>
          Array<number>(end - firstScored).fill(start),
        );
      expect(windowOf(tokens + more).slice(0, Math.max(0, tokens - 1))).toEqual(windowOf(tokens));
    }),
  );
});
