/**
 * @file At which hours something happens: by days on which it did, so that a busy hour counts once, apart for working days and weekends. Hours
 * beside each other speak for each other. Times are UTC; what a zone or its summer time shifts is in the hours that were learned.
 */

const hourMs = 3_600_000;
const hours = 24;
/** Of hours 0, 1, 2, 3 away from one that was seen; further away an hour has only what any hour has. */
const nearness = [0.7, 0.1, 0.04, 0.01];
/** What a working day says of the weekend, and back. */
const acrossShare = 0.5;

/** Days by hour: 24 of working days, 24 of weekends. */
export type Hours = number[];

export function noHours(): Hours {
  return Array<number>(2 * hours).fill(0);
}

/** 1 January 1970 was a Thursday. */
export function hourOf(at: number): number {
  const hour = Math.floor(at / hourMs);
  const day = (((Math.floor(hour / hours) + 3) % 7) + 7) % 7;
  return (((hour % hours) + hours) % hours) + (day >= 5 ? hours : 0);
}

/** A day's hour by itself, to count it once. */
export function dayHourOf(at: number): number {
  return Math.floor(at / hourMs);
}

/** How many hours of days, and at how many hours of the clock. */
export function sizeOf(seen: Hours): { total: number; distinct: number } {
  let total = 0;
  let distinct = 0;
  for (let hour = 0; hour < hours; hour++) {
    const count = (seen[hour] ?? 0) + (seen[hours + hour] ?? 0);
    total += count;
    if (count > 0) distinct++;
  }
  return { total, distinct };
}

/**
 * Probability of the hour: of one that was seen or is near one, by its days; else the share that new hours had so far (Witten and Bell), or the
 * one given, of what `broader` says of the hour.
 */
export function hourProbability(seen: Hours, hour: number, broader = 1 / hours, newShare?: number): number {
  const { total, distinct } = sizeOf(seen);
  if (total === 0) return broader;
  let near = 0;
  for (let other = 0; other < 2 * hours; other++) {
    const count = seen[other] ?? 0;
    if (count === 0) continue;
    const apart = Math.abs((other % hours) - (hour % hours));
    const share = nearness[Math.min(apart, hours - apart)] ?? 0;
    const isAcross = other < hours !== hour < hours;
    near += count * share * (isAcross ? acrossShare : 1);
  }
  const share = newShare ?? distinct / (total + distinct);
  return Math.min(1, ((1 - share) * near) / total + share * broader);
}

/** The hours that something comes at, as the shortest span of the clock that has them all; null where that is nearly all of it. */
export function usualHours(seen: Hours): { from: number; to: number } | null {
  const at = Array.from({ length: hours }, (_, hour) => (seen[hour] ?? 0) + (seen[hours + hour] ?? 0) > 0);
  let gap = { from: 0, length: 0 };
  for (let from = 0; from < hours; from++) {
    let length = 0;
    while (length < hours && !at[(from + length) % hours]) length++;
    if (length > gap.length) gap = { from, length };
  }
  if (gap.length < 4 || gap.length === hours) return null;
  return { from: (gap.from + gap.length) % hours, to: gap.from };
}

/** On how many days it came at this hour of the clock, and on how many of them at a weekend as this one, or on a working day. */
export function daysAt(seen: Hours, hour: number): { all: number; alike: number } {
  return {
    all: (seen[hour % hours] ?? 0) + (seen[hours + (hour % hours)] ?? 0),
    alike: seen[hour] ?? 0,
  };
}

export function isWeekend(hour: number): boolean {
  return hour >= hours;
}
