/** @file Which verdicts are held out. Catches a leak of an entity into what is held out, a class without any, and verdicts that get lost. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countClasses, missingOf, splitLabelled, type Labelled } from '../../src/main/app/retraining/split.ts';

const labelled = fc.record({
  isThreat: fc.boolean(),
  entity: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
  at: fc.nat(1000),
});
const many = fc
  .array(labelled, { minLength: 16, maxLength: 120 })
  .filter((items) => missingOf(countClasses(items)) === null);

it('every verdict is on one side, both sides have both classes, and no entity is on both unless it says so', () => {
  fc.assert(
    fc.property(many, (items) => {
      const { learned, heldOut, isByEntity } = splitLabelled(items);
      expect([...learned, ...heldOut].sort(byPlace(items))).toEqual(items);
      for (const part of [learned, heldOut]) {
        const { threats, harmless } = countClasses(part);
        expect(Math.min(threats, harmless)).toBeGreaterThanOrEqual(2);
      }
      const known = new Set(learned.map(({ entity }) => entity));
      if (isByEntity) expect(heldOut.filter(({ entity }) => known.has(entity))).toEqual([]);
    }),
  );
});

it('holds out the newest where entities are new with each alert', () => {
  const items = Array.from({ length: 40 }, (_, at) => ({ isThreat: at % 2 === 0, entity: `host ${at}`, at }));
  const { learned, heldOut } = splitLabelled(items);
  expect(Math.min(...heldOut.map(({ at }) => at))).toBeGreaterThan(Math.max(...learned.map(({ at }) => at)));
  expect(heldOut).toHaveLength(12);
});

it('verdicts about one entity are split by time', () => {
  const items = Array.from({ length: 30 }, (_, at) => ({ isThreat: at % 3 === 0, entity: 'root', at }));
  const { heldOut, isByEntity } = splitLabelled(items);
  expect(isByEntity).toBe(false);
  expect(countClasses(heldOut)).toEqual({ threats: 3, harmless: 6 });
});

it('says in a sentence what is missing', () => {
  expect(missingOf({ threats: 3, harmless: 0 })).toMatch(/at least 8 threats and 8 false alarms.*there are 3 and 0/);
  expect(missingOf({ threats: 500, harmless: 0 })).not.toBeNull();
  expect(missingOf({ threats: 8, harmless: 8 })).toBeNull();
});

/** The split keeps the objects themselves. */
function byPlace(items: readonly Labelled[]): (one: Labelled, other: Labelled) => number {
  const places = new Map(items.map((item, place) => [item, place]));
  return (one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0);
}
