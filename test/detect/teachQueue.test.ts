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
  const some = (count: number, changes: Partial<TeachCandidate>, from: number): TeachCandidate[] =>
    Array.from({ length: count }, (_, at) => candidate(from + at, changes));
  const firstOf = (list: TeachCandidate[], decided = none) => selectToTeach(list, decided, options)[0];

  it('begins where a verdict should move most of the ranking, not with the largest heap: under the threshold nothing folds, nor stands beneath it', () => {
    const singles = [1, 2, 3, 4, 5, 6, 7, 8].map((at) => candidate(at, { score: 4.5 }));
    const middle = some(8, { signature: 'middle', score: 5.2 }, 10);
    const foot = some(12, { signature: 'foot', score: 3.7 }, 20);
    expect(firstOf([...singles, ...middle, ...foot])?.number).toBe(10);
  });

  it('asks of what stands for many before what stands for itself, where both are as unusual', () => {
    expect(firstOf([candidate(1), ...some(4, { signature: 'a' }, 2), candidate(6)])?.number).toBe(2);
  });

  it('asks last of what is like a confirmed threat: it is known, and was asked again and again where much of it came', () => {
    const list = [...some(30, { signature: 'a', score: 5 }, 1), candidate(40, { score: 4.2 })];
    const told = (threats: number): Decided => ({ ...none, signatures: new Map([['a', { count: 1, threats }]]) });
    expect(firstOf(list, told(1))?.number).toBe(40);
    expect(firstOf(list, told(0))?.number).toBe(1);
  });

  it('asks one of each kind before a second of any, and says of which nothing like it was decided', () => {
    const list = [1, 2, 3, 4].map((number) => candidate(number, { signature: 'a', template: 7, score: 4.01 }));
    const picks = selectToTeach([...list, candidate(5, { score: 4.01 })], none, options);
    expect(picks.slice(0, 2).map(({ number }) => number)).toEqual([1, 5]);
    const decided = { signatures: new Map([['s5', { count: 1, threats: 0 }]]), templates: new Map([[5, 1]]) };
    const why = new Map(
      selectToTeach([...list, candidate(5)], decided, options).map((pick) => [pick.number, pick.why]),
    );
    expect(why.get(5)).toBe('telling');
    expect(why.get(1)).toBe('unlike');
  });

  it('asks of what is severe a second time as of the first, for it takes two to fold (labels that fold nothing)', () => {
    const decided = { ...none, signatures: new Map(['a', 'b'].map((key) => [key, { count: 1, threats: 0 }])) };
    const below = [1, 2, 3].map((at) => candidate(at, { score: 4 }));
    const next = (score: number) => {
      const alike = some(3, { signature: 'a', score, template: 9 }, 10);
      return firstOf([...below, ...alike, ...some(2, { signature: 'new', score, template: 8 }, 20)], decided)?.number;
    };
    expect([next(5.5), next(5)]).toEqual([10, 20]);
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
  for (let seed = 1; seed <= 20; seed++) {
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
