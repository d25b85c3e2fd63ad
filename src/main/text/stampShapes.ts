/** @file Recognisers of times and dates inside of messages. */
import { isDigitCode } from './characters.ts';

const dot = 46;
const colon = 58;
const dash = 45;

/** `h:mm`, `hh:mm:ss`, with a fraction: digits, colons and at most one dot behind them. */
export function isTimeOfDay(raw: string, start: number, end: number): boolean {
  let digits = 0;
  let colons = 0;
  for (let index = start; index < end; index++) {
    const character = raw.charCodeAt(index);
    if (isDigitCode(character)) {
      digits++;
    } else if (character === colon) {
      if (digits === 0 || digits > 2 || (colons > 0 && digits !== 2) || ++colons > 3) return false;
      digits = 0;
    } else {
      // The fraction: digits only up to the end.
      if (character !== dot || digits !== 2 || colons === 0 || index + 1 === end) return false;
      for (let rest = index + 1; rest < end; rest++) if (!isDigitCode(raw.charCodeAt(rest))) return false;
      return true;
    }
  }
  // A last field of three digits holds milliseconds.
  return colons > 0 && (digits === 2 || (colons === 3 && digits === 3));
}

/** A date, or a date and time in one token: opens with `dddd-dd-dd` or the like and holds only the characters of stamps. */
export function isStamp(raw: string, start: number, end: number): boolean {
  const length = end - start;
  if (length < 8 || length > 40) return false;
  const yearFirst = raw.charCodeAt(start + 4);
  const dayFirst = raw.charCodeAt(start + 2);
  const separator = isDateMark(yearFirst) ? yearFirst : isDateMark(dayFirst) ? dayFirst : 0;
  if (separator === 0) return false;
  let digits = 0;
  let marks = 0;
  for (let index = start; index < end; index++) {
    const character = raw.charCodeAt(index);
    if (isDigitCode(character)) digits++;
    else if (character === separator && marks < 2) marks++;
    else if (
      character !== colon &&
      character !== dot &&
      character !== dash &&
      character !== 43 &&
      character !== 84 &&
      character !== 90
    ) {
      return false;
    }
  }
  return (
    (marks === 2 && digits >= 5 && isDigitCode(raw.charCodeAt(start)) && isDigitCode(raw.charCodeAt(end - 1))) ||
    (marks === 2 && raw.charCodeAt(end - 1) === 90)
  );
}

function isDateMark(character: number): boolean {
  return character === dash || character === 47;
}

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
/** Bit n is set where a name of a month or day begins with the n-th capital. */
const dateInitials = [...monthNames, ...dayNames].reduce((bits, name) => bits | (1 << (name.charCodeAt(0) - 65)), 0);

/** Index behind `Sat Jul  9 12:16:49 2005` or a part of it that has month, day and time; -1 where the word [start, +3) opens none. */
export function endOfSpelledStamp(raw: string, start: number, limit: number): number {
  const initial = raw.charCodeAt(start) - 65;
  if (initial < 0 || initial > 25 || (dateInitials & (1 << initial)) === 0) return -1;
  let index = start;
  let name = raw.slice(index, index + 3);
  if (dayNames.includes(name)) {
    index += raw.charCodeAt(index + 3) === 44 ? 5 : 4;
    name = raw.slice(index, index + 3);
  }
  if (!monthNames.includes(name) || raw.charCodeAt(index + 3) !== 32) return -1;
  index += raw.charCodeAt(index + 4) === 32 ? 5 : 4;
  const dayEnd = endOfDigits(raw, index, limit);
  if (dayEnd === index || dayEnd > index + 2 || raw.charCodeAt(dayEnd) !== 32) return -1;
  const timeEnd = dayEnd + 9;
  if (timeEnd > limit || raw.charCodeAt(dayEnd + 3) !== colon || !isTimeOfDay(raw, dayEnd + 1, timeEnd)) return -1;
  const yearEnd = endOfDigits(raw, timeEnd + 1, limit);
  return raw.charCodeAt(timeEnd) === 32 && yearEnd === timeEnd + 5 ? yearEnd : timeEnd;
}

function endOfDigits(raw: string, start: number, limit: number): number {
  let index = start;
  while (index < limit && isDigitCode(raw.charCodeAt(index))) index++;
  return index;
}

const monthCodes: ReadonlySet<number> = new Set(monthNames.map((name) => threeCodes(name, 0)));

function isMonth(raw: string, start: number): boolean {
  return monthCodes.has(threeCodes(raw, start));
}

function threeCodes(raw: string, start: number): number {
  return raw.charCodeAt(start) * 2 ** 32 + raw.charCodeAt(start + 1) * 2 ** 16 + raw.charCodeAt(start + 2);
}

/** `22/Dec/2016:22:32:31` of access logs. */
export function isAccessStamp(raw: string, start: number, end: number): boolean {
  if (end - start !== 20 || raw.charCodeAt(start + 2) !== 47 || raw.charCodeAt(start + 6) !== 47) return false;
  return isMonth(raw, start + 3) && isTimeOfDay(raw, start + 12, end);
}
