/**
 * @file An HTTP request inside a message: method, shape of the path, and in access logs status, size, referrer and agent. Keeps the
 * first path segment and the extension as words, so that `/static/…` and `/admin/…` stay apart while the number of shapes is bounded.
 */
import { isDigitCode, isLetterCode } from './characters.ts';
import { tokenKinds } from './kinds.ts';
import { isOdd, isOddAgent } from './oddShapes.ts';
import { kindOfQuery, kindOfUrl } from './paths.ts';
import { mostTokens, tokenFlags, type Tokens } from './tokens.ts';

const space = 32;
const quote = 34;
const slash = 47;
const backslash = 92;
/** Most tokens a request can give; the scanner asks for this much room first. */
export const mostRequestTokens = 12;
const longestSegment = 24;

const methods: ReadonlySet<string> = new Set([
  'GET',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'CONNECT',
  'TRACE',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'SEARCH',
  'REPORT',
  'DEBUG',
  'TRACK',
]);

/** Whether the word [start, end) opens a request: a method behind a quote or at the message's start, and a target behind it. */
export function isRequest(raw: string, start: number, end: number, messageStart: number): boolean {
  if (start !== messageStart && raw.charCodeAt(start - 1) !== quote) return false;
  if (end - start < 3 || end - start > 9 || raw.charCodeAt(end) !== space) return false;
  const target = raw.charCodeAt(end + 1);
  return (target === slash || raw.startsWith('http', end + 1)) && methods.has(raw.slice(start, end));
}

/** Emits the tokens of the request whose method is [start, end) and returns the index behind them. */
export function scanRequest(raw: string, start: number, end: number, limit: number, out: Tokens): number {
  if (out.length + mostRequestTokens >= mostTokens) return start;
  out.add(tokenKinds.word, start, end, tokenFlags.anchor);
  const targetStart = end + 1;
  const targetEnd = endOfTarget(raw, targetStart, limit);
  if (raw.charCodeAt(targetStart) === slash) scanPath(raw, targetStart, targetEnd, out);
  else out.add(kindOfUrl(raw, targetStart, targetEnd), targetStart, targetEnd, 0);
  let index = targetEnd;
  if (raw.startsWith(' HTTP/', index) && index + 9 <= limit) {
    const versionEnd = endOfTarget(raw, index + 1, limit);
    out.add(tokenKinds.word, index + 1, versionEnd, tokenFlags.digit);
    index = versionEnd;
  }
  if (raw.charCodeAt(index) === backslash) index++;
  if (raw.charCodeAt(index) !== quote || index >= limit) return Math.min(index, limit);
  return scanResponse(raw, index + 1, limit, out);
}

/** Behind the request's closing quote: ` 200 1234 "referrer" "agent"`, as far as it is there. */
function scanResponse(raw: string, start: number, limit: number, out: Tokens): number {
  const statusEnd = start + 4;
  for (let index = start + 1; index < statusEnd; index++) if (!isDigitCode(raw.charCodeAt(index))) return start;
  const behind = raw.charCodeAt(statusEnd);
  if (raw.charCodeAt(start) !== space || statusEnd > limit || (statusEnd < limit && behind !== space)) return start;
  out.add(tokenKinds.word, start + 1, statusEnd, tokenFlags.digit | tokenFlags.anchor);
  if (statusEnd >= limit) return statusEnd;
  let sizeEnd = statusEnd + 1;
  while (sizeEnd < limit && isDigitCode(raw.charCodeAt(sizeEnd))) sizeEnd++;
  if (sizeEnd > statusEnd + 1) {
    out.add(tokenKinds.number, statusEnd + 1, sizeEnd, tokenFlags.digit);
  } else if (raw.charCodeAt(sizeEnd) === 45 && sizeEnd < limit) {
    out.add(tokenKinds.none, sizeEnd, ++sizeEnd, 0);
  }
  const referrerEnd = endOfQuoted(raw, sizeEnd + 1, limit);
  if (referrerEnd < 0) return sizeEnd;
  if (referrerEnd - 1 > sizeEnd + 2) {
    const isNone = referrerEnd === sizeEnd + 4 && raw.charCodeAt(sizeEnd + 2) === 45;
    out.add(isNone ? tokenKinds.none : kindOfUrl(raw, sizeEnd + 2, referrerEnd - 1), sizeEnd + 2, referrerEnd - 1, 0);
  }
  const agentEnd = endOfQuoted(raw, referrerEnd + 1, limit);
  if (agentEnd < 0) return referrerEnd;
  scanAgent(raw, referrerEnd + 2, agentEnd - 1, out);
  return agentEnd;
}

/** The agent's product name as a word, all behind it as one placeholder. */
function scanAgent(raw: string, start: number, end: number, out: Tokens): void {
  if (end <= start) return;
  if (end === start + 1 && raw.charCodeAt(start) === 45) {
    out.add(tokenKinds.none, start, end, 0);
    return;
  }
  let wordEnd = start;
  while (wordEnd < end && wordEnd - start < longestSegment && isNameCode(raw.charCodeAt(wordEnd))) wordEnd++;
  if (wordEnd > start) out.add(tokenKinds.word, start, wordEnd, 0);
  if (wordEnd < end) out.add(isOddAgent(raw, start, end) ? tokenKinds.agentOdd : tokenKinds.agent, wordEnd, end, 0);
}

function scanPath(raw: string, start: number, end: number, out: Tokens): void {
  let pathEnd = start;
  while (pathEnd < end) {
    const character = raw.charCodeAt(pathEnd);
    if (character === 63 || character === 35 || character === 59) break;
    pathEnd++;
  }
  if (pathEnd === start + 1) {
    out.add(tokenKinds.word, start, pathEnd, tokenFlags.anchor);
  } else {
    scanSegments(raw, start, pathEnd, out);
  }
  if (pathEnd + 1 < end) out.add(kindOfQuery(raw, pathEnd + 1, end), pathEnd + 1, end, 0);
}

function scanSegments(raw: string, start: number, end: number, out: Tokens): void {
  const next = raw.indexOf('/', start + 1);
  const segmentEnd = next < 0 || next >= end ? end : next;
  const extension = startOfExtension(raw, start, end);
  const restEnd = extension < 0 ? end : extension;
  const wordEnd = Math.min(segmentEnd, restEnd);
  let restStart = start;
  if (isPlainSegment(raw, start + 1, wordEnd)) {
    out.add(tokenKinds.word, start, wordEnd, tokenFlags.anchor);
    restStart = wordEnd;
  }
  if (restEnd > restStart + 1)
    out.add(isOdd(raw, start, end) ? tokenKinds.pathOdd : tokenKinds.path, restStart, restEnd, 0);
  if (extension >= 0) out.add(tokenKinds.word, extension, end, tokenFlags.anchor);
}

/** Index of the dot of an extension of one to five letters or digits at the end of the path, or -1. */
function startOfExtension(raw: string, start: number, end: number): number {
  let index = end - 1;
  while (index > start && end - index <= 6 && isLetterOrDigit(raw.charCodeAt(index))) index--;
  const length = end - 1 - index;
  const isExtension = raw.charCodeAt(index) === 46 && length >= 1 && length <= 5 && index > start + 1;
  return isExtension && raw.charCodeAt(index - 1) !== slash ? index : -1;
}

/** Letters, dashes and underscores, as names of applications are; what holds digits or signs is one of many. */
function isPlainSegment(raw: string, start: number, end: number): boolean {
  if (end <= start || end - start > longestSegment) return false;
  for (let index = start; index < end; index++) {
    const character = raw.charCodeAt(index);
    if (!isLetterCode(character) && character !== 45 && character !== 95) return false;
  }
  return true;
}

/** Behind the run without blanks and quotes. */
function endOfTarget(raw: string, start: number, limit: number): number {
  let index = start;
  for (; index < limit; index++) {
    const character = raw.charCodeAt(index);
    if (character === space || character === quote) break;
    if (character === backslash && raw.charCodeAt(index + 1) === quote) break;
  }
  return index;
}

/** Index behind the closing quote of the text whose opening quote is at `start`, or -1. */
function endOfQuoted(raw: string, start: number, limit: number): number {
  if (start >= limit || raw.charCodeAt(start) !== quote) return -1;
  for (let end = raw.indexOf('"', start + 1); end >= 0 && end < limit; end = raw.indexOf('"', end + 1)) {
    // An even number of backslashes before it are themselves escaped.
    let first = end;
    while (raw.charCodeAt(first - 1) === backslash && first - 1 > start) first--;
    if ((end - first) % 2 === 0) return end + 1;
  }
  return -1;
}

function isLetterOrDigit(character: number): boolean {
  return isLetterCode(character) || isDigitCode(character);
}

function isNameCode(character: number): boolean {
  return isLetterOrDigit(character) || character === 45 || character === 95 || character === 46;
}
