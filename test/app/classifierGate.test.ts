/**
 * @file The gate of classifiers. Catches one that lets chance pass, one that no good classifier passes, an average precision that is not that of all rows, and
 * one that takes for normal what nobody decided.
 */
import { expect, it } from 'vitest';
import { lossCheck, normalRows, precisionCheck, type Held } from '../../src/main/app/classify/gate.ts';
import { averagePrecision, Others } from '../../src/main/app/classify/held.ts';
import { averagePrecisionOf } from '../../src/main/classify/quality.ts';
import { Random } from '../../src/shared/random.ts';
import { rowDoubt } from '../../src/shared/rowDoubt.ts';

const normal = new Others(Array.from({ length: 2000 }, (_, i) => (i % 100) / 50));
const constant = (): number => Math.LN2;

/** Thirty verdicts on ten entities; `with` gives what is said of one with the classifier. */
function decided(random: Random, told: (isThreat: boolean) => Pick<Held, 'after' | 'loss'>): Held[] {
  return Array.from({ length: 30 }, (_, i) => {
    const isThreat = i % 3 === 0;
    return { isThreat, entity: `e${i % 10}`, before: random.between(2, 4), ...told(isThreat) };
  });
}

it('refuses what knows nothing of the labels: scores and probabilities by chance, as of a training on random ones', () => {
  const passed = { precision: 0, loss: 0 };
  for (let seed = 1; seed <= 40; seed++) {
    const random = new Random(seed);
    const held = decided(random, (isThreat) => {
      const probability = random.between(0.05, 0.95);
      return { after: random.between(2, 4), loss: -Math.log(isThreat ? probability : 1 - probability) };
    });
    if (precisionCheck(held, { before: normal, after: normal }).isHeld) passed.precision++;
    if (lossCheck(held, constant).isHeld) passed.loss++;
  }
  // Of 40, one in forty by chance.
  expect(passed.precision).toBeLessThanOrEqual(3);
  expect(passed.loss).toBe(0);
});

it('holds for what tells threats from false alarms, and says by how much', () => {
  const random = new Random(1);
  const held = decided(random, (isThreat) => ({
    after: isThreat ? random.between(4, 6) : random.between(2, 3),
    loss: random.between(0.05, 0.2),
  }));
  const precision = precisionCheck(held, { before: normal, after: normal });
  expect(precision).toMatchObject({ isHeld: true, after: { value: 1, of: 30 } });
  expect(precision.after.low).toBeGreaterThan(precision.before?.value ?? 1);
  expect(lossCheck(held, constant)).toMatchObject({ isHeld: true, before: { value: expect.closeTo(Math.LN2) } });
  // Nothing is said of nothing.
  expect(precisionCheck([], { before: normal, after: normal }).isHeld).toBe(false);
});

it('counts normal rows as if each were drawn with the verdicts', () => {
  const random = new Random(3);
  const items = Array.from({ length: 40 }, (_, i) => ({ isThreat: i % 4 === 0, score: random.integer(0, 9) }));
  const others = Array.from({ length: 500 }, () => random.integer(0, 7));
  const all = [...items, ...others.map((score) => ({ isThreat: false, score }))];
  const whole = averagePrecisionOf(
    all.map(({ score }) => score),
    Uint8Array.from(all, ({ isThreat }) => (isThreat ? 1 : 0)),
  );
  expect(averagePrecision(items, new Float64Array(40).fill(1), new Others(others))).toBeCloseTo(whole, 10);
});

it('takes for normal what was held back under no alert and no confirmed threat', () => {
  const [none, doubtful, undecidedAlert] = [rowDoubt.none, rowDoubt.doubtful, rowDoubt.undecidedAlert];
  const cut = [
    {
      table: { eventIds: new Float64Array(6) },
      cuts: { validationEnd: 2 },
      doubt: { marks: Uint8Array.of(0, 1, none, doubtful, undecidedAlert, none) },
    },
    { table: { eventIds: new Float64Array(3) }, cuts: { validationEnd: 1 }, doubt: { marks: new Uint8Array(3) } },
  ];
  // Bug: rows under open alerts stood for harmless ones, above which threats are to rank.
  expect(normalRows({ cut }, [new Uint8Array(6), Uint8Array.of(1, 0, 1)])).toEqual([0, 3, 4]);
  expect(normalRows({ cut }, [])).toEqual([0, 3, 4, 5]);
});
