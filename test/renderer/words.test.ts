/** @file Numbers in words: the formats of ui.md. */
import { describe, expect, it } from 'vitest';
import {
  bytes,
  compact,
  count,
  duration,
  firstSentences,
  odds,
  percent,
  plural,
  power,
  probability,
  rate,
  scoreAsProbability,
} from '../../src/renderer/lib/words.ts';
import { comparisonText } from '../../src/renderer/lib/scoringGraph.ts';
import { seenBeforeText } from '../../src/renderer/lib/verdicts.ts';

describe('what a notice has room for', () => {
  it('is whole sentences, the first in any case', () => {
    const text = 'Threshold v2: raised by 2 verdicts; p 3.8. 3 open alerts fell below it. About 380 false alerts.';
    expect(firstSentences(text, 80)).toBe('Threshold v2: raised by 2 verdicts; p 3.8. 3 open alerts fell below it.');
    expect(firstSentences(text, 10)).toBe('Threshold v2: raised by 2 verdicts; p 3.8.');
    expect(firstSentences(text, 1000)).toBe(text);
    expect(firstSentences('', 10)).toBe('');
  });
});

describe('numbers', () => {
  it('carry separators and units', () => {
    expect(count(1_204_377)).toBe('1,204,377');
    expect(plural(1, 'line')).toBe('1 line');
    expect(plural(3912, 'line')).toBe('3,912 lines');
    expect(bytes(999)).toBe('999 bytes');
    expect(bytes(4_404_019)).toBe('4.4 MB');
    expect(bytes(999_600)).toBe('1.0 MB');
    expect(compact(1234)).toBe('1,234');
    expect(compact(41_204)).toBe('41 k');
    expect(compact(1_900_000)).toBe('1.9 M');
  });

  it('keep what a rate below ten says', () => {
    expect([0, 0.0004, 0.149, 3.21, 9.96, 20, 1496.4].map(rate)).toEqual([
      '0',
      '< 0.001',
      '0.15',
      '3.2',
      '10',
      '20',
      '1,496',
    ]);
  });

  it('state surprise as odds with three digits', () => {
    expect(odds(14.2)).toBe('1 in 18,800');
    expect(odds(1)).toBe('1 in 2');
    expect(odds(0)).toBe('1 in 1');
    expect(odds(40)).toBe('1 in 1.1 × 10¹²');
  });

  it('state probabilities as shares or powers of ten, never rounded to a certainty', () => {
    expect(percent(0.31)).toBe('31 %');
    expect(percent(0.997)).toBe('99.7 %');
    expect(percent(0.9999)).toBe('99.9 %');
    expect(percent(1)).toBe('100 %');
    expect(percent(0.004)).toBe('0.4 %');
    expect(probability(1.4e-6)).toBe('1.4 × 10⁻⁶');
    expect(power(9.99e-5)).toBe('1.0 × 10⁻⁴');
    expect(power(0)).toBe('0');
    expect(scoreAsProbability(3.7)).toBe('2.0 × 10⁻⁴');
  });

  it('state durations in two units at most', () => {
    expect(duration(400)).toBe('0.4 s');
    expect(duration(12_300)).toBe('12 s');
    expect(duration(128_000)).toBe('2 min 08 s');
    expect(duration(3_840_000)).toBe('1 h 04 min');
    expect(duration(-5)).toBe('0.0 s');
  });
});

describe('what was decided before', () => {
  const none = {
    true_positive: 0,
    benign_true_positive: 0,
    false_positive_logic: 0,
    false_positive_data: 0,
    undetermined: 0,
  };
  it('names the verdict where all agree, and adds up both kinds of false where they do not', () => {
    expect(seenBeforeText(none)).toBeNull();
    expect(seenBeforeText({ ...none, true_positive: 2 })).toEqual({ text: '2 true', value: 'true_positive' });
    expect(seenBeforeText({ ...none, true_positive: 1, false_positive_logic: 2, false_positive_data: 1 })).toEqual({
      text: '3 false · 1 true',
      value: null,
    });
  });
});

it('the comparison of two scoring graphs never says more than was measured (0.99996 as 1, 99.96 % as 100 %)', () => {
  const figures = { events: 4112, largestDifferenceNat: 0.151, timesAsFast: 2.41, tailAgreement: 0.9996 };
  expect(comparisonText({ ...figures, rankCorrelation: 0.99996, alertAgreement: 1 })).toBe(
    'int8 is 2.4 times as fast; rank correlation 0.9999; alerts agree 100 %, the rarest hundredth 99.9 %; largest difference 0.15 nat, on 4,112 held-back events',
  );
});
