/**
 * @file Wall-clock fields -> UTC milliseconds, with what the log leaves out (year, zone) taken from the assumption.
 * Holds the state of the year's turn, and the result of the stamp read last (`at`, `end`).
 */
import type { TimeAssumption } from '../../shared/lines.ts';
import { ZoneOffsets } from './zones.ts';

const dayMs = 86_400_000;
/** A stamp this much before the ones around it belongs to the next year; Dec -> Jan is about 365 days. */
const turnBackMs = 183 * dayMs;
/** A stamp this much after the ones around it was written before the turn of the year and came late. */
const turnForwardMs = 300 * dayMs;
/** A line within this distance of the position belongs to it. */
const nearMs = 7 * dayMs;
/** So many lines in a row elsewhere, in different minutes, show that the log itself has moved on. */
const confirmingLines = 3;

/** Marks a stamp that states no zone. Offsets proper are minutes east of UTC. */
export const zoneUnstated = -10_000;

export class StampClock {
  /** UTC milliseconds of the stamp read last; NaN where its fields are no date. */
  at = Number.NaN;
  /** Index behind the stamp read last. */
  end = 0;
  /** Whether any stamp so far lacked a zone, or a year. */
  lackedZone = false;
  lackedYear = false;

  readonly #zone: ZoneOffsets | null;
  /** Position of the log: time of a recent line, and its year. */
  #position = { at: Number.NaN, year: 1970 };
  /** Where it may have moved to, and how many lines say so. */
  #candidate = { at: Number.NaN, year: 1970 };
  #candidateLines = 0;

  #minuteKey = -1;
  #minuteOffset = 0;
  #minuteMs = Number.NaN;
  #yearlessKey = -1;
  #yearlessMs = Number.NaN;

  constructor(assumption: TimeAssumption) {
    this.#zone = assumption.zone === null || assumption.zone === 'UTC' ? null : new ZoneOffsets(assumption.zone);
    this.#position.year = assumption.year ?? 1970;
  }

  /** Sets `at` and `end` and tells whether the fields are a date. Months count from 1; second 60 is allowed. */
  set(
    end: number,
    year: number,
    month: number,
    day: number,
    hour: number,
    minute: number,
    second: number,
    millisecond: number,
    offsetMinutes: number,
  ): boolean {
    this.end = end;
    if (hour > 23 || minute > 59 || second > 60) {
      this.at = Number.NaN;
      return false;
    }
    this.at = this.#minuteStart(year, month, day, hour, minute, offsetMinutes) + second * 1000 + millisecond;
    return this.at === this.at;
  }

  /** As `set`, for a stamp without year and zone. The year follows from the lines before. */
  setYearless(
    end: number,
    month: number,
    day: number,
    hour: number,
    minute: number,
    second: number,
    millisecond: number,
  ): boolean {
    this.end = end;
    if (hour > 23 || minute > 59 || second > 60) {
      this.at = Number.NaN;
      return false;
    }
    const key = ((month * 32 + day) * 24 + hour) * 60 + minute;
    if (key !== this.#yearlessKey) {
      this.lackedYear = true;
      this.#yearlessKey = key;
      this.#yearlessMs = this.#placeInYear(month, day, hour, minute);
    }
    this.at = this.#yearlessMs + second * 1000 + millisecond;
    return this.at === this.at;
  }

  /** As `set`, for a stamp that counts from 1970 in UTC. */
  setEpoch(end: number, utcMs: number): boolean {
    this.end = end;
    this.at = utcMs;
    return true;
  }

  #minuteStart(year: number, month: number, day: number, hour: number, minute: number, offsetMinutes: number): number {
    const key = (((year * 13 + month) * 32 + day) * 24 + hour) * 60 + minute;
    if (key === this.#minuteKey && offsetMinutes === this.#minuteOffset) return this.#minuteMs;
    this.#minuteKey = key;
    this.#minuteOffset = offsetMinutes;
    if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return (this.#minuteMs = Number.NaN);
    // Date.UTC reads years 0..99 as 1900..1999; a log stamp below 100 is no year.
    const wall = year < 100 ? Number.NaN : Date.UTC(year, month - 1, day, hour, minute);
    if (offsetMinutes !== zoneUnstated) return (this.#minuteMs = wall - offsetMinutes * 60_000);
    this.lackedZone = true;
    return (this.#minuteMs = this.#zone === null || wall !== wall ? wall : this.#zone.toUtc(wall));
  }

  /**
   * A line near the position moves it along. One far away (a wrong clock, a forged stamp, a long pause) is dated, but only
   * several in a row move the position: one stamp must not put the year wrong for all lines behind it.
   */
  #placeInYear(month: number, day: number, hour: number, minute: number): number {
    const position = this.#position;
    const year = this.#yearNear(position, month, day, hour, minute);
    const at = this.#minuteStart(year, month, day, hour, minute, zoneUnstated);
    const isFirst = position.at !== position.at;
    if (at !== at || isFirst || Math.abs(at - position.at) <= nearMs) {
      if (at === at) this.#position = { at, year };
      this.#candidateLines = 0;
      return at;
    }
    if (this.#candidateLines > 0) {
      const movedYear = this.#yearNear(this.#candidate, month, day, hour, minute);
      const moved = this.#minuteStart(movedYear, month, day, hour, minute, zoneUnstated);
      if (Math.abs(moved - this.#candidate.at) < Math.abs(moved - position.at)) {
        this.#candidate = { at: moved, year: movedYear };
        if (++this.#candidateLines >= confirmingLines) {
          this.#position = this.#candidate;
          this.#candidateLines = 0;
        }
        return moved;
      }
    }
    this.#candidate = { at, year };
    this.#candidateLines = 1;
    return at;
  }

  /** The year that puts a date into the half year before or the ten months behind a place of the log. */
  #yearNear(place: { at: number; year: number }, month: number, day: number, hour: number, minute: number): number {
    const distance = this.#minuteStart(place.year, month, day, hour, minute, zoneUnstated) - place.at;
    if (distance < -turnBackMs) return place.year + 1;
    if (distance > turnForwardMs) return place.year - 1;
    // 29 February, and the place is in the year before.
    if (distance !== distance && place.at === place.at && daysIn(place.year + 1, month) >= day) return place.year + 1;
    return place.year;
  }
}

export function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
