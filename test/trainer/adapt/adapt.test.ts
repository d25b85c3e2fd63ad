/** @file All that verdicts teach at once. Catches what is learned from who said nothing, an undo that leaves traces, a blinding that nobody is told of. */
import { expect, test } from 'vitest';
import type { AdaptInput, Label } from '../../../src/shared/adaptProtocol.ts';
import { decisionRewards } from '../../../src/shared/decisions.ts';
import type { DetectorId } from '../../../src/shared/detectors.ts';
import type { VerdictValue } from '../../../src/shared/verdicts.ts';
import { Random } from '../../../src/shared/random.ts';
import { fitFusionOnRows } from '../../../src/main/detect/fusion.ts';
import { adapt } from '../../../trainer/adapt/adapt.ts';

const random = new Random(1);
const draw = (): Float32Array => Float32Array.from({ length: 5000 }, () => -Math.log(random.share()));
const { rows } = fitFusionOnRows({
  columns: [
    { id: 'key', scores: draw() },
    { id: 'text', scores: draw() },
    { id: 'volume', scores: draw() },
  ],
});

const label = (value: VerdictValue, detector: DetectorId = 'key', score = 4.5): Label => ({
  ...{ value, at: 0, score, votes: [{ detector, score }], group: 'a', origin: 'detector', samplingWeight: 1 },
  agreeing: 2,
});
const times = (count: number, of: Label): Label[] => Array.from({ length: count }, () => of);
const given = (labels: Label[], changes: Partial<AdaptInput> = {}): AdaptInput => ({
  ...{ ownRowsPath: null, labels, budgetScore: 3, maxShift: 0.3, calibrationRows: 5000 },
  settings: { rewards: decisionRewards, thresholdPreset: 'conformal' },
  judged: { rows: 20_000, decidedShare: 0.5 },
  joinedBefore: [],
  meant: [],
  ...changes,
});

test('without verdicts, and of those that say nothing, the budget stands and nothing is taught', () => {
  const silent = [...times(20, label('undetermined')), ...times(20, label('benign_true_positive'))];
  for (const labels of [[], silent])
    expect(adapt(given(labels), rows)).toMatchObject({ thresholdScore: 3, taught: null, labelCount: 0, warnings: [] });
});

test('three verdicts do the immediate part', () => {
  const { taught, labelCount } = adapt(given(times(3, label('false_positive_logic', 'volume'))), rows);
  expect(labelCount).toBe(3);
  expect(taught?.weights?.volume).toBeLessThan(rows.detectors[2]?.weight ?? 0);
  expect(taught?.joined?.rows).toBe(10_000);
});

test('the same verdicts stand for as many rows as before, whatever was judged since (a restart alone moved the threshold)', () => {
  const labels = times(3, label('false_positive_logic', 'volume'));
  const first = adapt(given(labels), rows);
  const judged = { rows: 90_000, decidedShare: 0.1 };
  const again = adapt(given(labels, { judged, joinedBefore: first.taught?.joined ? [first.taught.joined] : [] }), rows);
  expect(again).toEqual(first);
  const more = times(4, label('false_positive_logic', 'volume'));
  const { taught } = adapt(
    given(more, { judged, joinedBefore: first.taught?.joined ? [first.taught.joined] : [] }),
    rows,
  );
  expect(taught?.joined?.rows).toBe(9000);
});

test('all of one class is learned within bounds, either class', () => {
  for (const value of ['false_positive_data', 'true_positive'] as const) {
    const { thresholdScore } = adapt(given(times(200, label(value))), rows);
    expect(Math.abs(thresholdScore - 3)).toBeLessThanOrEqual(0.3 + 1e-9);
  }
});

test('of a run that would blind a detector the part that blinds is named and held, and all else learned', () => {
  const labels = times(60, label('false_positive_logic', 'volume'));
  const { warnings, taught } = adapt(given(labels), rows);
  expect(warnings).toContainEqual(expect.objectContaining({ kind: 'weight', detector: 'volume' }));
  const own = rows.detectors[2]?.weight ?? NaN;
  expect(taught?.weights?.volume).toBeCloseTo(own / 4, 9);
  expect(Object.values(taught?.weights ?? {}).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
  expect(taught?.joined?.rows).toBe(10_000);
  expect(adapt(given(times(5, label('false_positive_logic', 'volume'))), rows).warnings).toEqual([]);
  // Said to be meant once it is not asked about again, however its number goes on.
  const meant = adapt(given([...labels, ...labels], { meant: warnings }), rows);
  expect(meant.warnings).toEqual([]);
  expect(meant.taught?.weights?.volume).toBeLessThan(own / 4);
});

test('what many families of lines say alike is learned without a word (a warning holds all that comes after)', () => {
  const labels = Array.from({ length: 120 }, (_, index) => ({
    ...label('false_positive_logic', 'volume'),
    group: `family ${index % 6}`,
  }));
  expect(adapt(given(labels), rows).warnings).toEqual([]);
});

test('confirmed threats that would no longer alert are named, and found as before until that is meant', () => {
  const labels = [
    ...times(4, label('true_positive', 'text', 3.5)),
    ...times(500, label('false_positive_logic', 'text', 3.9)),
  ];
  const held = adapt(given(labels, { maxShift: 0 }), rows);
  expect(held.warnings).toContainEqual({ kind: 'threats', count: 4 });
  const untaught = adapt(given(labels.slice(0, 4), { maxShift: 0, judged: { rows: 0, decidedShare: 0 } }), rows);
  expect(held.missedThreats).toBeLessThanOrEqual(untaught.missedThreats);
  const asked = (meant: AdaptInput['meant']) => adapt(given(labels, { maxShift: 0, meant }), rows);
  // Meant for a few is meant for a few more, not for many.
  for (const count of [4, 3, 2])
    expect(asked([{ kind: 'threats', count }]).warnings).not.toContainEqual({ kind: 'threats', count: 4 });
  expect(asked([{ kind: 'threats', count: 1 }]).warnings).toContainEqual({ kind: 'threats', count: 4 });
  expect(asked([{ kind: 'threats', count: 4 }]).missedThreats).toBeGreaterThan(held.missedThreats);
});

test('one wrong verdict taken back is taken back with all its effects', () => {
  const labels = [...times(10, label('false_positive_logic', 'volume')), ...times(3, label('true_positive'))];
  const before = adapt(given(labels), rows);
  const wrong = adapt(given([...labels, label('true_positive', 'volume')]), rows);
  expect(wrong.taught).not.toEqual(before.taught);
  expect(adapt(given(labels), rows)).toEqual(before);
});

test('a model of before held-back rows were kept is given a threshold all the same', () => {
  const { thresholdScore, taught } = adapt(given(times(10, label('false_positive_logic', 'key', 3.1))), null);
  expect(thresholdScore).toBeGreaterThan(3.1);
  expect(taught).toBeNull();
});

test('the guide’s preset is followed when it is set', () => {
  const settings = { rewards: decisionRewards, thresholdPreset: 'tutorial' } as const;
  const { thresholdScore } = adapt(
    given(times(20, label('false_positive_logic', 'key', 9)), {
      settings,
      judged: { rows: 1_000_000, decidedShare: 1 },
    }),
    rows,
  );
  expect(thresholdScore).toBeCloseTo(3.3, 9);
});

test('what did not alert pulls the threshold no further than it can be found, whatever it stands for', () => {
  const missed = (score: number, samplingWeight = 1): Label => ({
    ...label('true_positive', 'key', score),
    ...{ votes: [], score, samplingWeight, origin: samplingWeight === 1 ? 'missed' : 'sample' },
  });
  const scoreAfter = (labels: Label[]): number => adapt(given(labels), rows).thresholdScore;
  // Beyond reach: the alerts would be doubled for nothing.
  expect(scoreAfter(times(50, missed(0.5, 9000)))).toBe(3);
  expect(scoreAfter(times(50, missed(2.5)))).toBe(3);
  // Within: found again, and no further for a weight.
  expect(scoreAfter([missed(2.9)])).toBeLessThanOrEqual(2.9);
  expect(scoreAfter([missed(2.9, 9000)])).toBe(scoreAfter([missed(2.9)]));
  // A slice in which nothing was found says that it may stay.
  expect(scoreAfter(times(50, { ...missed(0.5, 9000), value: 'false_positive_data' }))).toBe(3);
});

test('a normal of the random slice is none of the false alarms that join the calibration', () => {
  const drawn: Label = { ...label('false_positive_data'), origin: 'sample', samplingWeight: 500 };
  expect(adapt(given(times(10, drawn)), rows).taught?.joined ?? null).toBeNull();
});

test('one false alarm said of a severe alert moves no threshold, and is as normal as what just is not severe; one that another verdict contradicts teaches nothing', () => {
  // Severe from 1.25 above the threshold on.
  const severe = (agreeing: number, score = 5): Label => ({ ...label('false_positive_logic', 'key', score), agreeing });
  const untaught = { thresholdScore: 3, joined: null };
  const after = (labels: Label[], own: typeof rows | null = rows) => {
    const { thresholdScore, taught } = adapt(given(labels), own);
    return { thresholdScore, joined: taught?.joined ?? null };
  };
  // Each of another signature: an analyst who is wrong at times, or somebody who teaches it not to look.
  const scores = (labels: Label[]): number[] => Object.values(after(labels).joined?.scores ?? {}).flat();
  const [alone, twice] = [scores(times(4, severe(1))), scores(times(4, severe(2)))];
  expect(alone).toHaveLength(4);
  expect(Math.max(...alone)).toBeLessThan(Math.min(...twice));
  for (const own of [rows, null]) {
    expect(after(times(40, severe(1)), own).thresholdScore).toBe(3);
    expect(after(times(40, severe(0)), own)).toEqual(untaught);
    expect(after(times(40, severe(0, 3.1)), own)).toEqual(untaught);
  }
  // Said twice it is learned, and so is what is not severe.
  for (const said of [severe(2), severe(1, 3.1)]) {
    expect(after(times(40, said), null).thresholdScore).toBeGreaterThan(3.1);
    expect(after(times(4, said)).joined).not.toBeNull();
  }
});

test('by the published rule, false alarms of which one may be a mistake are none', () => {
  const settings = { rewards: decisionRewards, thresholdPreset: 'tutorial' } as const;
  const doubted = { ...label('false_positive_logic', 'key', 9), agreeing: 1 };
  expect(adapt(given(times(40, doubted), { settings }), null).thresholdScore).toBe(3);
});
