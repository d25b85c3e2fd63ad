/** @file Where an alert stands in the picture of its margin. Catches one that is drawn on the wrong side of the threshold. */
import { expect, it } from 'vitest';
import { marginScale } from '../../src/renderer/lib/margin.ts';
import type { DetectorId } from '../../src/shared/detectors.ts';
import { alertRow } from './helpers/fakeTransport.ts';

const scaleOf = (detector: DetectorId, bits: number, score: number) =>
  marginScale({
    row: { ...alertRow(1), detector },
    margin: { score, threshold: 2.4, bits, thresholdBits: 7, histogram: { binBits: 1, counts: [9, 5, 1] } },
  });

it('is in bits where the model speaks', () => {
  expect(scaleOf('key', 12, 3.5)).toMatchObject({ isInBits: true, at: 12, from: 7 });
});

it('is in the score where another detector does, over the threshold whatever the model gave', () => {
  expect(scaleOf('who_where', 0.1, 3.5)).toMatchObject({ isInBits: false, at: 3.5, from: 2.4 });
  expect(scaleOf('key', 3, 3.5)).toMatchObject({ isInBits: false, at: 3.5, from: 2.4 });
  expect(scaleOf('clock', 30, 3.5).full).toBeCloseTo(3.71);
});
