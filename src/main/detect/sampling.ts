/**
 * @file Which events that were not flagged an analyst is shown all the same, so that what was missed can be estimated: drawn by chance, with a chance
 * that is known exactly. Every event has one random number for good (Ohlsson's permanent random numbers), so that a log that is judged again gives
 * mostly the same events, and what was said of them still counts. Strata are by score, as a threat is likelier the nearer an event came to being flagged.
 */

/** Where each stratum begins, in -log10 p. */
export const strataFrom = [0, 1, 2, 3] as const;
const strata = strataFrom.length;

/** Drawn from each stratum of a log that is judged as a whole. */
export const drawnPerStratum = 25;
/** Of what is followed: expected from each stratum among the first of a day's events; then its chance is halved, and again as more are drawn. */
const drawnPerStep = 8;
const mostAtOnce = 4 * drawnPerStep;
const firstEvents = 20_000;
const dayMs = 86_400_000;

export function stratumOf(score: number): number {
  let stratum = 0;
  for (let next = 1; next < strata; next++) if (score >= (strataFrom[next] ?? Infinity)) stratum = next;
  return stratum;
}

/** Of an event, in [0, 1): the same wherever it is asked for. `seed` is the workspace's secret, so that who writes a log cannot know. */
export function permanentNumber(seed: number, eventId: number): number {
  const high = mixed((mixed(seed >>> 0) ^ Math.floor(eventId / 2 ** 32)) >>> 0);
  const first = mixed((high ^ eventId) >>> 0);
  const second = mixed((first ^ 0x9e37_79b9) >>> 0);
  return (first * 2 ** 21 + (second >>> 11)) / 2 ** 53;
}

/** MurmurHash3's finaliser. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** `weight`: how many events of its stratum it stands for, one over its chance of being drawn. */
export type Drawn<T> = { item: T; weight: number };

/** Draws from a log that is judged as a whole: of each stratum the events of the smallest numbers, a simple random sample without replacement. */
export class SampleReservoir<T> {
  readonly #seed: number;
  readonly #most: number;
  readonly #kept: { number: number; item: T }[][] = Array.from({ length: strata }, () => []);
  readonly #counts = new Float64Array(strata);
  /** The largest number kept, where a stratum is full. */
  readonly #largest = new Float64Array(strata).fill(1);

  constructor(seed: number, most = drawnPerStratum) {
    this.#seed = seed;
    this.#most = most;
  }

  /** Every event that was not flagged, once. `make` is called for those that are kept so far. */
  offer(eventId: number, score: number, make: () => T): void {
    const stratum = stratumOf(score);
    this.#counts[stratum] = (this.#counts[stratum] ?? 0) + 1;
    const number = permanentNumber(this.#seed, eventId);
    if (number >= (this.#largest[stratum] ?? 1)) return;
    const kept = this.#kept[stratum] ?? [];
    kept.push({ number, item: make() });
    kept.sort((one, other) => one.number - other.number);
    if (kept.length > this.#most) kept.pop();
    if (kept.length === this.#most) this.#largest[stratum] = kept.at(-1)?.number ?? 1;
  }

  finish(): Drawn<T>[] {
    return this.#kept.flatMap((kept, stratum) =>
      kept.map(({ item }) => ({ item, weight: (this.#counts[stratum] ?? 0) / kept.length })),
    );
  }
}

/**
 * Draws from a log that grows: an event is drawn where its number is below its stratum's chance. The chance follows from what was drawn before alone
 * and is halved each time enough were, so that weights are exact and a day's sample grows with the logarithm of its events.
 */
export class SampleRate {
  readonly #seed: number;
  #day = NaN;
  #chances: number[] = [];
  #drawn: number[] = [];

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Before events are judged. */
  begin(now: number): void {
    const day = Math.floor(now / dayMs);
    if (day === this.#day) return;
    this.#day = day;
    // Of normal events, this share has scores of the stratum.
    const shares = strataFrom.map((from, index) => 10 ** -from - 10 ** -(strataFrom[index + 1] ?? Infinity));
    this.#chances = shares.map((share) => Math.min(1, drawnPerStep / (firstEvents * share)));
    this.#drawn = shares.map(() => 0);
  }

  /** Whether an event is drawn, unless too many are at once. Changes nothing: `take` does. */
  draws(eventId: number, score: number): boolean {
    return permanentNumber(this.#seed, eventId) < (this.#chances[stratumOf(score)] ?? 0);
  }

  /**
   * What is kept of what was drawn at once, with its weights: where it is too much, those of the smallest numbers, for the others, too. `kept` is
   * to be called when the store has it, and lowers the chances of what comes.
   */
  take<T extends { eventId: number; score: number }>(drawn: readonly T[]): { taken: Drawn<T>[]; kept: () => void } {
    const taken = strataFrom.flatMap((_from, stratum) => {
      const all = drawn.filter(({ score }) => stratumOf(score) === stratum);
      const numberOf = ({ eventId }: T): number => permanentNumber(this.#seed, eventId);
      const some = all.sort((one, other) => numberOf(one) - numberOf(other)).slice(0, mostAtOnce);
      const weight = all.length / some.length / (this.#chances[stratum] ?? 1);
      return some.map((item) => ({ item, weight }));
    });
    const kept = (): void => {
      for (const { score } of drawn) {
        const stratum = stratumOf(score);
        this.#drawn[stratum] = (this.#drawn[stratum] ?? 0) + 1;
      }
      this.#drawn.forEach((count, stratum) => {
        for (let left = count; left >= drawnPerStep; left = Math.floor(left / 2)) {
          this.#chances[stratum] = (this.#chances[stratum] ?? 1) / 2;
          this.#drawn[stratum] = Math.floor(left / 2);
        }
      });
    };
    return { taken, kept };
  }
}
