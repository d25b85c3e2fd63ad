/** @file Which verdicts are learned from and which are held out: the newest, about entities that nothing is learned of. */
import { leastHeldOut, leastVerdicts, type ClassCounts } from '../../../shared/retraining.ts';

export type Labelled = {
  isThreat: boolean;
  /** Whom or what the alert is about. */
  entity: string;
  /** Order in time: of the log where it tells one. */
  at: number;
};

export type Split<T> = { learned: T[]; heldOut: T[]; isByEntity: boolean };

/** Held out is at least this share; where that leaves too few of a class, more, up to `mostShare`. */
const shares = [0.3, 0.4, 0.5, 0.6];

/**
 * One sentence that says what is needed, or null. Both classes are: with one of them alone the model would learn to find everything, or nothing,
 * surprising.
 */
export function missingOf({ threats, harmless }: ClassCounts): string | null {
  if (threats >= leastVerdicts && harmless >= leastVerdicts) return null;
  return `Retraining wants at least ${leastVerdicts} threats and ${leastVerdicts} false alarms that it can learn from; there are ${threats} and ${harmless}. What each verdict says by itself is in force already.`;
}

export function countClasses(items: readonly Pick<Labelled, 'isThreat'>[]): ClassCounts {
  const threats = items.filter(({ isThreat }) => isThreat).length;
  return { threats, harmless: items.length - threats };
}

/** In both parts the order of `items` stays. `least` of each class are held out where that can be. */
export function splitLabelled<T extends Labelled>(items: readonly T[], least = leastHeldOut): Split<T> {
  const byTime = [...items].sort((a, b) => a.at - b.at);
  for (const share of shares) {
    const cut = byTime[Math.floor(byTime.length * (1 - share))]?.at ?? Infinity;
    const before = new Set(byTime.flatMap(({ at, entity }) => (at < cut ? [entity] : [])));
    const split = part(items, ({ at, entity }) => at >= cut && !before.has(entity));
    if (isEnough(split, least)) return { ...split, isByEntity: true };
  }
  // Whatever was first seen last, until both classes are there.
  const firstSeen = new Map<string, number>();
  for (const { entity, at } of byTime) if (!firstSeen.has(entity)) firstSeen.set(entity, at);
  const newest = [...firstSeen].sort((a, b) => b[1] - a[1]).map(([entity]) => entity);
  const out = new Set<string>();
  for (const entity of newest) {
    out.add(entity);
    const split = part(items, (item) => out.has(item.entity));
    if (isEnough(split, least)) return { ...split, isByEntity: true };
  }
  const heldOut = new Set(
    [true, false].flatMap((wanted) => {
      const own = byTime.filter(({ isThreat }) => isThreat === wanted);
      return own.slice(Math.floor(own.length * (1 - (shares[0] ?? 0))));
    }),
  );
  return { ...part(items, (item) => heldOut.has(item)), isByEntity: false };
}

function part<T>(items: readonly T[], isHeldOut: (item: T) => boolean): Pick<Split<T>, 'learned' | 'heldOut'> {
  return { learned: items.filter((item) => !isHeldOut(item)), heldOut: items.filter(isHeldOut) };
}

/** More than half of each class is learned from, and enough of each held out. */
function isEnough<T extends Labelled>(
  { learned, heldOut }: Pick<Split<T>, 'learned' | 'heldOut'>,
  least: number,
): boolean {
  const [own, out] = [countClasses(learned), countClasses(heldOut)];
  const fits = (kept: number, held: number): boolean => held >= least && kept >= held / 2 && kept >= least;
  return fits(own.threats, out.threats) && fits(own.harmless, out.harmless);
}
