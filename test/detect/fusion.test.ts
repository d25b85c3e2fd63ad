import { describe, expect, it } from 'vitest';
import { fitCalibration, minusLog10P } from '../../src/main/detect/calibration.ts';
import {
  Fusion,
  fitFusion,
  fitFusionOnRows,
  largestOfSessions,
  type DetectorColumn,
} from '../../src/main/detect/fusion.ts';
import { Random } from '../../src/shared/random.ts';
import { rowDoubt } from '../../src/shared/rowDoubt.ts';

const surprises = (seed: number, count: number, meanBits = 3): Float32Array => {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => -meanBits * Math.log(1 - random.share()));
};
const alarms = (fusion: Fusion, columns: readonly DetectorColumn[], alpha: number, group = -1): number => {
  const ordered = fusion.columnsOf(columns);
  const count = columns[0]?.scores.length ?? 0;
  let raised = 0;
  for (let row = 0; row < count; row++) if (fusion.score(ordered, row, group) >= -Math.log10(alpha)) raised++;
  return raised / count;
};

describe('fusion', () => {
  it('with the key model alone gives the p-values of its calibration (alerts of models in use would change)', () => {
    const scores = surprises(1, 20_000);
    const fusion = new Fusion(fitFusion({ columns: [{ id: 'key', scores }] }));
    const calibration = fitCalibration(scores);
    for (const bits of [0.1, 1, 5, 10, 15, 20, 25]) {
      const difference = fusion.score([Float32Array.of(bits)], 0) - minusLog10P(calibration, bits);
      expect(Math.abs(difference)).toBeLessThan(0.1);
    }
    const far = fusion.score([Float32Array.of(60)], 0);
    expect(Math.abs(far / minusLog10P(calibration, 60) - 1)).toBeLessThan(0.15);
  });

  it('holds the false-alarm rate over many detectors that agree, disagree or hardly ever speak (a minimum over them would not)', () => {
    const columnsOf = (seed: number, count: number): DetectorColumn[] => {
      const key = surprises(seed, count);
      const noise = surprises(seed + 100, count, 0.5);
      const random = new Random(seed + 200);
      return [
        { id: 'key', scores: key },
        { id: 'ngram', scores: key.map((bits, row) => bits + (noise[row] ?? 0)) },
        { id: 'count_vector', scores: surprises(seed + 300, count, 0.1) },
        { id: 'new_kind', scores: noise.map((bits) => (random.share() < 0.02 ? bits : NaN)) },
      ];
    };
    const fusion = new Fusion(fitFusion({ columns: columnsOf(1, 20_000) }));
    for (const alpha of [0.05, 0.01, 0.001]) {
      const rate = alarms(fusion, columnsOf(2, 100_000), alpha);
      expect(rate / alpha).toBeGreaterThan(0.6);
      expect(rate / alpha).toBeLessThan(1.6);
    }
  });

  it('is silent of what no detector speaks of, and hears one that never spoke before as one row in so many', () => {
    const silent = new Float32Array(2000).fill(NaN);
    const fusion = new Fusion(
      fitFusion({
        columns: [
          { id: 'key', scores: surprises(1, 2000) },
          { id: 'travel', scores: silent },
        ],
      }),
    );
    const nothing = [Float32Array.of(NaN), Float32Array.of(NaN)];
    const travel = [Float32Array.of(NaN), Float32Array.of(1)];
    expect(fusion.score(nothing, 0)).toBeLessThan(0.01);
    expect(fusion.votes(nothing, 0)).toEqual([]);
    expect(fusion.votes(travel, 0)).toEqual([
      { detector: 'travel', score: expect.closeTo(Math.log10(2001), 6) as number },
    ]);
    expect(fusion.score(travel, 0)).toBeGreaterThan(2.5);
  });

  // Bug: what follows and had spoken of five rows in two thousand was heard as one in six; stamps of next month and users nobody knows never alarmed.
  it('hears one that follows and seldom speaks as as rare as that is', () => {
    const random = new Random(5);
    const seldom = Float32Array.from({ length: 2000 }, (_, row) => (row % 400 === 7 ? 6 + random.share() : NaN));
    const fusion = new Fusion(
      fitFusion({
        columns: [
          { id: 'key', scores: surprises(1, 2000) },
          { id: 'who_where', scores: seldom },
          { id: 'clock', scores: new Float32Array(2000).fill(NaN) },
        ],
      }),
    );
    for (const columns of [
      [Float32Array.of(1), Float32Array.of(20), Float32Array.of(NaN)],
      [Float32Array.of(1), Float32Array.of(NaN), Float32Array.of(20)],
    ]) {
      expect(fusion.votes(columns, 0)[0]?.score).toBeGreaterThan(3);
      expect(fusion.score(columns, 0)).toBeGreaterThan(2.3);
    }
  });

  it('names who voted, the strongest first, and none who saw nothing', () => {
    const columns: DetectorColumn[] = [
      { id: 'key', scores: surprises(1, 5000) },
      { id: 'ngram', scores: surprises(2, 5000) },
      { id: 'count_vector', scores: surprises(3, 5000) },
    ];
    const fusion = new Fusion(fitFusion({ columns }));
    const { score, votes } = fusion.judge([Float32Array.of(40), Float32Array.of(12), Float32Array.of(0.1)], 0);
    expect(votes.map(({ detector }) => detector)).toEqual(['key', 'ngram']);
    expect(score).toBeGreaterThan(2.5);
  });

  it('lets no detector that follows outweigh the one that leads beyond its calibration (n-grams put a whole log above its attacks)', () => {
    const columns: DetectorColumn[] = [
      { id: 'key', scores: surprises(1, 5000) },
      { id: 'ngram', scores: surprises(2, 5000) },
    ];
    const fusion = new Fusion(fitFusion({ columns }));
    const scoreOf = (key: number, ngram: number): number =>
      fusion.score([Float32Array.of(key), Float32Array.of(ngram)], 0);
    expect(scoreOf(30, 0.1)).toBeGreaterThan(scoreOf(0.1, 60));
    expect(scoreOf(0.1, 60)).toBeGreaterThan(scoreOf(0.1, 20)); // it still ranks
  });

  it('takes that a stretch ends for no evidence, however seldom they end in calibration (short sessions were all rare)', () => {
    const mean = surprises(2, 40_000).map((bits, row) => (row % 128 === 127 ? bits : NaN));
    const fusion = new Fusion(
      fitFusion({
        columns: [
          { id: 'key', scores: surprises(1, 40_000) },
          { id: 'key_mean', scores: mean },
        ],
      }),
    );
    const silent = fusion.score([Float32Array.of(0.1), Float32Array.of(NaN)], 0);
    const usual = fusion.score([Float32Array.of(0.1), Float32Array.of(0.1)], 0);
    expect(usual - silent).toBeLessThan(0.3);
  });

  it('calibrates a group by itself where it has enough rows (a noisy program would spend the whole budget)', () => {
    const count = 4000;
    const random = new Random(5);
    const of = Int32Array.from({ length: count }, () => (random.share() < 0.25 ? 1 : random.share() < 0.02 ? 2 : 0));
    const scores = surprises(1, count).map((bits, row) => (of[row] === 1 ? 3 * bits : bits));
    const data = fitFusion({ columns: [{ id: 'key', scores }], groups: { keys: ['quiet', 'noisy', 'seldom'], of } });
    const fusion = new Fusion(data);
    expect(fusion.groupOf('seldom')).toBe(-1);
    const fresh: DetectorColumn[] = [{ id: 'key', scores: surprises(9, 50_000).map((bits) => 3 * bits) }];
    expect(alarms(fusion, fresh, 0.01)).toBeGreaterThan(0.04);
    expect(alarms(fusion, fresh, 0.01, fusion.groupOf('noisy'))).toBeLessThan(0.02);
  });

  it('gives a more unusual row no larger p-value, through both calibrations and the table of what can be passed over', () => {
    const columns: DetectorColumn[] = [
      { id: 'key', scores: surprises(1, 3000) },
      { id: 'count_vector', scores: surprises(2, 3000, 0.05) },
    ];
    const fusion = new Fusion(fitFusion({ columns }));
    const steps = Float32Array.from({ length: 600 }, (_, step) => step / 10);
    const other = new Float32Array(600).fill(0.1);
    for (let step = 1; step < 600; step++)
      expect(fusion.score([steps, other], step)).toBeGreaterThanOrEqual(fusion.score([steps, other], step - 1));
    expect(fusion.score([steps, other], 599)).toBeGreaterThan(fusion.score([steps, other], 500));
  });

  it('takes of a session the largest score of its events, and nothing where all are silent', () => {
    const [column] = largestOfSessions(
      [{ id: 'key', scores: Float32Array.of(1, NaN, 3, NaN, NaN, -2, -1) }],
      [0, 3, 5, 7],
    );
    expect([...(column?.scores ?? [])]).toEqual([3, NaN, -1]);
  });

  it('says that nothing was held back instead of calibrating on nothing', () => {
    expect(() => fitFusion({ columns: [{ id: 'key', scores: new Float32Array() }] })).toThrow(/held-back/);
  });
});

describe('an ordinary incident inside the calibration part', () => {
  const alpha = 0.0002;
  const normal = surprises(1, 50_000);
  const [kinds, incidentKind] = [new Int32Array(50_000).map((_, row) => row % 40), 77];
  const attack = [Float32Array.of(45)];
  /** 30 lines in a row of many kinds, and a fault that repeats one line all through a tenth of the log. */
  const withIncidents = normal.slice();
  const kindsWith = kinds.slice();
  for (let row = 20_000; row < 20_030; row++) withIncidents[row] = 44 + (row % 3);
  for (let row = 30_000; row < 35_000; row += 25) [withIncidents[row], kindsWith[row]] = [50, incidentKind];

  it('puts the threshold above every alarm where its scores are taken as they are', () => {
    expect(minusLog10P(fitCalibration(withIncidents), 45)).toBeLessThan(-Math.log10(alpha));
  });

  it('counts as one event of each, so that an attack like it still alerts', () => {
    const clean = new Fusion(fitFusion({ columns: [{ id: 'key', scores: normal }], kinds }));
    const data = fitFusion({ columns: [{ id: 'key', scores: withIncidents }], kinds: kindsWith });
    const robust = new Fusion(data);
    expect(data.leftOut.detectors[0]).toBeGreaterThan(200);
    expect(robust.score(attack, 0)).toBeGreaterThan(-Math.log10(alpha));
    const fresh: DetectorColumn[] = [{ id: 'key', scores: surprises(9, 200_000) }];
    expect(alarms(robust, fresh, 0.01) / alarms(clean, fresh, 0.01)).toBeLessThan(1.1);
  });

  it('is not found in rows that stand in random order (a calibration without its high scores would raise false alarms)', () => {
    for (const seed of [11, 12, 13]) {
      const { leftOut } = fitFusion({
        columns: [{ id: 'key', scores: surprises(seed, 20_000) }],
        kinds: kinds.slice(0, 20_000),
      });
      expect(leftOut.detectors[0]).toBeLessThan(60); // of the 1,000 highest
      expect(leftOut.second).toBeLessThan(60);
    }
  });
});

describe('rows under alerts that nobody decided', () => {
  const alpha = 0.001;
  const threshold = -3 * Math.log(alpha);
  /** What an earlier model, and one that learns anew, make of `count` normal rows; the earlier one alerts where that is marked. */
  const normalRows = (seed: number, count: number) => {
    const before = surprises(seed, count);
    const noise = surprises(seed + 500, count, 0.3);
    const marks = Uint8Array.from(before, (bits) => (bits >= threshold ? rowDoubt.undecidedAlert : rowDoubt.none));
    return { scores: before.map((bits, row) => bits + (noise[row] ?? 0)), marks };
  };
  const later = normalRows(90_001, 1_000_000).scores;
  /** Mean share of later rows that alert, as a multiple of what was asked for. `chance`: whether the number of false alarms is known. */
  const realised = (count: number, chance: number): number => {
    const seeds = Array.from({ length: 12 }, (_, index) => 11 * index + 1);
    const rates = seeds.map((seed) => {
      const { scores, marks } = normalRows(seed, count);
      const doubt = { marks, falseAlarms: chance * alpha * count };
      const fusion = new Fusion(fitFusion({ columns: [{ id: 'key', scores }], doubt }));
      let [low, high] = [0, 100];
      while (high - low > 1e-3) {
        const middle = (low + high) / 2;
        if (fusion.score([Float32Array.of(middle)], 0) >= -Math.log10(alpha)) high = middle;
        else low = middle;
      }
      return later.filter((score) => score >= high).length / later.length / alpha;
    });
    return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  };

  // Bug: left out altogether they take the highest of the normal rows with them, and the more each time that is learned.
  it.each([2000, 5000, 20_000])('hold the share of false alarms where they are nothing else, of %i rows', (count) => {
    const rate = realised(count, 1);
    expect(rate).toBeGreaterThan(0.6);
    expect(rate).toBeLessThan(1.3);
    expect(realised(count, 0)).toBeGreaterThan(1.2 * rate);
  });

  // Bug: taken as normal an attack that went on for long lifts the threshold above itself.
  it.each([
    [2000, 1],
    [5000, 2],
    [20_000, 3],
  ])('do not lift the threshold above an attack that is among them, of %i rows', (count, seed) => {
    const { scores, marks } = normalRows(seed, count);
    const random = new Random(seed + 7);
    const attack = Array.from({ length: 40 }, (_, index) => Math.floor(((index + 0.5) * count) / 40));
    for (const row of attack) {
      scores[row] = threshold + 1 + 8 * random.share();
      marks[row] = rowDoubt.undecidedAlert;
    }
    const raisedBy = (fusion: Fusion): number =>
      alarms(fusion, [{ id: 'key', scores: Float32Array.from(attack, (row) => scores[row] ?? 0) }], alpha);
    const columns: DetectorColumn[] = [{ id: 'key', scores }];
    const doubt = { marks, falseAlarms: alpha * count };
    expect(raisedBy(new Fusion(fitFusion({ columns, doubt })))).toBeGreaterThan(0.85);
    expect(raisedBy(new Fusion(fitFusion({ columns })))).toBeLessThan(0.7);
  });

  it('let an attack alert that repeats itself, each time alike, where it is all that alerted', () => {
    const { scores, marks } = normalRows(4, 20_000);
    scores.forEach((score, row) => (scores[row] = Math.min(score, threshold)));
    marks.fill(rowDoubt.none);
    const again = Array.from({ length: 40 }, (_, index) => 250 + 500 * index);
    for (const row of again) {
      scores[row] = threshold + 2;
      marks[row] = rowDoubt.undecidedAlert;
    }
    const doubt = { marks, falseAlarms: alpha * scores.length };
    const fusion = new Fusion(fitFusion({ columns: [{ id: 'key', scores }], doubt }));
    expect(fusion.score([Float32Array.of(threshold + 2)], 0)).toBeGreaterThanOrEqual(-Math.log10(alpha));
  });

  // Bug: with as many kept as were to be expected, rows that are all alike have a p-value just above the share that may alert.
  it('stay one fewer than were to be expected by chance, and the others are in no file that weights are learned on', () => {
    const { scores, marks } = normalRows(5, 2000);
    scores[1000] = 60;
    marks[1000] = rowDoubt.undecidedAlert;
    marks[1001] = rowDoubt.doubtful;
    for (const row of [100, 700, 1500]) marks[row] = rowDoubt.undecidedAlert;
    const marked = marks.reduce((count, mark) => count + (mark === rowDoubt.none ? 0 : 1), 0);
    const columns: DetectorColumn[] = [{ id: 'key', scores }];
    for (const [falseAlarms, kept] of [
      [0, 0],
      [1.9, 0],
      [3.7, 2],
    ] as const) {
      const { fusion, rows } = fitFusionOnRows({ columns, doubt: { marks, falseAlarms } });
      expect(fusion.second.pooled.count + fusion.leftOut.second).toBe(2000 - marked + kept);
      expect(rows.own.length).toBe(2000 - marked + kept);
    }
  });
});
