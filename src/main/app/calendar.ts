/** @file Where minutes, hours, days, weeks and months of a zone begin: the edges of what is counted over time. */
import type { Instant } from '../../shared/instant.ts';
import type { ZoneOffsets } from '../ingest/zones.ts';

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
/** The week begins on Monday; 1970 began on a Thursday. */
const mondayMs = -3 * day;

/** A round piece of wall-clock time: which one an instant is in, and where one begins. */
type Step = { per: string; ms: number; placeOf: (wall: number) => number; startOf: (place: number) => number };

const even = (per: string, ms: number, from = 0): Step => ({
  per,
  ms,
  placeOf: (wall) => Math.floor((wall - from) / ms),
  startOf: (place) => place * ms + from,
});

const months = (per: string, count: number): Step => ({
  per,
  ms: count * 30 * day,
  placeOf: (wall) => {
    const date = new Date(wall);
    return Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / count);
  },
  startOf: (place) => new Date(0).setUTCFullYear(Math.floor((place * count) / 12), (place * count) % 12, 1),
});

const steps: readonly Step[] = [
  even('second', second),
  ...[5, 15, 30].map((count) => even(`${count} seconds`, count * second)),
  even('minute', minute),
  ...[5, 15, 30].map((count) => even(`${count} minutes`, count * minute)),
  even('hour', hour),
  ...[2, 6, 12].map((count) => even(`${count} hours`, count * hour)),
  even('day', day),
  even('week', 7 * day, mondayMs),
  months('month', 1),
  months('quarter', 3),
  months('year', 12),
];
/** Of stamps that are further apart than any log. */
const longest = [10, 100, 1000, 10_000].map((years) => months(`${years} years`, 12 * years));

/** Where so many days of a zone begin, the last of which holds `last`; and where that one ends. */
export function dayEdges(last: Instant, days: number, offsets: ZoneOffsets): Instant[] {
  const wallDay = Math.floor((last + offsets.offsetAt(last)) / day);
  return Array.from({ length: days + 1 }, (_, index) => offsets.toUtc((wallDay - days + 1 + index) * day));
}

/** Edges of at most `most` pieces from the one that holds `first` to the one that holds `last`; `pieceMs` is about how long one is. */
export function calendarEdges(
  first: Instant,
  last: Instant,
  offsets: ZoneOffsets,
  most: number,
): { edges: Instant[]; pieceMs: number; per: string } {
  // Up to an hour the clock is taken to run on when it is moved; a piece of more is as long as its wall-clock time.
  const offset = offsets.offsetAt(first);
  const placeOf = (at: Instant, step: Step): number =>
    step.placeOf(at + (step.ms > hour ? offsets.offsetAt(at) : offset));
  const fits = (step: Step): boolean => placeOf(last, step) - placeOf(first, step) < most;
  const step = [...steps, ...longest].find(fits) ?? even('day', day);
  const start = placeOf(first, step);
  const edges = Array.from({ length: placeOf(last, step) - start + 2 }, (_, index) => {
    const wall = step.startOf(start + index);
    return step.ms > hour ? offsets.toUtc(wall) : wall - offset;
  });
  return { edges, pieceMs: step.ms, per: step.per };
}
