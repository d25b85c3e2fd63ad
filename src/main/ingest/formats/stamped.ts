/** @file Application logs that open with a time stamp: which spelling the stamp has, and the line behind it. */
import type { ParsedLine } from '../../../shared/lines.ts';
import { zoneUnstated, type StampClock } from '../stampClock.ts';
import { parseAndroid, parseGlog, parseHealthApp, parseKeyValue } from './stampedApart.ts';
import { code, digits, endOfToken, isDigit, isLetter, twoDigits } from './scan.ts';
import { readHead } from './stampedHead.ts';
import {
  readCommonLogStamp,
  readCtimeStamp,
  readEpochStamp,
  readIsoStamp,
  readShortYearStamp,
  readYearLastStamp,
} from './stamps.ts';

/** Longest token that may stand before the stamp (a file or container name). */
const longestLead = 128;

/** Null where the line has no stamp at its start (or behind one leading token, for stamps that begin with the year). */
export function parseStamped(raw: string, clock: StampClock): ParsedLine | null {
  const first = raw.charCodeAt(0);
  if (isDigit(first)) {
    const digitsEnd = firstNonDigit(raw);
    if (digitsEnd === 4) {
      if (readIsoStamp(clock, raw, 0)) return readHead(raw, clock.end, clock.at);
    } else if (digitsEnd === 2) {
      if (raw.charCodeAt(5) === code.space) return parseAndroid(raw, clock);
      if (readShortYearStamp(clock, raw, 0) || readYearLastStamp(clock, raw, 0) || readCommonLogStamp(clock, raw, 0)) {
        return readHead(raw, clock.end, clock.at);
      }
    } else if (digitsEnd === 6) {
      if (readPackedStamp(clock, raw, 0)) return readHead(raw, clock.end, clock.at);
    } else if (digitsEnd === 8) {
      if (readPackedStamp(clock, raw, 2)) return readHead(raw, clock.end, clock.at);
      return parseHealthApp(raw, clock);
    } else if (digitsEnd === 10 || digitsEnd === 13) {
      const behind = raw.charCodeAt(digitsEnd);
      if (behind !== code.space && behind !== code.dot && behind !== code.colon && behind !== code.comma) return null;
      if (readEpochStamp(clock, raw, 0)) return readHead(raw, clock.end, clock.at);
    }
    return behindLead(raw, clock);
  }
  if (first === code.squareOpen) {
    if (!readBracketed(clock, raw, 1) || raw.charCodeAt(clock.end) !== code.squareClose) return null;
    return readHead(raw, clock.end + 1, clock.at);
  }
  if (isLetter(first)) {
    const second = raw.charCodeAt(1);
    if (isDigit(second)) {
      const line = parseGlog(raw, clock);
      if (line !== null) return line;
    }
    if (readCtimeStamp(clock, raw, 0)) return readHead(raw, clock.end, clock.at);
    return parseKeyValue(raw, clock) ?? behindLead(raw, clock);
  }
  return null;
}

function firstNonDigit(raw: string): number {
  let index = 0;
  while (index < 20 && isDigit(raw.charCodeAt(index))) index++;
  return index;
}

/** `web_1  | 2024-01-01 …`, `nova-api.log 2017-05-16 …`: a name, then a stamp that begins with the year. */
function behindLead(raw: string, clock: StampClock): ParsedLine | null {
  const leadEnd = endOfToken(raw.length > longestLead * 2 ? raw.slice(0, longestLead * 2) : raw, 0);
  if (leadEnd > longestLead) return null;
  let index = leadEnd;
  for (;;) {
    const character = raw.charCodeAt(index);
    if (character !== code.space && character !== code.tab && character !== code.bar) break;
    index++;
  }
  if (raw.charCodeAt(index) === code.squareOpen) index++;
  return readIsoStamp(clock, raw, index) ? readHead(raw, clock.end, clock.at) : null;
}

/** `yyMMdd hhmmss` (HDFS) at the index of the year's last two digits; the time may hold colons (MySQL). */
function readPackedStamp(clock: StampClock, raw: string, start: number): boolean {
  const separator = raw.charCodeAt(start + 6);
  if (separator !== code.space && separator !== code.upperT && separator !== code.dash) return false;
  const year = twoDigits(raw, start);
  const month = twoDigits(raw, start + 2);
  const day = twoDigits(raw, start + 4);
  const colon = raw.charCodeAt(start + 9) === code.colon ? 1 : 0;
  const hour = twoDigits(raw, start + 7);
  const minute = twoDigits(raw, start + 9 + colon);
  const second = twoDigits(raw, start + 11 + 2 * colon);
  const end = start + 13 + 2 * colon;
  const behind = raw.charCodeAt(end);
  if (hour !== hour || minute !== minute || second !== second || isDigit(behind) || behind === code.colon) return false;
  if (month > 12 || day > 31) return false;
  const century = start === 2 ? (raw.charCodeAt(0) - 48) * 1000 + (raw.charCodeAt(1) - 48) * 100 : 2000;
  return clock.set(end, century + year, month, day, hour, minute, second, 0, zoneUnstated);
}

/** Inside `[…]`: the C library's stamp, ISO, the access log's, `MM.dd hh:mm:ss` (Proxifier), or seconds from 1970. */
function readBracketed(clock: StampClock, raw: string, start: number): boolean {
  if (isLetter(raw.charCodeAt(start))) return readCtimeStamp(clock, raw, start);
  if (raw.charCodeAt(start + 2) === code.dot && raw.charCodeAt(start + 5) === code.space) {
    const month = twoDigits(raw, start);
    const day = twoDigits(raw, start + 3);
    const hour = twoDigits(raw, start + 6);
    const minute = twoDigits(raw, start + 9);
    const second = twoDigits(raw, start + 12);
    if (month !== month || day !== day || hour !== hour || minute !== minute || second !== second) return false;
    return clock.setYearless(start + 14, month, day, hour, minute, second, 0);
  }
  if (readIsoStamp(clock, raw, start) || readCommonLogStamp(clock, raw, start)) return true;
  // A stamp below 10 digits is a kernel's uptime and no date.
  return digits(raw, start, 10) >= 100_000_000 && readEpochStamp(clock, raw, start);
}
