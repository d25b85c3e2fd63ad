/** @file Loss curves. Catches validations drawn where they were not measured, doubled points after a resumption, and a curve that grows without end. */
import { describe, expect, it } from 'vitest';
import { curveAxes, extendCurve, lossCurve } from '../../src/renderer/lib/lossCurve.ts';
import type { TrainProgress } from '../../src/shared/trainerProtocol.ts';
import { progress } from './helpers/models.ts';

describe('a loss curve', () => {
  it('puts each validation at the end of its epoch and marks the lowest', () => {
    const curve = lossCurve([
      ...[progress(1, 5, null), progress(1, 10, null), progress(1, 10, 3), progress(2, 5, 3)],
      ...[progress(2, 10, 3), progress(2, 10, 2), progress(3, 10, 2), progress(4, 1, 2.5)],
    ]);
    expect(curve.validation).toEqual([
      { epoch: 1, bits: 3 },
      { epoch: 2, bits: 2 },
      { epoch: 3, bits: 2.5 },
    ]);
    expect(curve.best).toEqual({ epoch: 2, bits: 2 });
    expect(curve.table).toHaveLength(4);
  });

  it('keeps validations of the middle of an epoch where they were measured', () => {
    const curve = lossCurve([progress(1, 5, 4), progress(1, 10, 3), progress(2, 4, 3.5)]);
    expect(curve.validation.map(({ epoch }) => epoch)).toEqual([0.5, 1, 1.4]);
  });

  it('has axes from zero that hold every line', () => {
    const axes = curveAxes([[{ epoch: 3, bits: 5 }], [{ epoch: 7.5, bits: 1 }]]);
    expect([axes.maxEpochs, axes.yTicks[0]]).toEqual([8, 0]);
    expect(axes.maxBits).toBeGreaterThanOrEqual(5);
    expect(curveAxes([[]], 20).maxEpochs).toBe(20);
    expect(lossCurve([]).training).toEqual([]);
  });
});

describe('a point before the first step of an epoch', () => {
  // The trainer has no loss then; over JSON that arrives as null.
  const begun = progress(0, 0, null, { trainingBits: null as unknown as number });

  it('is no point of a curve', () => {
    expect(extendCurve([], begun)).toEqual([]);
    expect(lossCurve([begun, progress(1, 10, 3)]).training).toEqual([{ epoch: 1, bits: 5 }]);
  });
});

describe('a curve that grows', () => {
  const grown = (points: readonly TrainProgress[]): readonly TrainProgress[] =>
    points.reduce<readonly TrainProgress[]>(extendCurve, []);

  it('does not double what is done again after going on from a checkpoint', () => {
    const curve = grown([
      ...[progress(1, 5, null), progress(1, 10, null), progress(1, 10, 3), progress(2, 4, 3)],
      // Gone on from a checkpoint within the first epoch.
      ...[progress(1, 8, null), progress(1, 10, 3), progress(2, 4, 3), progress(2, 6, 3)],
    ]);
    expect(curve.map(({ epoch, step, validationBits }) => [epoch, step, validationBits])).toEqual([
      ...[
        [1, 5, null],
        [1, 10, 3],
        [2, 4, 3],
        [2, 6, 3],
      ],
    ]);
  });

  it('stays as long as a chart is wide, with its validations and its newest point', () => {
    const perEpoch = 1000;
    const points = Array.from({ length: 20 * perEpoch }, (_, index) => {
      const epoch = Math.floor(index / perEpoch) + 1;
      const done = epoch - 1;
      return progress(epoch, (index % perEpoch) + 1, done === 0 ? null : 10 - done / 10, { stepsPerEpoch: perEpoch });
    });
    const curve = grown(points);
    expect(curve.length).toBeLessThan(1000);
    expect(curve.at(-1)).toEqual(points.at(-1));
    expect(lossCurve(curve).validation).toHaveLength(19);
  });
});
