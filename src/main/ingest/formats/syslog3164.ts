/** @file Syslog lines as files hold them: RFC 3164, with or without priority, or with rsyslog's ISO stamp. RFC 5424 lines among them are read too. */
import type { LineSeverity, ParsedLine, Span } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import {
  code,
  endOfDigits,
  endOfToken,
  isDigit,
  isLetter,
  messageFrom,
  severityOfPriority,
  skipSpaces,
} from './scan.ts';
import { readSyslogStamp } from './stamps.ts';
import { parse5424Header, readIsoStampWithT } from './syslog5424.ts';

/** Longest program name, and longest name with blanks (`Server Administrator`, `QuickTime Player`). */
const longestTag = 128;
const longestSpacedTag = 48;

/** Null where the line is no syslog line. */
export function parseSyslog3164(raw: string, clock: StampClock): ParsedLine | null {
  let index = 0;
  let severity: LineSeverity | null = null;
  if (raw.charCodeAt(0) === code.less) {
    const end = endOfDigits(raw, 1);
    if (end === 1 || end > 4 || raw.charCodeAt(end) !== code.greater) return null;
    const priority = Number(raw.slice(1, end));
    if (priority > 191) return null;
    severity = severityOfPriority(priority);
    index = end + 1;
    if (isDigit(raw.charCodeAt(index)) && raw.charCodeAt(index + 1) === code.space) {
      return parse5424Header(raw, index + 2, severity, clock);
    }
  }
  const stamped = isDigit(raw.charCodeAt(index))
    ? readIsoStampWithT(clock, raw, index)
    : readSyslogStamp(clock, raw, index);
  if (!stamped || raw.charCodeAt(clock.end) !== code.space) return null;
  const at = clock.at;
  const hostStart = skipSpaces(raw, clock.end);
  const hostEnd = endOfToken(raw, hostStart);
  if (hostEnd === hostStart) return null;
  const last = raw.charCodeAt(hostEnd - 1);
  // `Jun 14 15:16:01 kernel: text` and `… sshd[12]: text` have no host.
  const hostless = last === code.colon && hostEnd < raw.length;
  return readTag(
    raw,
    hostless ? hostStart : hostEnd,
    at,
    severity,
    hostless ? null : { start: hostStart, end: hostEnd },
  );
}

/** Splits `process[pid]: message` from `start`; a line without a colon is all message. Shared with Thunderbird's lines. */
export function readTag(
  raw: string,
  start: number,
  at: number,
  severity: LineSeverity | null,
  host: Span | null,
): ParsedLine {
  const tagStart = skipSpaces(raw, start);
  const limit = Math.min(raw.length, tagStart + longestTag);
  let process: Span | null = null;
  let processId: Span | null = null;
  let messageStart = tagStart;
  let spaces = 0;
  for (let index = tagStart; index < limit; index++) {
    const character = raw.charCodeAt(index);
    if (character === code.squareOpen && index > tagStart) {
      const end = endOfDigits(raw, index + 1);
      const closed = raw.charCodeAt(end) === code.squareClose && end > index + 1;
      if (closed && (raw.charCodeAt(end + 1) === code.colon || (spaces === 0 && end + 1 >= raw.length))) {
        process = { start: tagStart, end: index };
        processId = { start: index + 1, end };
        messageStart = end + 2;
        break;
      }
      if (spaces > 0) break;
    } else if (character === code.colon) {
      const next = raw.charCodeAt(index + 1);
      if (next === next && next !== code.space && next !== code.tab) continue;
      if (index > tagStart && (spaces === 0 || isSpacedName(raw, tagStart, index))) {
        process = { start: tagStart, end: index };
        messageStart = index + 1;
        if (spaces > 0 && isDigit(raw.charCodeAt(raw.indexOf(' ', tagStart) + 1))) {
          // `syslogd 1.4.1: restart.`: the version is not part of the name.
          process.end = raw.indexOf(' ', tagStart);
        }
      }
      break;
    } else if (character === code.space || character === code.tab) {
      spaces++;
      if (index - tagStart > longestSpacedTag || spaces > 3) break;
    }
  }
  return {
    fits: true,
    at,
    severity,
    host,
    process,
    processId,
    kind: null,
    subject: null,
    user: null,
    message: messageFrom(raw, Math.min(messageStart, raw.length)),
  };
}

/** Whether the tag [start, end) with blanks is a name: `Server Administrator`, or a name and its version. */
function isSpacedName(raw: string, start: number, end: number): boolean {
  let words = 1;
  if (!isLetter(raw.charCodeAt(start))) return false;
  const capital = raw.charCodeAt(start) <= 90;
  for (let index = start + 1; index < end; index++) {
    if (raw.charCodeAt(index) !== code.space) continue;
    const next = raw.charCodeAt(index + 1);
    words++;
    const fits = isDigit(next) || (capital && isLetter(next) && next <= 90);
    if (!fits || words > 2) return false;
  }
  return true;
}
