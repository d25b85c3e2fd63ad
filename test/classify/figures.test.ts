/** @file The figures of a classifier by hand: counts, ranking, calibration, baselines, and when no quality may be claimed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrate, probabilityOf } from '../../src/main/classify/calibrate.ts';
import { fitPart, prepareTraining } from '../../src/main/classify/prepare.ts';
import { averagePrecisionOf, brierScore, qualityOf, reliabilityOf } from '../../src/main/classify/quality.ts';
import { duplicatesOf, noQualityOf, reportOf } from '../../src/main/classify/report.ts';
import { noEvent, tokensOf, vocabularyOf } from '../../src/main/classify/windows.ts';
import { labelTokens, windowTokens, type LabelledWindows } from '../../src/shared/classify.ts';

const labelled = (rows: number[][], labels: number[]): LabelledWindows => ({
  length: rows[0]?.length ?? 2,
  ids: Int32Array.from(rows.flat()),
  labels: Uint8Array.from(labels),
});

describe('quality', () => {
  it('counts as defined; what has no denominator is null and not zero', () => {
    const labels = Uint8Array.of(1, 1, 0, 0, 0);
    expect(qualityOf([true, false, true, false, false], labels, null)).toMatchObject({
      truePositives: 1,
      falsePositives: 1,
      precision: 0.5,
      recall: 0.5,
      f1: 0.5,
      averagePrecision: null,
    });
    expect(qualityOf([false, false], Uint8Array.of(0, 0), [0, 1])).toMatchObject({
      precision: null,
      recall: null,
      f1: null,
      averagePrecision: null,
    });
    expect(qualityOf([false], Uint8Array.of(1), null)).toMatchObject({ precision: null, recall: 0, f1: 0 });
  });

  it('average precision, with ties that must not be read in a lucky order', () => {
    expect(averagePrecisionOf([4, 3, 2, 1], Uint8Array.of(1, 0, 1, 0))).toBeCloseTo((1 + 2 / 3) / 2);
    expect(averagePrecisionOf([1, 1, 1, 1], Uint8Array.of(1, 0, 0, 0))).toBeCloseTo(1 / 4);
  });

  it('reliability puts every window into one tenth', () => {
    const bins = reliabilityOf([0.05, 0.95, 1, 0.91], Uint8Array.of(0, 1, 1, 0));
    expect(bins.map(({ from, windows, anomalous }) => [from, windows, anomalous])).toEqual([
      [0, 1, 0],
      [0.9, 3, 2],
    ]);
    expect(brierScore([0.5, 1], Uint8Array.of(1, 1))).toBeCloseTo(0.125);
  });
});

describe('calibration', () => {
  it('takes back what class weights did where probabilities were right otherwise', () => {
    // Odds of the data times 9: what a class weight of 9 teaches.
    const logits: number[] = [];
    const labels: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const probability = ((i % 20) + 0.5) / 20;
      logits.push(Math.log(probability / (1 - probability)) + Math.log(9));
      labels.push(((i * 7919) % 2000) / 2000 < probability ? 1 : 0);
    }
    const found = calibrate(logits, { labels: Uint8Array.from(labels) }, 9);
    expect(found.kind).toBe('platt');
    expect(found.slope).toBeGreaterThan(0.85);
    expect(found.slope).toBeLessThan(1.15);
    expect(found.offset).toBeCloseTo(-Math.log(9), 0);
  });

  it('with one class alone only the weights are taken back, and it says so', () => {
    const found = calibrate([1, 2, 3], { labels: Uint8Array.of(0, 0, 0) }, 4);
    expect(found).toMatchObject({ kind: 'weights', slope: 1, anomalous: 0 });
    expect(probabilityOf(Math.log(4), found)).toBeCloseTo(0.5);
  });

  it('any logits give a probability that rises with the logit, or none that falls', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.float({ noNaN: true, min: -50, max: 50 }), fc.boolean()), { maxLength: 60 }),
        (items) => {
          const labels = Uint8Array.from(items, ([, label]) => (label ? 1 : 0));
          const found = calibrate(
            items.map(([logit]) => logit),
            { labels },
            3,
          );
          const probability = probabilityOf(1, found);
          expect(Number.isFinite(found.slope) && probability >= 0 && probability <= 1).toBe(true);
        },
      ),
    );
  });
});

describe('windows', () => {
  it('the newest fifth is held back, ids of it alone are unseen, and the label is a target that counts', () => {
    const rows = Array.from({ length: 20 }, (_, i) => (i < 16 ? [7, 9] : [7, 11]));
    const train = labelled(
      rows,
      rows.map((_, i) => (i % 4 === 0 ? 1 : 0)),
    );
    const prepared = prepareTraining(train, 1);
    expect(fitPart(train).labels).toHaveLength(16);
    expect(prepared.vocabulary.ids).toEqual([7, 9]);
    expect([...prepared.validation.ids.slice(0, 3)]).toEqual([4, windowTokens.unseen, labelTokens.anomalous]);
    expect(prepared.classWeight).toBe(3);
    // The label weighs, times the length; nothing else does. Then the same windows again, with events hidden.
    expect([...prepared.trainingWeights.slice(0, 6)]).toEqual([0, 0, 6, 0, 0, 2]);
    expect(prepared.training.offsets).toHaveLength(33);
    const copies = prepared.training.ids.slice(16 * 3);
    expect(copies).toContain(windowTokens.hidden);
    expect(prepareTraining(train, 1).training.ids).toEqual(prepared.training.ids);
  });

  it('an event that was not there is padding, and no kind of event', () => {
    const vocabulary = vocabularyOf([noEvent, 5]);
    expect(vocabulary.ids).toEqual([5]);
    expect([...tokensOf(Int32Array.of(noEvent, 5, 6), vocabulary)]).toEqual([0, 4, 3]);
  });

  it('too few windows are refused in words', () => {
    expect(() => prepareTraining(labelled([[1, 2]], [0]), 1)).toThrow(/There are 1 windows to train on; at least 20/);
  });
});

describe('report', () => {
  const train = labelled(
    [
      [1, 2],
      [1, 2],
      [1, 3],
      [3, 3],
    ],
    [0, 0, 1, 0],
  );
  const test = labelled(
    [
      [1, 2],
      [1, 3],
      [9, 1],
      [3, 1],
    ],
    [0, 1, 1, 0],
  );

  it('baselines see what they may see: ids, and windows that are the same', () => {
    const report = reportOf({ train, test }, [-3, 3, -1, 2], {
      kind: 'platt',
      slope: 1,
      offset: 0,
      windows: 0,
      anomalous: 0,
    });
    expect(report.classifier).toMatchObject({ truePositives: 1, falsePositives: 1 });
    expect(report.baselines.majority).toMatchObject({ truePositives: 0, falsePositives: 0, recall: 0 });
    expect(report.baselines.unseenId).toMatchObject({ truePositives: 1, falsePositives: 0, recall: 0.5 });
    expect(report.baselines.seenAnomalous).toMatchObject({ truePositives: 1, falsePositives: 0, recall: 0.5 });
    // Two of four are also in training: without them one anomaly is left, and it is missed.
    expect(report.withoutDuplicates).toMatchObject({ windows: 2, anomalous: 1, truePositives: 0, falsePositives: 1 });
    expect(duplicatesOf({ train, test })).toEqual({ testInTrain: 2, withinTrain: 1 });
  });

  it('claims no quality where a class is missing', () => {
    const none = labelled([[1, 2]], [0]);
    expect(noQualityOf({ train, test })).toBeNull();
    expect(noQualityOf({ train: none, test })).toMatch(/No window of the training part is anomalous/);
    expect(noQualityOf({ train, test: none })).toMatch(/nothing shows what it would find/);
    expect(noQualityOf({ train, test: labelled([[1, 3]], [1]) })).toMatch(/nothing shows how often it is wrong/);
  });
});
