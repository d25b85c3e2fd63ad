/**
 * @file Folds alerts that say the same again: within the cooldown of the last of them, an alert whose fingerprint is that of an earlier one, or
 * that is similar enough, is counted by the earlier one instead of standing beside it.
 */
import type { FoldingSettings } from '../../shared/thresholds.ts';
import { actorShare, similarityOf, type AlertProfile } from './fingerprint.ts';

export type FoldedAlert = {
  /** Its event: in the order of the log. */
  eventId: number;
  /** Time in the log; null where it says none: such an alert is never folded. */
  at: number | null;
  /** At or above the threshold. What is shown is never hidden under what is not. */
  isShown: boolean;
  /** 1 to 5: what is more severe than the head stands by itself. */
  severity: number;
  /** Before a verdict on its like raised it. */
  ownSeverity: number;
  fingerprint: string;
  profile: AlertProfile;
  /** Decided: it keeps those that it has, and takes in no other. */
  isClosed: boolean;
  /** The verdict or the mute that hides it; '' where nothing does. None is hidden with a head that something else hides. */
  hiddenBy: string;
  /** Event of the head that it has so far. */
  head: number | null;
};

/** `lastAt`: of the alerts that it counts. */
export type Head = Omit<FoldedAlert, 'head' | 'at'> & { lastAt: number };

/** Heads at most, the longest quiet go first; and heads that one alert is compared with. */
const mostHeads = 20_000;
const mostCompared = 64;

/** Alerts of one source, in the order of the log. What it says of an alert depends on those before it alone. */
export class Folding {
  readonly #cooldownMs: number;
  readonly #least: number;
  /** By event; the one that was heard of last is last. */
  readonly #heads = new Map<number, Head>();
  /** By fingerprint and by kind of line, each in the order of the log. */
  readonly #byKey = new Map<string, Set<Head>>();
  /** The latest time so far: stamps may go backwards. */
  #clock = -Infinity;

  constructor({ cooldownSeconds, similarity }: FoldingSettings) {
    this.#cooldownMs = cooldownSeconds * 1000;
    this.#least = similarity;
  }

  /** Heads of before, as they are: all that were heard of within the cooldown before the latest time. */
  restore(heads: readonly Head[]): void {
    for (const head of [...heads].sort((a, b) => a.eventId - b.eventId)) this.#begin(head);
    for (const head of [...heads].sort((a, b) => a.lastAt - b.lastAt)) this.#hear(head, head.lastAt);
  }

  /** Event of the alert's head, or null where it is one itself. */
  add(alert: FoldedAlert): number | null {
    const { at, head: _head, ...own } = alert;
    if (at === null) return null;
    this.#clock = Math.max(this.#clock, at);
    const head = this.#headOf(alert);
    if (!head) this.#begin({ ...own, lastAt: at });
    else this.#hear(head, at);
    this.#forget();
    return head?.eventId ?? null;
  }

  #headOf(alert: FoldedAlert): Head | undefined {
    let best: Head | undefined;
    let most = this.#least;
    const compared = new Set<Head>();
    for (const key of this.#keysOf(alert)) {
      for (const head of this.#byKey.get(key) ?? []) {
        if (compared.size >= mostCompared) return best;
        if (compared.has(head)) continue;
        compared.add(head);
        if (!this.#takes(head, alert)) continue;
        const isSame = head.fingerprint === alert.fingerprint;
        const similarity = isSame ? 1 : similarityOf(head.profile, alert.profile);
        // Of equally similar ones the earlier.
        if (similarity < most || (best && similarity === most && head.eventId > best.eventId)) continue;
        [best, most] = [head, similarity];
      }
    }
    return best;
  }

  #takes(head: Head, alert: FoldedAlert): boolean {
    if (this.#clock - head.lastAt > this.#cooldownMs) return false;
    const isNew = alert.head !== head.eventId;
    // The verdict was on what it counted, too: none of that asks again for what the threshold or another verdict make of it since.
    if (head.isClosed) return !isNew && head.severity >= alert.ownSeverity;
    if (isNew && head.hiddenBy !== alert.hiddenBy) return false;
    return head.isShown === alert.isShown && head.severity >= alert.severity;
  }

  #begin(head: Head): void {
    this.#heads.set(head.eventId, head);
    for (const key of this.#keysOf(head)) {
      const heads = this.#byKey.get(key);
      if (heads) heads.add(head);
      else this.#byKey.set(key, new Set([head]));
    }
  }

  #hear(head: Head, at: number): void {
    head.lastAt = Math.max(head.lastAt, at);
    this.#clock = Math.max(this.#clock, at);
    this.#heads.delete(head.eventId);
    this.#heads.set(head.eventId, head);
  }

  /** Those that have been quiet for longer than the cooldown. */
  #forget(): void {
    for (const head of this.#heads.values()) {
      if (this.#heads.size <= mostHeads && this.#clock - head.lastAt <= this.#cooldownMs) return;
      this.#heads.delete(head.eventId);
      for (const key of this.#keysOf(head)) {
        const heads = this.#byKey.get(key);
        heads?.delete(head);
        if (heads?.size === 0) this.#byKey.delete(key);
      }
    }
  }

  /** Where an alert that could fold is found. */
  #keysOf({ fingerprint, profile }: Pick<Head, 'fingerprint' | 'profile'>): string[] {
    const isSameActor = this.#least > 1 - actorShare;
    const kinds = profile.culprits.map(([templateIndex]) =>
      isSameActor ? `kind ${templateIndex} ${profile.actor}` : `kind ${templateIndex}`,
    );
    return [fingerprint, ...kinds];
  }
}
