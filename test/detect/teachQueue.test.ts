/** @file What is asked next: a queue that asks the same again, or only what looks worst, costs an analyst labels that teach nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectToTeach, type Decided, type TeachCandidate } from '../../src/main/detect/teachQueue.ts';
import { Random } from '../../src/shared/random.ts';

const none: Decided = { signatures: new Map(), templates: new Map() };
const options = { thresholdScore: 4, share: 0.1, labelCount: 0, seed: 1, most: 200 };
const candidate = (number: number, changes: Partial<TeachCandidate> = {}): TeachCandidate => ({
  ...{ number, score: 4, signature: `s${number}`, template: number, isSample: false },
  ...changes,
});

describe('the order to be asked in', () => {
  it('begins where the decision is least certain, above and below the threshold', () => {
    const picks = selectToTeach(
      [9, 3.9, 4.4, 3.5].map((score, at) => candidate(at, { score })),
      none,
      options,
    );
    expect(picks.map(({ number }) => number)).toEqual([1, 2, 3, 0]);
  });

  it('asks one of each kind before a second of any, and says of which nothing like it was decided', () => {
    const list = [1, 2, 3, 4].map((number) => candidate(number, { signature: 'a', template: 7, score: 4.01 }));
    const picks = selectToTeach([...list, candidate(5, { score: 5 })], none, options);
    expect(picks.slice(0, 2).map(({ number }) => number)).toEqual([1, 5]);
    const decided = { ...none, signatures: new Map([['s5', 1]]), templates: new Map([[5, 1]]) };
    const why = new Map(
      selectToTeach([...list, candidate(5)], decided, options).map((pick) => [pick.number, pick.why]),
    );
    expect(why.get(5)).toBe('uncertain');
    expect(why.get(1)).toBe('unlike');
  });

  it('asks of what is severe a second time as of the first, for it takes two to fold (labels that fold nothing)', () => {
    const decided = {
      ...none,
      signatures: new Map([
        ['a', 1],
        ['b', 1],
      ]),
    };
    const of = (signature: string, score: number): TeachCandidate[] =>
      [1, 2].map((number) => candidate(number + score, { signature, score, template: score }));
    const next = (score: number) =>
      selectToTeach([...of('a', score), candidate(1, { score })], decided, options)[0]?.number;
    expect([next(6), next(4)]).toEqual([7, 1]);
  });

  it('gives chance its share over all labels, though the list is asked for anew after each', () => {
    const list = Array.from({ length: 60 }, (_, at) => candidate(at, { isSample: at >= 30 }));
    let drawn = 0;
    for (let labelCount = 0; labelCount < 1000; labelCount++)
      if (selectToTeach(list, none, { ...options, labelCount, most: 1 })[0]?.why === 'sample') drawn++;
    expect(drawn).toBe(100);
  });

  it('asks what was drawn in an order of chance, whatever its score', () => {
    const list = Array.from({ length: 400 }, (_, at) => candidate(at, { isSample: true, score: at < 200 ? 3.9 : 0.1 }));
    const asked = selectToTeach(list, none, { ...options, most: 200 });
    const near = asked.filter(({ number }) => number < 200).length;
    expect(near).toBeGreaterThan(70);
    expect(near).toBeLessThan(130);
  });

  it('asks nothing twice, nothing it does not have, and all of it where there is room', () => {
    const made = fc.record({
      score: fc.double({ min: 0, max: 12, noNaN: true }),
      signature: fc.constantFrom('a', 'b', 'c'),
      template: fc.integer({ min: 0, max: 3 }),
      isSample: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(made, { maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(99),
        (list, share, labelCount) => {
          const candidates = list.map((one, number) => ({ ...one, number }));
          const picks = selectToTeach(candidates, none, { ...options, share, labelCount });
          expect(picks.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
            candidates.map(({ number }) => number),
          );
        },
      ),
    );
  });
});

/** Alerts of many kinds of very unequal size; a kind is a threat or not, and its score says something of which. */
function madeQueue(seed: number) {
  const random = new Random(seed);
  const alerts: (TeachCandidate & { isThreat: boolean })[] = [];
  for (let kind = 0; kind < 120; kind++) {
    const isThreat = random.share() < 0.25;
    const level = (isThreat ? 4.8 : 4.1) + 0.7 * (random.share() + random.share() - 1);
    const size = Math.ceil(60 * random.share() ** 4);
    for (let one = 0; one < size; one++) {
      const score = Math.max(3.4, level + 0.5 * (random.share() - 0.5));
      alerts.push({
        number: alerts.length,
        score,
        isThreat,
        signature: `s${kind}`,
        template: kind % 60,
        isSample: false,
      });
    }
  }
  return alerts;
}

/** Alerts of a kind that was labelled rank by its labels, others by their score. */
function averagePrecision(alerts: ReturnType<typeof madeQueue>, labelled: ReadonlySet<number>): number {
  const known = new Map<string, number>();
  for (const { number, signature, isThreat } of alerts)
    if (labelled.has(number)) known.set(signature, isThreat ? 100 : -100);
  const ranked = [...alerts].sort(
    (one, other) => other.score + (known.get(other.signature) ?? 0) - one.score - (known.get(one.signature) ?? 0),
  );
  let [hits, sum] = [0, 0];
  ranked.forEach(({ isThreat }, rank) => {
    if (isThreat) sum += ++hits / (rank + 1);
  });
  return sum / Math.max(1, hits);
}

it('reaches the same average precision with at most half the labels of random order, where a label stands for its kind', () => {
  const labelsTo = (alerts: ReturnType<typeof madeQueue>, order: readonly number[], wanted: number): number => {
    const labelled = new Set<number>();
    for (const number of order) {
      labelled.add(number);
      if (averagePrecision(alerts, labelled) >= wanted) return labelled.size;
    }
    return order.length;
  };
  let [ours, random] = [0, 0];
  for (const seed of [1, 2, 3, 4, 5]) {
    const alerts = madeQueue(seed);
    const order = selectToTeach(alerts, none, { ...options, thresholdScore: 4.4, share: 0, most: alerts.length });
    const chance = new Random(seed);
    const places = alerts.map(() => chance.share());
    const shuffled = alerts.map(({ number }) => number).sort((one, other) => (places[one] ?? 0) - (places[other] ?? 0));
    ours += labelsTo(
      alerts,
      order.map(({ number }) => number),
      0.95,
    );
    random += labelsTo(alerts, shuffled, 0.95);
  }
  expect(ours).toBeLessThanOrEqual(random / 2);
});
