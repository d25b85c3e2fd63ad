/** @file Times as a filter says them, wall clock or "so long ago", and the instants they mean in a zone. */
import type { Instant } from '../instant.ts';

/** `ago`: before now. `day`: midnight so many days from today. `wall`: of the zone shown; its length is what its last part leaves open. */
export type WallTime =
  | { kind: 'ago'; amount: number; unit: AgoUnit }
  | { kind: 'day'; offset: 0 | -1 }
  | {
      kind: 'wall';
      year: number;
      month: number;
      day: number;
      clock: { hour: number; minute: number; second: number | null } | null;
    };

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
export type AgoUnit = keyof typeof unitMs;
const dayMs = unitMs.d;

const agoPattern = /^(\d{1,6})(s|m|h|d|w)$/;
const wallPattern = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?$/;

/** "24h", "today", "2026-11-20", "2026-11-20T12:31"; null: it is no time. */
export function parseTime(text: string): WallTime | null {
  const word = text.toLowerCase();
  if (word === 'today' || word === 'yesterday') return { kind: 'day', offset: word === 'today' ? 0 : -1 };
  const ago = agoPattern.exec(word);
  if (ago) return { kind: 'ago', amount: Number(ago[1]), unit: ago[2] as AgoUnit };
  const wall = wallPattern.exec(text.toUpperCase());
  if (!wall) return null;
  const [year, month, day, hour, minute, second] = wall
    .slice(1)
    .map((part) => (part === undefined ? null : Number(part)));
  if (!isDay(year ?? 0, month ?? 0, day ?? 0)) return null;
  if ((hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 59) return null;
  const clock = hour === null || hour === undefined ? null : { hour, minute: minute ?? 0, second: second ?? null };
  return { kind: 'wall', year: year ?? 0, month: month ?? 0, day: day ?? 0, clock };
}

function isDay(year: number, month: number, day: number): boolean {
  const at = new Date(utc(year, month, day));
  return year >= 1 && at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
}

export function printTime(time: WallTime): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  switch (time.kind) {
    case 'ago':
      return `${time.amount}${time.unit}`;
    case 'day':
      return time.offset === 0 ? 'today' : 'yesterday';
    case 'wall': {
      const day = `${String(time.year).padStart(4, '0')}-${two(time.month)}-${two(time.day)}`;
      if (!time.clock) return day;
      const { hour, minute, second } = time.clock;
      return `${day}T${two(hour)}:${two(minute)}${second === null ? '' : `:${two(second)}`}`;
    }
  }
}

/** What a time covers, [from, to): a day, a minute, a second; "24h" is a moment, and covers nothing. */
export function resolveTime(
  time: WallTime,
  { now, zone }: { now: Instant; zone: string },
): { from: Instant; to: Instant } {
  switch (time.kind) {
    case 'ago': {
      const from = now - time.amount * unitMs[time.unit];
      return { from, to: from };
    }
    case 'day': {
      const today = wallOf(now, zone);
      const midnight = (days: number): Instant => instantOf(Math.floor(today / dayMs) * dayMs + days * dayMs, zone);
      return { from: midnight(time.offset), to: midnight(time.offset + 1) };
    }
    case 'wall': {
      const { hour = 0, minute = 0, second = 0 } = time.clock ?? {};
      const wall = utc(time.year, time.month, time.day) + hour * unitMs.h + minute * unitMs.m + (second ?? 0) * 1000;
      const length = !time.clock ? dayMs : second === null ? unitMs.m : 1000;
      return { from: instantOf(wall, zone), to: instantOf(wall + length, zone) };
    }
  }
}

/** An instant as a filter names it, to the second. */
export function timeAt(at: Instant, zone: string): WallTime {
  const wall = new Date(wallOf(at, zone));
  return {
    kind: 'wall',
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    clock: { hour: wall.getUTCHours(), minute: wall.getUTCMinutes(), second: wall.getUTCSeconds() },
  };
}

/** Date.UTC takes years below 100 for 19xx. */
function utc(year: number, month: number, day: number): number {
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  return at.getTime();
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** The wall clock of the zone, as if it were UTC. */
function wallOf(at: Instant, zone: string): number {
  let formatter = formatters.get(zone);
  if (!formatter) {
    const all = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const;
    formatter = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...all });
    formatters.set(zone, formatter);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of formatter.formatToParts(at)) part[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return utc(year, month, day) + hour * unitMs.h + minute * unitMs.m + second * 1000;
}

/** Of a wall time that a clock change skipped, the instant after it; of one that it repeated, the first. */
function instantOf(wall: number, zone: string): Instant {
  const offset = (at: Instant): number => wallOf(at, zone) - at;
  const guess = wall - offset(wall);
  const early = wall - offset(guess - unitMs.d / 2);
  if (wallOf(early, zone) === wall) return early;
  return wall - offset(guess);
}
