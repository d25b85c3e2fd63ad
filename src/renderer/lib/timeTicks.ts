/** @file Round instants for an axis of time, in a zone. */
import type { Instant } from '../../shared/instant.ts';
import type { Range } from '../../shared/caseTimeline.ts';
import { clockText, dayText, offsetMinutes } from './time.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const stepsMs = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * secondMs),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minuteMs),
  ...[1, 2, 3, 6, 12].map((count) => count * hourMs),
  ...[1, 2, 7, 14, 28, 91, 365].map((count) => count * dayMs),
];

export type TimeTick = { at: Instant; text: string };

/** `most` of them and one more at most, as far apart as a clock would have them; the offset of the zone is that of the first. */
export function timeTicks({ from, to }: Range, most: number, zone: string, now: Instant): TimeTick[] {
  const stepMs =
    stepsMs.find((step) => (to - from) / step <= most) ?? Math.ceil((to - from) / most / (365 * dayMs)) * 365 * dayMs;
  const offsetMs = offsetMinutes(from, zone) * minuteMs;
  const isWithinDay = dayText(from, zone, now) === dayText(to, zone, now);
  const ticks: TimeTick[] = [];
  for (let at = Math.ceil((from + offsetMs) / stepMs) * stepMs - offsetMs; at <= to; at += stepMs) {
    const day = isWithinDay ? '' : dayText(at, zone, now);
    const clock = stepMs >= dayMs ? '' : clockText(at, zone).slice(0, stepMs < minuteMs ? 8 : 5);
    ticks.push({ at, text: `${day} ${clock}`.trim() });
  }
  return ticks;
}
