/** @file Instants in words, always in a named zone. Formatters are built once per zone: building one costs more than a hundred uses. */
import type { Instant } from '../../shared/instant.ts';
import type { TimeAssumption } from '../../shared/lines.ts';

type Parts = { year: number; month: number; day: number; hour: string; minute: string; second: string };

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const formatters = new Map<string, Intl.DateTimeFormat>();

export function systemZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function isZone(zone: string): boolean {
  try {
    return formatterOf(zone) !== undefined;
  } catch {
    return false;
  }
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(zone, made);
  return made;
}

/** Since then zones change their offset on a quarter of an hour, and years have four digits until then. */
const evenFrom = Date.UTC(1973, 0);
const evenUntil = Date.UTC(9999, 0);
const quarterMs = 900_000;
const mostQuarters = 20_000;
/** By zone and quarter of an hour: a list of times asks for the same few thousands of times, and a formatter takes its time. */
const offsetsMs = new Map<string, Map<number, number>>();

function partsOf(at: Instant, zone: string): Parts {
  if (!(at >= evenFrom && at < evenUntil)) return formattedParts(at, zone);
  let ofZone = offsetsMs.get(zone);
  if (!ofZone) offsetsMs.set(zone, (ofZone = new Map()));
  const quarter = Math.floor(at / quarterMs);
  let offsetMs = ofZone.get(quarter);
  if (offsetMs === undefined) {
    if (ofZone.size >= mostQuarters) ofZone.clear();
    const start = quarter * quarterMs;
    ofZone.set(quarter, (offsetMs = wallMs(formattedParts(start, zone)) - start));
  }
  const wall = new Date(at + offsetMs);
  const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);
  return {
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    hour: two(wall.getUTCHours()),
    minute: two(wall.getUTCMinutes()),
    second: two(wall.getUTCSeconds()),
  };
}

function wallMs({ year, month, day, hour, minute, second }: Parts): number {
  return Date.UTC(year, month - 1, day, Number(hour), Number(minute), Number(second));
}

function formattedParts(at: Instant, zone: string): Parts {
  const found: Record<string, string> = {};
  for (const part of formatterOf(zone).formatToParts(at)) found[part.type] = part.value;
  return {
    year: Number(found['year']),
    month: Number(found['month']),
    day: Number(found['day']),
    hour: found['hour'] ?? '00',
    minute: found['minute'] ?? '00',
    second: found['second'] ?? '00',
  };
}

/** Minutes east of UTC at that instant. */
export function offsetMinutes(at: Instant, zone: string): number {
  return Math.round((wallMs(partsOf(at, zone)) - Math.floor(at / 1000) * 1000) / 60_000);
}

/** "UTC+01:00"; "UTC" alone where there is no offset. */
export function offsetText(at: Instant, zone: string): string {
  const minutes = offsetMinutes(at, zone);
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `UTC${minutes < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Today "13:58", this year "20 Nov 12:31", else "4 Jun 2005 06:12". */
export function shortTime(at: Instant, zone: string, now: Instant): string {
  const parts = partsOf(at, zone);
  const today = partsOf(now, zone);
  const clock = `${parts.hour}:${parts.minute}`;
  if (parts.year === today.year && parts.month === today.month && parts.day === today.day) return clock;
  const day = `${parts.day} ${monthNames[parts.month - 1] ?? ''}`;
  return parts.year === today.year ? `${day} ${clock}` : `${day} ${parts.year} ${clock}`;
}

/** "20 Nov", or "4 Jun 2005" in another year. */
export function dayText(at: Instant, zone: string, now: Instant): string {
  const parts = partsOf(at, zone);
  const day = `${parts.day} ${monthNames[parts.month - 1] ?? ''}`;
  return parts.year === partsOf(now, zone).year ? day : `${day} ${parts.year}`;
}

/** "13:58:41". */
export function clockText(at: Instant, zone: string): string {
  const parts = partsOf(at, zone);
  return `${parts.hour}:${parts.minute}:${parts.second}`;
}

/** "20 Nov 2026 13:58:41". */
export function fullTime(at: Instant, zone: string): string {
  const parts = partsOf(at, zone);
  return `${parts.day} ${monthNames[parts.month - 1] ?? ''} ${parts.year} ${clockText(at, zone)}`;
}

/** "20 Nov 2026 13:58:41 UTC+01:00", by the offset of that day. */
export function zonedTime(at: Instant, zone: string): string {
  return `${fullTime(at, zone)} ${offsetText(at, zone)}`;
}

/** "20 Nov 13:58:41": a column of a log, with the day because logs span days. */
export function lineTime(at: Instant, zone: string, now: Instant): string {
  return `${dayText(at, zone, now)} ${clockText(at, zone)}`;
}

/** "20 Nov 09:19 to 14:02", naming the day once where both share it. */
export function rangeText(from: Instant, to: Instant, zone: string, now: Instant): string {
  const first = dayText(from, zone, now);
  const last = dayText(to, zone, now);
  const start = `${first} ${clockText(from, zone).slice(0, 5)}`;
  const end = clockText(to, zone).slice(0, 5);
  return first === last ? `${start} to ${end}` : `${start} to ${last} ${end}`;
}

/** What was assumed about a log's times, in words; empty where nothing was. */
export function assumptionText(assumption: TimeAssumption): string {
  const sentences: string[] = [];
  if (assumption.year !== null) {
    sentences.push(
      `The stamps have no year: the first line is read as ${assumption.year}, later ones follow from the order.`,
    );
  }
  if (assumption.zone !== null) sentences.push(`The stamps have no zone: they are read as ${assumption.zone}.`);
  return sentences.join(' ');
}

/** "2026-11-20T13:58", as a field for date and time has it. */
export function wallText(at: Instant, zone: string): string {
  const { year, month, day, hour, minute } = partsOf(at, zone);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${hour}:${minute}`;
}

/** The instant of such a text in the zone; null for what is none. */
export function instantOfWall(text: string, zone: string): Instant | null {
  const wall = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? Date.parse(`${text}Z`) : NaN;
  if (Number.isNaN(wall)) return null;
  // The offset is that of the instant looked for, which the first guess is near.
  const guess = wall - offsetMinutes(wall, zone) * 60_000;
  return wall - offsetMinutes(guess, zone) * 60_000;
}
