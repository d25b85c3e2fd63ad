/**
 * @file How much work a verdict is for the adapting process. Catches the same calibration fitted, or searched, again and again, weights learned again for each
 * detector, and what grows with the verdicts.
 */
import { expect, test, vi } from 'vitest';
import type { AdaptInput, Label } from '../../../src/shared/adaptProtocol.ts';
import { decisionRewards } from '../../../src/shared/decisions.ts';
import { Random } from '../../../src/shared/random.ts';
import type * as calibration from '../../../src/main/detect/calibration.ts';
import { bitsAt } from '../../../src/main/detect/calibration.ts';
import { fitFusionOnRows } from '../../../src/main/detect/fusion.ts';
import type * as reweigh from '../../../src/main/detect/reweigh.ts';
import { fittedUnder } from '../../../src/main/detect/reweigh.ts';
import { adapt } from '../../../trainer/adapt/adapt.ts';
import { blindedDetectors } from '../../../trainer/adapt/blinding.ts';

vi.mock('../../../src/main/detect/reweigh.ts', async (original) => {
  const real = await original<typeof reweigh>();
  return { ...real, fittedUnder: vi.fn(real.fittedUnder) };
});
vi.mock('../../../src/main/detect/calibration.ts', async (original) => {
  const real = await original<typeof calibration>();
  return { ...real, bitsAt: vi.fn(real.bitsAt) };
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

test('a group’s calibration is searched as often for a thousand verdicts as for a few on as many families', () => {
  const searched = (count: number): number => {
    vi.mocked(bitsAt).mockClear();
    adapt(given(count), rows);
    return vi.mocked(bitsAt).mock.calls.length;
  };
  const few = searched(50);
  expect(few).toBeGreaterThan(0);
  expect(searched(1000)).toBeLessThanOrEqual(few);
});

test('weights are learned again once for each family that lowers detectors, and detectors are named in their order', () => {
  const detectors = (['key', 'text', 'volume', 'clock'] as const).map((id) => ({ id, weight: 0.25 }));
  const said = [
    ...Array.from({ length: 6 }, () => ({ group: 'a', by: ['text', 'clock'] as const })),
    ...Array.from({ length: 9 }, () => ({ group: 'b', by: ['volume'] as const })),
    { group: 'c', by: ['text', 'volume', 'clock'] as const },
  ].map(({ group, by }) => ({ group, isThreat: false, votes: by.map((detector) => ({ detector, score: 5 })) }));
  const weightsBy = vi.fn((of: readonly (typeof said)[number][]) =>
    of.some(({ group }) => group === 'a')
      ? { key: 0.3, text: 0.01, volume: 0.3, clock: 0.01 }
      : { key: 0.3, text: 0.3, volume: 0.01, clock: 0.3 },
  );
  const weights = { key: 0.97, text: 0.01, volume: 0.01, clock: 0.01 };
  expect(blindedDetectors(detectors, weights, said, weightsBy)).toEqual(
    ['text', 'volume', 'clock'].map((detector) => ({ kind: 'weight', detector, share: 0.04 })),
  );
  expect(weightsBy.mock.calls.map(([of]) => [...new Set(of.map(({ group }) => group))])).toEqual([
    ['b', 'c'],
    ['a', 'c'],
  ]);
});
