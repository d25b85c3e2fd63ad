/** @file Access logs of Apache and nginx: common and combined, with an optional virtual host in front. */
import type { LineSeverity, ParsedLine, Span } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import { code, endOfDigits, endOfToken, messageFrom } from './scan.ts';
import { readCommonLogStamp } from './stamps.ts';

/**
 * Null where the line is no access log line; an unclosed quote does not fit. The message runs from the request's opening
 * quote to the end of the line. Severity follows from the status: 5xx error, 4xx warning, else info.
 */
export function parseCombined(raw: string, clock: StampClock): ParsedLine | null {
  return raw.charCodeAt(0) === code.quote && raw.endsWith('""') ? parseWrapped(raw, clock) : parseBare(raw, clock);
}

function parseBare(raw: string, clock: StampClock): ParsedLine | null {
  const bracket = raw.indexOf('[');
  if (bracket < 6 || bracket > 1024) return null;
  // client ident user, counted from the left; user names may hold blanks, so the rest up to the bracket is the user.
  let clientStart = 0;
  let clientEnd = endOfToken(raw, 0);
  let identEnd = endOfToken(raw, clientEnd + 1);
  if (clientEnd === 0 || identEnd <= clientEnd + 1 || identEnd >= bracket) return null;
  let userStart = identEnd + 1;
  if (raw.charCodeAt(userStart) !== code.squareOpen && userStart >= bracket) return null;
  // `vhost:80 client - - [`: four tokens, the third and fourth `-`.
  const third = endOfToken(raw, userStart);
  if (
    third < bracket - 1 &&
    raw.charCodeAt(clientEnd - 1) !== code.dash &&
    raw.charCodeAt(userStart) === code.dash &&
    third === userStart + 1
  ) {
    const fourth = endOfToken(raw, third + 1);
    if (fourth === bracket - 1 && isHostAndPort(raw, 0, clientEnd)) {
      clientStart = clientEnd + 1;
      clientEnd = identEnd;
      identEnd = third;
      userStart = third + 1;
    }
  }
  const userEnd = bracket - 1;
  if (userEnd <= userStart) return null;
  if (!readCommonLogStamp(clock, raw, bracket + 1)) return null;
  const at = clock.at;
  if (raw.charCodeAt(clock.end) !== code.squareClose) return null;
  const requestStart = clock.end + 2;
  const requestEnd = endOfQuoted(raw, requestStart);
  if (requestEnd < 0) return null;
  const statusStart = requestEnd + 1;
  const statusEnd = endOfDigits(raw, statusStart);
  let severity: LineSeverity = 'info';
  if (statusEnd === statusStart + 3) {
    const first = raw.charCodeAt(statusStart);
    severity = first === 53 ? 'error' : first === 52 ? 'warning' : 'info';
  } else if (raw.charCodeAt(statusStart) !== code.dash) {
    return null;
  }
  // Every quoted field behind must be closed.
  let quote = raw.indexOf('"', statusStart);
  while (quote >= 0) {
    const end = endOfQuoted(raw, quote);
    if (end < 0) return null;
    quote = raw.indexOf('"', end);
  }
  const user: Span | null =
    userEnd === userStart + 1 && raw.charCodeAt(userStart) === code.dash ? null : { start: userStart, end: userEnd };
  return {
    fits: true,
    at,
    severity,
    host: null,
    process: null,
    processId: null,
    kind: null,
    subject: { start: clientStart, end: clientEnd },
    user,
    message: messageFrom(raw, requestStart),
  };
}

/** A line that an export has put in quotes as a whole: `"10.0.0.1 - - […] "GET …" 200 5 "-" "agent""`. */
function parseWrapped(raw: string, clock: StampClock): ParsedLine | null {
  const line = parseBare(raw.slice(1, -1), clock);
  if (line === null) return null;
  for (const span of [line.subject, line.user, line.message]) {
    if (span === null) continue;
    span.start++;
    span.end++;
  }
  return line;
}

/** Index behind the closing quote of the quoted text that opens at `start`, or -1. A backslash escapes the next character. */
function endOfQuoted(raw: string, start: number): number {
  if (raw.charCodeAt(start) !== code.quote) return -1;
  for (let index = start + 1; index < raw.length; index++) {
    const character = raw.charCodeAt(index);
    if (character === code.quote) return index + 1;
    if (character === code.backslash) index++;
  }
  return -1;
}

function isHostAndPort(raw: string, start: number, end: number): boolean {
  const colon = raw.lastIndexOf(':', end);
  return colon > start && endOfDigits(raw, colon + 1) === end && end > colon + 1;
}
