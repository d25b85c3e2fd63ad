/**
 * @file What a run of verdicts would blind, so that it can be named before it is learned: a detector that one family of lines takes its weight, and a
 * family whose severe alerts would no longer come up. A family is the lines of one program, as they are calibrated.
 */
import type { LearningWarning } from '../../src/shared/adaptProtocol.ts';
import type { Joined, Taught } from '../../src/shared/taught.ts';
import { bitsAt, minusLog10P, type Calibration } from '../../src/main/detect/calibration.ts';
import type { OwnRows } from '../../src/main/detect/ownRows.ts';
import type { Second } from '../../src/main/detect/second.ts';
import { leastScoreOf, severeFrom } from '../../src/main/detect/severity.ts';
import type { Vote } from '../../src/shared/detectors.ts';

/** A detector that keeps less than this of its weight would be blind to what it alone sees. */
const leastShare = 0.25;

type Weights = NonNullable<Taught['weights']>;
type Weighed = OwnRows['detectors'][number];
type Said = { isThreat: boolean; votes: readonly Vote[]; group: string };

/**
 * Detectors that one family of lines alone would take so much of their weight that they are blind for all others, too. Where many families say that a
 * detector cries wolf, that is what learning is for.
 */
export function blindedDetectors<S extends Said>(
  detectors: OwnRows['detectors'],
  weights: Weights,
  said: readonly S[],
  weightsBy: (said: readonly S[]) => Taught['weights'],
): LearningWarning[] {
  const shareOf = (of: Taught['weights'], { id, weight }: Weighed): number => (of?.[id] ?? weight) / weight;
  const lowered = detectors
    .filter((one) => shareOf(weights, one) < leastShare)
    .map((one) => {
      const against = said.filter(
        ({ isThreat, votes }) => !isThreat && votes.some(({ detector }) => detector === one.id),
      );
      const families = [...Map.groupBy(against, ({ group }) => group)].sort(([, a], [, b]) => b.length - a.length);
      return { one, largest: families[0]?.[0] };
    });
  // Most detectors are lowered by the same family, and weights are learned again without it.
  const without = new Map(
    [...new Set(lowered.map(({ largest }) => largest))].map((family) => [
      family,
      weightsBy(said.filter(({ group }) => group !== family)),
    ]),
  );
  return lowered
    .filter(({ one, largest }) => shareOf(without.get(largest) ?? null, one) >= leastShare)
    .map(({ one }) => ({ kind: 'weight', detector: one.id, share: shareOf(weights, one) }));
}

/** Weights of which no detector that is named falls further than to what it can still be heard with; the others share what that takes. */
export function heldUp(
  { detectors }: Pick<OwnRows, 'detectors'>,
  weights: Weights,
  held: readonly LearningWarning[],
): Taught['weights'] {
  const least = new Map(
    detectors
      .filter(({ id }) => held.some((one) => one.kind === 'weight' && one.detector === id))
      .map(({ id, weight }) => [id, leastShare * weight]),
  );
  if (least.size === 0) return weights;
  const kept = [...least.values()].reduce((sum, weight) => sum + weight, 0);
  const others = detectors.reduce((sum, { id }) => sum + (least.has(id) ? 0 : (weights[id] ?? 0)), 0);
  const factor = others > 0 ? (1 - kept) / others : 0;
  return Object.fromEntries(detectors.map(({ id }) => [id, least.get(id) ?? (weights[id] ?? 0) * factor]));
}

/** Families of which what was severe would no longer alert; `isPooled`: all those that are too small to be calibrated apart. */
export type Silenced = { families: string[]; isPooled: boolean };

/** `budgetScore`: -log10 p from which on rows alert. */
export function silencedBy(before: Second, after: Second, budgetScore: number): Silenced {
  const severe = leastScoreOf(severeFrom, budgetScore);
  const isSilenced = (was: Calibration, is: Calibration): boolean => minusLog10P(is, bitsAt(was, severe)) < budgetScore;
  return {
    families: Object.keys(after.groups).filter((key) =>
      isSilenced(before.groups[key] ?? before.pooled, after.groups[key] ?? after.pooled),
    ),
    isPooled: isSilenced(before.pooled, after.pooled),
  };
}

/**
 * The verified normals without those of families that they would silence, which are named. All families together are silenced by one of them or by
 * none: where many say that too much alerts, that is what learning is for.
 */
export function withoutSilencing(
  joinedWithout: (families: ReadonlySet<string>) => Joined | null,
  silenced: (joined: Joined | null) => Silenced,
  isMeant: (warning: LearningWarning) => boolean,
): { joined: Joined | null; families: LearningWarning[] } {
  const whole = joinedWithout(new Set());
  if (!whole) return { joined: null, families: [] };
  const warningOf = (family: string): LearningWarning & { kind: 'family' } => {
    return { kind: 'family', family, count: whole.scores[family]?.length ?? 0 };
  };
  const isTaught = (family: string): boolean => (whole.scores[family]?.length ?? 0) > 0;
  const found = silenced(whole);
  let warnings = found.families
    .filter(isTaught)
    .map(warningOf)
    .filter((warning) => !isMeant(warning));
  let joined = warnings.length === 0 ? whole : joinedWithout(new Set(warnings.map(({ family }) => family)));
  if (found.isPooled) {
    const [largest] = Object.keys(joined?.scores ?? {})
      .map(warningOf)
      .sort((a, b) => b.count - a.count);
    if (largest && !isMeant(largest) && silenced(joined).isPooled) {
      const named = [...warnings, largest];
      const without = joinedWithout(new Set(named.map(({ family }) => family)));
      if (!silenced(without).isPooled) [warnings, joined] = [named, without];
    }
  }
  return { joined, families: warnings };
}
