/** @file Numbers with what they count: sizes in bytes, durations, versions, and where the unit behind a number ends. */
import { isDigitCode, isLetterCode } from './characters.ts';
import { tokenKinds } from './kinds.ts';

const space = 32;
const dash = 45;
const dot = 46;
const open = 40;
const close = 41;
const longestUnit = 12;
/** Units that are written right behind their number. */
const longestSuffix = 3;

/** Bytes and milliseconds in a unit. One letter alone, but `B` and `s`, is as often a name. */
const sizes: readonly (readonly [names: string, bytes: number])[] = [
  ['B byte bytes Byte Bytes', 1],
  ['KB kB kb KiB Kbytes kilobytes', 1e3],
  ['MB mb MiB Mbytes megabytes', 1e6],
  ['GB gb GiB Gbytes gigabytes', 1e9],
  ['TB tb TiB', 1e12],
];
const durations: readonly (readonly [names: string, milliseconds: number])[] = [
  ['ns nanoseconds', 1e-6],
  ['us µs usec usecs microseconds', 1e-3],
  ['ms msec msecs millis millisecond milliseconds', 1],
  ['s sec secs second seconds', 1e3],
  ['min mins minute minutes', 6e4],
  ['hr hrs hour hours', 3.6e6],
  ['day days', 8.64e7],
];

type Unit = { kind: number; factor: number };
const units: ReadonlyMap<string, Unit> = new Map([
  ...unitsOf(tokenKinds.size, sizes),
  ...unitsOf(tokenKinds.duration, durations),
]);
const initials = new Set([...units.keys()].map((name) => name.charCodeAt(0)));

function unitsOf(kind: number, table: readonly (readonly [string, number])[]): [string, Unit][] {
  return table.flatMap(([names, factor]) => names.split(' ').map((name): [string, Unit] => [name, { kind, factor }]));
}

/**
 * Kind of a number with sign, decimals, exponent, a suffix of up to three letters or a percent sign that fills [start, end): a size, a
 * duration, a version (`1.4.1`) or a number; -1 where it is none.
 */
export function kindOfNumber(raw: string, start: number, end: number): number {
  let index = start;
  const sign = raw.charCodeAt(index);
  if (sign === dash || sign === 43) index++;
  const from = index;
  let dots = 0;
  for (; index < end; index++) {
    const character = raw.charCodeAt(index);
    if (character === dot && index > from) dots++;
    else if (!isDigitCode(character)) break;
  }
  if (index === from) return -1;
  if (index === end) return dots > 1 ? tokenKinds.version : tokenKinds.number;
  const character = raw.charCodeAt(index);
  if (character === 37) return index + 1 === end ? tokenKinds.number : -1;
  if ((character === 69 || character === 101) && isExponent(raw, index + 1, end)) return tokenKinds.number;
  if (end - index > longestSuffix) return -1;
  for (let letter = index; letter < end; letter++) if (!isLetterCode(raw.charCodeAt(letter))) return -1;
  return unitIn(raw, index, end)?.kind ?? tokenKinds.number;
}

function isExponent(raw: string, start: number, end: number): boolean {
  let index = start;
  if (raw.charCodeAt(index) === dash || raw.charCodeAt(index) === 43) index++;
  const from = index;
  while (index < end && isDigitCode(raw.charCodeAt(index))) index++;
  return index === end && index > from;
}

function unitIn(raw: string, start: number, end: number): Unit | undefined {
  if (end - start > longestUnit || !initials.has(raw.charCodeAt(start))) return undefined;
  return units.get(raw.slice(start, end));
}

/** The unit word behind the blank at `index`, where there is one. */
function unitBehind(raw: string, index: number, limit: number): { unit: Unit; end: number } | undefined {
  if (raw.charCodeAt(index) !== space || !initials.has(raw.charCodeAt(index + 1))) return undefined;
  let end = index + 1;
  while (end < limit && end - index <= longestUnit + 1 && isUnitCode(raw.charCodeAt(end))) end++;
  // `5 s-bahn`, `3 min_age`: part of a longer name.
  const next = raw.charCodeAt(end);
  if (end < limit && (next === dash || next === 95 || next === 61 || next === 47 || isDigitCode(next)))
    return undefined;
  const unit = unitIn(raw, index + 1, end);
  return unit && { unit, end };
}

function isUnitCode(character: number): boolean {
  return isLetterCode(character) || character === 0xb5;
}

/** Where a number that ends at `end` has a word of unit behind it (`1190 bytes`, also said again as ` (1.16 KB)`): its kind and the new end. */
export function quantityBehind(raw: string, end: number, limit: number): { kind: number; end: number } | undefined {
  const found = unitBehind(raw, end, limit);
  if (found === undefined) return undefined;
  const again = found.unit.kind === tokenKinds.size ? endOfSizeAgain(raw, found.end, limit) : -1;
  return { kind: found.unit.kind, end: again > 0 ? again : found.end };
}

/** Index behind ` (1.16 KB)` at `start`, or -1. */
function endOfSizeAgain(raw: string, start: number, limit: number): number {
  if (raw.charCodeAt(start) !== space || raw.charCodeAt(start + 1) !== open) return -1;
  let index = start + 2;
  while (index < limit && (isDigitCode(raw.charCodeAt(index)) || raw.charCodeAt(index) === dot)) index++;
  if (index === start + 2) return -1;
  const found = unitBehind(raw, index, limit);
  return found?.unit.kind === tokenKinds.size && raw.charCodeAt(found.end) === close && found.end < limit
    ? found.end + 1
    : -1;
}

/** What the number at `start` amounts to, in its own unit or, with one behind it, in bytes or milliseconds. */
export function amountOf(raw: string, start: number, end: number): number {
  const amount = Number.parseFloat(raw.slice(start, end));
  let from = start;
  while (from < end && !isUnitCode(raw.charCodeAt(from))) from++;
  let to = from;
  while (to < end && isUnitCode(raw.charCodeAt(to))) to++;
  return amount * (unitIn(raw, from, to)?.factor ?? 1);
}
