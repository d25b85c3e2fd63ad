/** @file Judging under other weights. Catches a p that is no p any more, rows that do not come back from their file, and normals that blind. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitCalibration } from '../../src/main/detect/calibration.ts';
import { fitFusionOnRows, Fusion, type DetectorColumn } from '../../src/main/detect/fusion.ts';
import { crowdedRows } from '../../src/main/detect/incidents.ts';
import { decodeOwnRows, encodeOwnRows } from '../../src/main/detect/ownRows.ts';
import { reweighed, secondUnder, smallestOfRows, VoteJudge, weightsUnder } from '../../src/main/detect/reweigh.ts';
import { leastGroupRows } from '../../src/main/detect/second.ts';
import { Random } from '../../src/shared/random.ts';

const rowCount = 20_000;
const budgetScore = 3;

/** Independent detectors of different scales; one seldom speaks. */
function columnsOf(seed: number, rows = rowCount): DetectorColumn[] {
  const random = new Random(seed);
  const draw = (scale: number, share: number): Float32Array =>
    Float32Array.from({ length: rows }, () => (random.share() < share ? -Math.log(random.share()) * scale : NaN));
  return [
    { id: 'key', scores: draw(1, 1) },
    { id: 'text', scores: draw(3, 1) },
    { id: 'volume', scores: draw(1, 0.3) },
  ];
}
const groups = { keys: ['a', 'b'], of: Int32Array.from({ length: rowCount }, (_, row) => (row % 4 === 0 ? 1 : 0)) };
const kinds = Int32Array.from({ length: rowCount }, (_, row) => 1000 + (row % 7));
const { fusion, rows } = fitFusionOnRows({ columns: columnsOf(1), groups, kinds });
const weights = { key: 0.1, text: 0.2, volume: 0.7 };
const taught = { weights, joined: null };

test('under the model’s own weights the second calibration is the model’s own', () => {
  const own = secondUnder(
    rows,
    { weights: Object.fromEntries(rows.detectors.map(({ id, weight }) => [id, weight])), joined: null },
    budgetScore,
  );
  expect(own.pooled.count).toBe(fusion.second.pooled.count);
  expect(own.pooled.tail.startBits).toBeCloseTo(fusion.second.pooled.tail.startBits, 5);
  expect(own.groups['b']?.tail.scale).toBeCloseTo(fusion.second.groups['b']?.tail.scale ?? 0, 4);
  expect(secondUnder(rows, { weights: null, joined: null }, budgetScore)).toBe(rows.second);
});

test('under other weights one in a thousand fresh normal rows has p of at most a thousandth (a p that is none)', () => {
  const judge = new Fusion(reweighed(fusion, weights, secondUnder(rows, taught, budgetScore)));
  const fresh = columnsOf(2, 100_000);
  const columns = judge.columnsOf(fresh);
  let over = 0;
  for (let row = 0; row < 100_000; row++) if (judge.score(columns, row) >= budgetScore) over++;
  expect(over).toBeGreaterThan(40);
  expect(over).toBeLessThan(220);
});

test('under any weights rows are calibrated as each by itself, and each group as if it was alone (rows in another’s group; lost ones)', () => {
  // One group of no rows, one of too few, and one whose rows are crowded in a part of the log.
  const of = Int32Array.from({ length: rowCount }, (_, row) =>
    row % 150 === 0 ? 1 : row > 4000 && row < 4800 ? 4 : row % 3 === 0 ? 2 : 3,
  );
  const many = { ...rows, kinds: of, groups: { keys: ['none', 'few', 'a', 'b', 'crowded'], of } };
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(share, share, share), (shares) => {
      const own = shares.map((one) => one / shares.reduce((sum, other) => sum + other, 0));
      const smallest = Float32Array.from({ length: rowCount }, (_, row) => {
        const inverses = own.map((weight, place) => {
          const score = rows.own[row * own.length + place] ?? 0;
          return { isVote: score >= 1, weighed: weight * 10 ** score };
        });
        const votes = inverses.reduce((sum, { isVote, weighed }) => sum + (isVote ? weighed : 0), 0);
        return Math.log10(Math.max(1, votes, ...inverses.map(({ isVote, weighed }) => (isVote ? 1 : weighed))));
      });
      const found = smallestOfRows(many, own);
      for (const [row, score] of smallest.entries())
        if (Math.abs((found[row] ?? NaN) - score) > 1e-6) expect(found[row]).toBe(score);
      const crowd = crowdedRows(found, of);
      const isKept = (row: number): boolean => crowd?.[row] !== 1;
      const { pooled, groups } = secondUnder(
        many,
        { weights: Object.fromEntries(rows.detectors.map(({ id }, place) => [id, own[place] ?? 0])), joined: null },
        budgetScore,
      );
      const plain = (group: number | null): Partial<typeof pooled> => {
        const { scores, ranks, count } = fitCalibration(
          found.filter((_, row) => isKept(row) && (group === null || of[row] === group)),
        );
        return { scores, ranks, count };
      };
      expect(pooled).toMatchObject(plain(null));
      const large = many.groups.keys.filter(
        (_, group) => of.filter((one, row) => one === group && isKept(row)).length >= leastGroupRows,
      );
      expect(large).toContain('a');
      expect(Object.keys(groups)).toEqual(large);
      for (const key of large) expect(groups[key]).toMatchObject(plain(many.groups.keys.indexOf(key)));
    }),
    { seed: 5, numRuns: 8 },
  );
});

test('what is stored of an alert gives the score that its row gets (streams, batches and stored alerts that differ)', () => {
  const second = secondUnder(rows, taught, budgetScore);
  const judge = new Fusion(reweighed(fusion, weights, second));
  const own = weightsUnder(rows, weights);
  const votes = new VoteJudge(
    rows.detectors.map(({ id }, place) => ({ id, weight: own[place] ?? 0 })),
    second,
  );
  const columns = judge.columnsOf(columnsOf(3));
  let compared = 0;
  for (let row = 0; row < rowCount; row++) {
    const score = judge.score(columns, row, judge.groupOf('b'));
    if (score < 2) continue;
    compared++;
    expect(votes.score(judge.votes(columns, row), 'b')).toBeCloseTo(score, 9);
  }
  expect(compared).toBeGreaterThan(100);
});

test('the file gives back what was written, and is refused cut short', () => {
  const bytes = encodeOwnRows(rows);
  expect(decodeOwnRows(bytes)).toEqual(rows);
  // As Node reads it: numbers that began in the line of JSON made of p-values what they were not.
  expect(decodeOwnRows(Buffer.from(bytes))).toEqual(rows);
  const without = { ...rows, kinds: null, groups: null };
  expect(decodeOwnRows(encodeOwnRows(without))).toEqual(without);
  for (const cut of [bytes.subarray(0, -4), bytes.subarray(0, 10)])
    expect(() => decodeOwnRows(cut)).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }));
});

test('of very many rows some are kept, over all of the log', () => {
  const many = fitFusionOnRows({
    columns: columnsOf(4, 200_000).slice(0, 1),
    kinds: Int32Array.from({ length: 200_000 }, (_, row) => row),
  });
  expect(many.rows.own.length).toBeGreaterThan(60_000);
  expect(many.rows.own.length).toBeLessThanOrEqual(65_536);
});

test('verified normals that came as often as calibration says change nothing; ten times as many make alerts rarer; none at all makes them more', () => {
  const base = secondUnder(rows, { weights: null, joined: null }, budgetScore);
  const at = (falseAlarms: number): number => {
    const scores = { a: Array.from({ length: falseAlarms }, (_, place) => from + 0.01 * place) };
    const joined = { rows: 100_000, scores, shift: 0 };
    const second = secondUnder(rows, { weights: null, joined }, budgetScore);
    return new VoteJudge([{ id: 'key', weight: 1 }], second).score([{ detector: 'key', score: from }], 'none') ?? 0;
  };
  // Where p is a thousandth.
  const { tail } = base.pooled;
  let from = tail.startBits;
  while (
    (new VoteJudge([{ id: 'key', weight: 1 }], base).score([{ detector: 'key', score: from }], 'none') ?? 0) <
    budgetScore
  )
    from += 0.001;
  expect(Math.abs(at(100) - budgetScore)).toBeLessThan(0.1);
  expect(at(1000)).toBeLessThan(budgetScore - 0.7);
  expect(at(0)).toBeGreaterThan(budgetScore + 0.3);
});
