/** @file The tutorial's formulas against numbers worked by hand. Catches a changed weight, percentile, edge or mask. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  confidenceBeyond,
  consensusReading,
  fitTutorial,
  judgeWindow,
  quantile,
  tutorialReading,
  windowValues,
} from '../../src/main/detect/tutorial/decision.ts';
import {
  tutorialLine,
  tutorialPerplexity,
  tutorialWindows,
  windowFeatures,
} from '../../src/main/detect/tutorial/window.ts';
import { WindowSample } from '../../src/main/detect/tutorial/windowSample.ts';

describe('windows to learn from', () => {
  it('are those of whoever judges, at equal distances, and none reaches across two parts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 10, max: 60 }), (stride, count) => {
        const sample = new WindowSample(stride);
        for (const part of ['a', 'b']) {
          sample.begin();
          const lines = Array.from({ length: count }, (_unused, index) => `${part}${index}`);
          const taken = lines.flatMap((line) => sample.add(line) ?? []);
          expect(taken).toEqual([...tutorialWindows(lines)].filter((_window, index) => index % stride === 0));
        }
      }),
    );
  });
});

describe('the text of a window', () => {
  it('masks addresses, numbers of four digits and more, and paths', () => {
    expect(tutorialLine('error', 'sshd[123]: from 10.0.0.5 port 51234 wrote /var/log/a.log')).toBe(
      '<TIME> <ERROR> sshd[123]: from <IP> port <NUM> wrote <PATH>',
    );
    expect(tutorialLine(null, 'session 12345 opened')).toBe('<TIME> <LEVEL> session <NUM> opened');
  });

  it('has ten lines, begins one line after the other, and is all there is of a short log', () => {
    const lines = Array.from({ length: 12 }, (_unused, index) => `l${index}`);
    const windows = [...tutorialWindows(lines)];
    expect(windows).toHaveLength(3);
    expect(windows[1]).toBe('l1 <SEP> l2 <SEP> l3 <SEP> l4 <SEP> l5 <SEP> l6 <SEP> l7 <SEP> l8 <SEP> l9 <SEP> l10');
    expect([...tutorialWindows(['a', 'b'])]).toEqual(['a <SEP> b']);
    expect([...tutorialWindows([])]).toEqual([]);
  });

  it('has the perplexity of its mean loss over all tokens but the first', () => {
    // 3 bits and 1 bit: a mean of 2 bits, 1.386 nat, and e to that is 4.
    expect(tutorialPerplexity(Float32Array.of(0, 3, 1))).toBeCloseTo(4);
    expect(tutorialPerplexity(Float32Array.of(0))).toBe(1);
  });
});

describe('the decision', () => {
  it('takes the 95th percentile between two values, as NumPy does', () => {
    // Of 0 to 20, 0.95 * 20 = 19; of 1, 2, 3, 4, place 2.85.
    expect(quantile(Array.from({ length: 21 }, (_unused, index) => index), 0.95)).toBe(19); // prettier-ignore
    expect(quantile([4, 1, 3, 2], 0.95)).toBeCloseTo(3.85);
  });

  it('has the confidence min(1, perplexity / threshold - 1)', () => {
    expect(confidenceBeyond(15, 10)).toBeCloseTo(0.5);
    expect(confidenceBeyond(40, 10)).toBe(1);
    expect(confidenceBeyond(10, 10)).toBe(0);
    expect(confidenceBeyond(3, 10)).toBe(0);
  });

  it('reads perplexity at 1, 1.5 and 2 times the threshold, and consensus above 0.4, 0.6 and 0.8', () => {
    expect(new Set([10, 15, 20, 21].map((perplexity) => tutorialReading(perplexity, 10))).size).toBe(4);
    expect(tutorialReading(10.1, 10)).toBe(tutorialReading(15, 10));
    expect(new Set([0.4, 0.6, 0.8, 0.81].map(consensusReading)).size).toBe(4);
    expect(consensusReading(0.41)).toBe(consensusReading(0.6));
  });

  it('is the mean of weight times confidence, an anomaly above 0.5', () => {
    const features = Array.from({ length: 100 }, (_unused, index) => Float32Array.of(10 + (index % 2), index % 7));
    const state = fitTutorial(features, [8, 9, 10], 1);
    expect(state.perplexityThreshold).toBeCloseTo(9.9);
    expect(state.means[0]).toBeCloseTo(10.5);
    expect(state.deviations[0]).toBeCloseTo(0.5);
    const judge = (perplexity: number, values: readonly number[]) =>
      judgeWindow({ ...state, forestThreshold: 1 }, windowValues(state, perplexity, Float32Array.from(values)));
    const usual = judge(9, [10, 3]);
    expect(usual).toMatchObject({ consensus: 0, isAnomaly: false });
    // The language model alone: 2 * 0.5 / 3.
    const alone = judge(9.9 * 1.5, [10, 3]);
    expect(alone.consensus).toBeCloseTo(1 / 3);
    expect(alone.isAnomaly).toBe(false);
    // With z = (13 - 10.5) / 0.5 = 5, a confidence of 2/3: (2 * 0.5 + 1 * 2/3) / 3.
    const both = judge(9.9 * 1.5, [13, 3]);
    expect(both.consensus).toBeCloseTo(5 / 9);
    expect(both.isAnomaly).toBe(true);
  });

  it('holds a hundredth of the windows learned from for the forest to alert on', () => {
    const texts = Array.from({ length: 200 }, (_unused, index) => tutorialLine('info', `job ${index % 17} done`));
    const features = [...tutorialWindows(texts)].map(windowFeatures);
    const state = fitTutorial(features, [1], 3);
    const alerting = features.filter((row) => judgeWindow(state, windowValues(state, 1, row)).consensus > 0).length;
    expect(alerting).toBeLessThanOrEqual(Math.ceil(features.length * 0.05));
  });
});
