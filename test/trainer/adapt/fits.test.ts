/** @file How much work a verdict is for the adapting process. Catches the same calibration fitted again and again, and one that grows with the verdicts. */
import { expect, test, vi } from 'vitest';
import type { AdaptInput, Label } from '../../../src/shared/adaptProtocol.ts';
import { decisionRewards } from '../../../src/shared/decisions.ts';
import { Random } from '../../../src/shared/random.ts';
import { fitFusionOnRows } from '../../../src/main/detect/fusion.ts';
import type * as reweigh from '../../../src/main/detect/reweigh.ts';
import { fittedUnder } from '../../../src/main/detect/reweigh.ts';
import { adapt } from '../../../trainer/adapt/adapt.ts';

vi.mock('../../../src/main/detect/reweigh.ts', async (original) => {
  const real = await original<typeof reweigh>();
  return { ...real, fittedUnder: vi.fn(real.fittedUnder) };
});

const random = new Random(1);
const draw = (): Float32Array => Float32Array.from({ length: 5000 }, () => -Math.log(random.share()));
const { rows } = fitFusionOnRows({
  columns: [
    { id: 'key', scores: draw() },
    { id: 'volume', scores: draw() },
  ],
});
/** Of many families, by both detectors. */
const labelAt = (at: number): Label => ({
  ...{ value: 'false_positive_logic', at, score: 4.5, group: `program ${at % 50}` },
  ...{ votes: [{ detector: at % 2 === 0 ? 'volume' : 'key', score: 4.5 }], origin: 'detector', samplingWeight: 1 },
  agreeing: 2,
});
const given = (count: number): AdaptInput => ({
  ...{
    ownRowsPath: null,
    labels: Array.from({ length: count }, (_, at) => labelAt(at)),
    budgetScore: 3,
    maxShift: 0.3,
  },
  ...{ calibrationRows: 5000, settings: { rewards: decisionRewards, thresholdPreset: 'conformal' } },
  ...{ judged: { rows: 20_000, decidedShare: 0.01 }, joinedBefore: [], meant: [] },
});

test.each([3, 1000])('of %i verdicts nothing is calibrated twice', (count) => {
  vi.mocked(fittedUnder).mockClear();
  expect(adapt(given(count), rows).taught).not.toBeNull();
  const fitted = vi.mocked(fittedUnder).mock.calls.map(([, taught]) => JSON.stringify(taught));
  expect(fitted.length).toBeGreaterThan(0);
  expect(new Set(fitted).size).toBe(fitted.length);
  // With all that joined, and without the family that says the most.
  expect(fitted.length).toBeLessThanOrEqual(2);
});
