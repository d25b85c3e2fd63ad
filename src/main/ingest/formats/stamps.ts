/** @file Reading a time stamp at a position of a line, in the spellings that several formats share. Result in the clock. */
import { zoneUnstated, type StampClock } from '../stampClock.ts';
import { code, digits, endOfDigits, isDigit, monthAt, twoDigits } from './scan.ts';

/** Fraction of a second behind `.`, `,` or `:` at `start`: milliseconds, and the index behind it in `clock.end`. */
function readFraction(clock: StampClock, raw: string, start: number): number {
  const end = endOfDigits(raw, start);
  let milliseconds = 0;
  let unit = 100;
  for (let index = start; index < end && unit >= 1; index++) {
    milliseconds += (raw.charCodeAt(index) - 48) * unit;
    unit /= 10;
  }
  clock.end = end;
  return milliseconds;
}

/** Offset in minutes of `Z`, `+hh:mm`, `+hhmm`, `+hh`, ` UTC`, ` GMT` at `start`, or `zoneUnstated`; index in `clock.end`. */
function readZone(clock: StampClock, raw: string, start: number): number {
  clock.end = start;
  let index = start;
  let first = raw.charCodeAt(index);
  if (first === code.upperZ) {
    clock.end = index + 1;
    return 0;
  }
  if (first === code.space) first = raw.charCodeAt(++index);
  if (first === 43 || first === code.dash) {
    // Behind a space, a sign opens a zone only with all four digits: ` - message` and ` -5 items` are none.
    const hours = twoDigits(raw, index + 1);
    if (hours !== hours || hours > 15) return zoneUnstated;
    const colon = raw.charCodeAt(index + 3) === code.colon ? 1 : 0;
    const minutes = twoDigits(raw, index + 3 + colon);
    const sign = first === 43 ? 1 : -1;
    if (minutes === minutes && minutes < 60 && !isDigit(raw.charCodeAt(index + 5 + colon))) {
      clock.end = index + 5 + colon;
      return sign * (hours * 60 + minutes);
    }
    if (index > start || isDigit(raw.charCodeAt(index + 3))) return zoneUnstated;
    clock.end = index + 3;
    return sign * hours * 60;
  }
  if (first === 85 || first === 71) {
    const name = raw.slice(index, index + 3);
    const behind = raw.charCodeAt(index + 3);
    if (
      (name === 'UTC' || name === 'GMT') &&
      (behind !== behind || behind === code.space || behind === code.squareClose)
    ) {
      clock.end = index + 3;
      return 0;
    }
  }
  return zoneUnstated;
}

/** `hh:mm[:ss[.fff]]` at `start`, then a zone; with the date given. */
function readTimeOfDay(
  clock: StampClock,
  raw: string,
  start: number,
  year: number,
  month: number,
  day: number,
): boolean {
  const hour = twoDigits(raw, start);
  const minute = twoDigits(raw, start + 3);
  const separator = raw.charCodeAt(start + 2);
  if (hour !== hour || minute !== minute || (separator !== code.colon && separator !== code.dot)) return false;
  let end = start + 5;
  let second = 0;
  let millisecond = 0;
  if (raw.charCodeAt(end) === separator) {
    second = twoDigits(raw, end + 1);
    if (second !== second) return false;
    end += 3;
    const mark = raw.charCodeAt(end);
    if ((mark === code.dot || mark === code.comma) && isDigit(raw.charCodeAt(end + 1))) {
      millisecond = readFraction(clock, raw, end + 1);
      end = clock.end;
    }
  }
  const offset = readZone(clock, raw, end);
  return clock.set(clock.end, year, month, day, hour, minute, second, millisecond, offset);
}

/** `yyyy-MM-dd`, `yyyy/MM/dd` or `yyyy.MM.dd`, then `T`, a space, `-` or `_`, then the time of day. */
export function readIsoStamp(clock: StampClock, raw: string, start: number): boolean {
  const separator = raw.charCodeAt(start + 4);
  if (separator !== code.dash && separator !== code.slash && separator !== code.dot) return false;
  if (raw.charCodeAt(start + 7) !== separator) return false;
  const between = raw.charCodeAt(start + 10);
  // T t space - _ :
  if (between !== 84 && between !== 32 && between !== 45 && between !== 95 && between !== 116 && between !== 58)
    return false;
  const year = digits(raw, start, 4);
  const month = twoDigits(raw, start + 5);
  const day = twoDigits(raw, start + 8);
  if (year !== year || month !== month || day !== day) return false;
  return readTimeOfDay(clock, raw, start + 11, year, month, day);
}

/** `yy/MM/dd hh:mm:ss` (Spark) with years of this century. */
export function readShortYearStamp(clock: StampClock, raw: string, start: number): boolean {
  const separator = raw.charCodeAt(start + 2);
  if ((separator !== code.slash && separator !== code.dash) || raw.charCodeAt(start + 5) !== separator) return false;
  if (raw.charCodeAt(start + 8) !== code.space) return false;
  const year = twoDigits(raw, start);
  const month = twoDigits(raw, start + 3);
  const day = twoDigits(raw, start + 6);
  if (year !== year || month !== month || day !== day) return false;
  return readTimeOfDay(clock, raw, start + 9, 2000 + year, month, day);
}

/** `dd/Mon/yyyy:hh:mm:ss +zzzz` (Apache, nginx), also with a space or dashes. */
export function readCommonLogStamp(clock: StampClock, raw: string, start: number): boolean {
  const separator = raw.charCodeAt(start + 2);
  if ((separator !== code.slash && separator !== code.dash) || raw.charCodeAt(start + 6) !== separator) return false;
  const between = raw.charCodeAt(start + 11);
  if (between !== code.colon && between !== code.space) return false;
  const day = twoDigits(raw, start);
  const month = monthAt(raw, start + 3);
  const year = digits(raw, start + 7, 4);
  if (day !== day || month === 0 || year !== year) return false;
  return readTimeOfDay(clock, raw, start + 12, year, month, day);
}

/** `dd MMM yyyy hh:mm:ss[,fff]` (log4j's DATE). */
export function readDayMonthStamp(clock: StampClock, raw: string, start: number): boolean {
  if (raw.charCodeAt(start + 2) !== code.space || raw.charCodeAt(start + 6) !== code.space) return false;
  if (raw.charCodeAt(start + 11) !== code.space) return false;
  const day = twoDigits(raw, start);
  const month = monthAt(raw, start + 3);
  const year = digits(raw, start + 7, 4);
  if (day !== day || month === 0 || year !== year) return false;
  return readTimeOfDay(clock, raw, start + 12, year, month, day);
}

/** `dd.MM.yyyy hh:mm:ss` or `MM/dd/yyyy hh:mm:ss`; a first field above 12 behind slashes is taken as the day. */
export function readYearLastStamp(clock: StampClock, raw: string, start: number): boolean {
  const separator = raw.charCodeAt(start + 2);
  if (
    (separator !== code.slash && separator !== code.dot && separator !== code.dash) ||
    raw.charCodeAt(start + 5) !== separator
  ) {
    return false;
  }
  let timeAt = start + 10;
  if (raw.charCodeAt(timeAt) === code.comma) timeAt++;
  if (raw.charCodeAt(timeAt) !== code.space) return false;
  const first = twoDigits(raw, start);
  const second = twoDigits(raw, start + 3);
  const year = digits(raw, start + 6, 4);
  if (first !== first || second !== second || year !== year) return false;
  const dayFirst = separator !== code.slash || first > 12;
  return readTimeOfDay(clock, raw, timeAt + 1, year, dayFirst ? second : first, dayFirst ? first : second);
}

/** `Mon d hh:mm:ss[.fff]` (RFC 3164), day padded by blank, zero or not at all. No year, no zone. */
export function readSyslogStamp(clock: StampClock, raw: string, start: number): boolean {
  const month = monthAt(raw, start);
  if (month === 0 || raw.charCodeAt(start + 3) !== code.space) return false;
  let index = start + 4;
  if (raw.charCodeAt(index) === code.space) index++;
  let day = raw.charCodeAt(index++) - 48;
  if (!(day >= 0 && day <= 9)) return false;
  const next = raw.charCodeAt(index) - 48;
  if (next >= 0 && next <= 9) {
    day = day * 10 + next;
    index++;
  }
  if (raw.charCodeAt(index) !== code.space) return false;
  index++;
  // Some devices write the year here: `Mar  1 2024 10:00:00`.
  let year = Number.NaN;
  if (raw.charCodeAt(index + 4) === code.space) {
    year = digits(raw, index, 4);
    if (year !== year) return false;
    index += 5;
  }
  const hour = twoDigits(raw, index);
  const minute = twoDigits(raw, index + 3);
  const second = twoDigits(raw, index + 6);
  if (hour !== hour || minute !== minute || second !== second) return false;
  if (raw.charCodeAt(index + 2) !== code.colon || raw.charCodeAt(index + 5) !== code.colon) return false;
  let end = index + 8;
  let millisecond = 0;
  if (raw.charCodeAt(end) === code.dot && isDigit(raw.charCodeAt(end + 1))) {
    millisecond = readFraction(clock, raw, end + 1);
    end = clock.end;
  }
  if (year === year) return clock.set(end, year, month, day, hour, minute, second, millisecond, zoneUnstated);
  return clock.setYearless(end, month, day, hour, minute, second, millisecond);
}

/** `Sun Dec 04 04:47:44[.ffffff] 2005` (C library). */
export function readCtimeStamp(clock: StampClock, raw: string, start: number): boolean {
  if (raw.charCodeAt(start + 3) !== code.space) return false;
  const month = monthAt(raw, start + 4);
  if (month === 0 || raw.charCodeAt(start + 7) !== code.space) return false;
  let index = start + 8;
  if (raw.charCodeAt(index) === code.space) index++;
  const dayEnd = endOfDigits(raw, index);
  const day = digits(raw, index, dayEnd - index);
  if (dayEnd === index || dayEnd > index + 2 || raw.charCodeAt(dayEnd) !== code.space) return false;
  index = dayEnd + 1;
  const hour = twoDigits(raw, index);
  const minute = twoDigits(raw, index + 3);
  const second = twoDigits(raw, index + 6);
  if (hour !== hour || minute !== minute || second !== second || raw.charCodeAt(index + 2) !== code.colon) return false;
  index += 8;
  let millisecond = 0;
  if (raw.charCodeAt(index) === code.dot) {
    millisecond = readFraction(clock, raw, index + 1);
    index = clock.end;
  }
  const year = digits(raw, index + 1, 4);
  if (year !== year || raw.charCodeAt(index) !== code.space) return false;
  return clock.set(index + 5, year, month, day, hour, minute, second, millisecond, zoneUnstated);
}

/** Seconds (10 digits, with an optional fraction), milliseconds (13), microseconds (16) or nanoseconds (19) from 1970. */
export function readEpochStamp(clock: StampClock, raw: string, start: number): boolean {
  const end = endOfDigits(raw, start);
  const length = end - start;
  if (length === 10) {
    const seconds = digits(raw, start, 10);
    if (raw.charCodeAt(end) !== code.dot || !isDigit(raw.charCodeAt(end + 1)))
      return clock.setEpoch(end, seconds * 1000);
    const milliseconds = readFraction(clock, raw, end + 1);
    return clock.setEpoch(clock.end, seconds * 1000 + milliseconds);
  }
  if (length !== 13 && length !== 16 && length !== 19) return false;
  return clock.setEpoch(end, digits(raw, start, 13));
}

/** Any of the above that states a date, for a field that holds nothing but a stamp (JSON, key=value). */
export function readAnyStamp(clock: StampClock, raw: string, start: number): boolean {
  if (isDigit(raw.charCodeAt(start))) {
    return (
      readIsoStamp(clock, raw, start) ||
      readEpochStamp(clock, raw, start) ||
      readCommonLogStamp(clock, raw, start) ||
      readYearLastStamp(clock, raw, start) ||
      readShortYearStamp(clock, raw, start)
    );
  }
  return readSyslogStamp(clock, raw, start) || readCtimeStamp(clock, raw, start);
}
