/**
 * @file What an alert is like: who did it, and the kinds of line that surprised most. Equal fingerprints are the same thing again; between others
 * there is a similarity. Ids and keyed hashes only.
 */

import type { ReasonKind } from '../../shared/alerts.ts';

/** A kind of line and its share of the surprise; shares of a profile sum to one. */
export type CulpritShare = [templateIndex: number, share: number];

export type AlertProfile = {
  /** Keyed hash of who: address and agent, user and host, or what else is left. */
  actor: string;
  /** At most three, the largest share first. */
  culprits: CulpritShare[];
};

/** Kinds of line that a profile names. */
const mostCulprits = 3;
/** Of a similarity of 1, what the same actor counts; the rest is kinds of line. So at 0.8 only what one actor did is alike. */
export const actorShare = 0.25;

/** `surprises`: kind of line and -log10 p of each surprising event. */
export function culpritShares(surprises: readonly { templateIndex: number; score: number }[]): CulpritShare[] {
  const sums = new Map<number, number>();
  for (const { templateIndex, score } of surprises)
    sums.set(templateIndex, (sums.get(templateIndex) ?? 0) + Math.max(score, Number.EPSILON));
  const strongest = [...sums].sort(([a, one], [b, other]) => other - one || a - b).slice(0, mostCulprits);
  const total = strongest.reduce((sum, [, score]) => sum + score, 0);
  return strongest.map(([templateIndex, score]) => [templateIndex, score / total]);
}

/** What surprises by its place, and not by itself: any line can. */
const byPlace: ReadonlySet<ReasonKind> = new Set(['order', 'end', 'sequence', 'pair', 'stretch', 'counts', 'mix']);

/**
 * Kinds of line that alerts of a signature share: the one that surprised by itself; of one that surprised by its place also those that surprised
 * with it. A logout where a session was unusual throughout is nothing like a logout that came a little early.
 */
export function kindsOfSignature(reason: ReasonKind, templateIndex: number, { culprits }: AlertProfile): number[] {
  const others = byPlace.has(reason) ? culprits.map(([kind]) => kind).filter((kind) => kind !== templateIndex) : [];
  return [templateIndex, ...others.sort((a, b) => a - b)];
}

/** `group`: the source's format and the program that writes the line. */
export function fingerprintOf(keyedHash: (text: string) => number, group: string, profile: AlertProfile): string {
  const kinds = profile.culprits.map(([templateIndex]) => templateIndex).sort((a, b) => a - b);
  return keyedHash(['fingerprint', group, profile.actor, ...kinds].join('\u0000')).toString(16);
}

/** From 0 to 1: how much of the surprise lies on the same kinds of line, and whether it is the same actor. */
export function similarityOf(one: AlertProfile, other: AlertProfile): number {
  let shared = 0;
  for (const [templateIndex, share] of one.culprits) {
    const also = other.culprits.find(([index]) => index === templateIndex);
    if (also) shared += Math.min(share, also[1]);
  }
  const kinds = (1 - actorShare) * Math.min(1, shared);
  return one.actor === other.actor ? kinds + actorShare : kinds;
}
