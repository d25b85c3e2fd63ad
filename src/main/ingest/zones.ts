/** @file Offsets of IANA zones from UTC, cached by day so that `Intl` is asked about twice per day of log, not per line. */
import { AppError } from '../../shared/errors.ts';

const dayMs = 86_400_000;
/** A day whose offset does not change has `changesAt` = Infinity. */
type ZoneDay = { before: number; changesAt: number; after: number };

/** Offsets of one zone. Assumes at most one change of offset per UTC day, which holds for every zone since 1970. */
export class ZoneOffsets {
  readonly #format: Intl.DateTimeFormat;
  readonly #days = new Map<number, ZoneDay>();

  /** Throws BAD_INPUT where `zone` is no IANA zone known to this runtime. */
  constructor(zone: string) {
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch (cause) {
      throw new AppError('BAD_INPUT', `"${zone}" is not a time zone. Use a name such as Europe/Berlin or UTC.`, {
        cause,
      });
    }
  }

  /**
   * Milliseconds UTC of a wall-clock time given as if it were UTC. An hour that comes twice is read as its first; one that is
   * missing as if the clock had not yet been moved.
   */
  toUtc(wallMs: number): number {
    const before = this.offsetAt(wallMs - dayMs);
    const after = this.offsetAt(wallMs + dayMs);
    const early = wallMs - before;
    if (before === after || this.offsetAt(early) === before) return early;
    return this.offsetAt(wallMs - after) === after ? wallMs - after : early;
  }

  /** Milliseconds that the zone's clock is ahead of UTC at an instant. */
  offsetAt(utcMs: number): number {
    const day = Math.floor(utcMs / dayMs);
    let known = this.#days.get(day);
    if (known === undefined) {
      known = this.#examine(day);
      if (this.#days.size > 50_000) this.#days.clear();
      this.#days.set(day, known);
    }
    return utcMs < known.changesAt ? known.before : known.after;
  }

  #examine(day: number): ZoneDay {
    let low = day * dayMs;
    let high = low + dayMs;
    const before = this.#ask(low);
    const after = this.#ask(high);
    if (before === after) return { before, changesAt: Infinity, after };
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000;
      if (this.#ask(middle) === before) low = middle;
      else high = middle;
    }
    return { before, changesAt: high, after };
  }

  #ask(utcMs: number): number {
    const parts: Record<string, number> = {};
    for (const part of this.#format.formatToParts(utcMs)) parts[part.type] = Number(part.value);
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(utcMs / 1000) * 1000;
  }
}
