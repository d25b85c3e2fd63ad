/** @file What stands between an application log's stamp and its message: level, process id, thread, logger, in any order. */
import type { LineSeverity, ParsedLine, Span } from '../../../shared/lines.ts';
import { closingBracket, code, endOfDigits, isDigit, isLetter, messageFrom, severityOf, skipSpaces } from './scan.ts';

/** More fields than this are text. */
const mostFields = 6;
const longestField = 512;
/** nginx writes `1234#1234:` for process and thread. */
const hash = 35;

type Head = { severity: LineSeverity | null; process: Span | null; processId: Span | null };

/** Reads the head from `start` (behind the stamp) and the message behind it. */
export function readHead(raw: string, start: number, at: number): ParsedLine {
  const head: Head = { severity: null, process: null, processId: null };
  let index = start;
  for (let count = 0; count < mostFields; count++) {
    index = skipSeparators(raw, index);
    const next = readField(raw, index, head);
    if (next < 0) break;
    index = next;
  }
  return {
    fits: true,
    at,
    severity: head.severity,
    host: null,
    process: head.process,
    processId: head.processId,
    kind: null,
    subject: null,
    user: null,
    message: messageFrom(raw, Math.min(index, raw.length)),
  };
}

/** Blanks, and the dashes, bars, commas and colons that stand alone between fields. */
function skipSeparators(raw: string, start: number): number {
  let index = skipSpaces(raw, start);
  for (;;) {
    const character = raw.charCodeAt(index);
    const isSeparator =
      character === code.dash || character === code.bar || character === code.comma || character === code.colon;
    if (!isSeparator) return index;
    let end = index + 1;
    while (raw.charCodeAt(end) === character) end++;
    const behind = raw.charCodeAt(end);
    if (behind !== code.space && behind !== code.tab && character !== code.bar && behind !== code.squareOpen) {
      // `,message` right behind the stamp is a separator; `-5 items` and `--help` are text.
      if (index !== start || character === code.dash) return index;
    }
    index = skipSpaces(raw, end);
  }
}

/** Reads one field into `head` and returns the index behind it, or -1 where the message begins. */
function readField(raw: string, start: number, head: Head): number {
  const first = raw.charCodeAt(start);
  if (first === code.squareOpen) return readBracket(raw, start, head);
  if (isDigit(first)) {
    const behind = readNumber(raw, start, head);
    return behind < 0 && isProgramFile(raw, start) ? readName(raw, start, head) : behind;
  }
  return isLetter(first) ? readName(raw, start, head) : -1;
}

/** `7z.exe` */
function isProgramFile(raw: string, start: number): boolean {
  let end = start;
  while (end - start < longestField && (isNamePart(raw.charCodeAt(end)) || raw.charCodeAt(end) === code.dot)) end++;
  return raw.startsWith('.exe', end - 4);
}

function readBracket(raw: string, start: number, head: Head): number {
  const end = closingBracket(raw, start, longestField);
  if (end <= start + 1) return -1;
  const inner = skipSpaces(raw, start + 1);
  const severity = severityOf(raw, inner, trimmedEnd(raw, inner, end));
  if (severity !== null) {
    if (head.severity !== null) return -1;
    head.severity = severity;
    return end + 1;
  }
  const colon = raw.indexOf(':', inner);
  if (head.severity === null && colon > inner && colon < end) {
    // Apache 2.4: `[core:error]`.
    const named = severityOf(raw, colon + 1, end);
    if (named !== null) {
      head.severity = named;
      head.process ??= { start: inner, end: colon };
      return end + 1;
    }
  }
  if (isDigit(raw.charCodeAt(inner)) && endOfDigits(raw, inner) === end) {
    if (head.processId !== null) return -1;
    head.processId = { start: inner, end };
    return end + 1;
  }
  if (raw.startsWith('pid ', inner)) {
    const idEnd = endOfDigits(raw, inner + 4);
    if (idEnd > inner + 4) head.processId ??= { start: inner + 4, end: idEnd };
    return end + 1;
  }
  // A thread is a field only where a level or a further field says that the head goes on.
  const behind = raw.charCodeAt(end + 1);
  const isThread =
    behind === code.space && (head.severity !== null ? head.process === null : levelFollows(raw, end + 1));
  if (!isThread) return -1;
  const at = raw.lastIndexOf('@', end);
  if (at > inner && endOfDigits(raw, at + 1) === end) {
    // Zookeeper: `[SendWorker:41:QuorumCnxManager$SendWorker@688]`, the class is the process.
    const before = raw.lastIndexOf(':', at);
    head.process = { start: before > inner ? before + 1 : inner, end: at };
  }
  return end + 1;
}

function trimmedEnd(raw: string, start: number, end: number): number {
  let last = end;
  while (last > start && raw.charCodeAt(last - 1) === code.space) last--;
  return last;
}

function levelFollows(raw: string, start: number): boolean {
  const from = skipSpaces(raw, start);
  let end = from;
  while (isLetter(raw.charCodeAt(end)) && end - from < 14) end++;
  return severityOf(raw, from, end) !== null;
}

function readNumber(raw: string, start: number, head: Head): number {
  let end = endOfDigits(raw, start);
  if (head.processId !== null || end - start > 10) return -1;
  const span = { start, end };
  const mark = raw.charCodeAt(end);
  if (mark === hash) {
    end = endOfDigits(raw, end + 1);
    if (raw.charCodeAt(end) !== code.colon) return -1;
    head.processId = span;
    return end + 1;
  }
  // A bare number is the process id only where a level comes next or came before and a logger comes next.
  if (mark !== code.space) return -1;
  const next = skipSpaces(raw, end);
  const isId =
    levelFollows(raw, end) ||
    (raw.charCodeAt(next) === code.squareOpen && levelFollows(raw, next + 1)) ||
    (head.severity !== null && raw.charCodeAt(next) === code.dash && raw.charCodeAt(next + 1) === code.dash);
  if (!isId) return -1;
  head.processId = span;
  return end;
}

function readName(raw: string, start: number, head: Head): number {
  const limit = Math.min(raw.length, start + longestField);
  let end = start;
  let dots = 0;
  let id: Span | null = null;
  for (; end < limit; end++) {
    const character = raw.charCodeAt(end);
    if (character === code.dot) dots++;
    else if (!isNamePart(character)) break;
  }
  let mark = raw.charCodeAt(end);
  let behind = end;
  if (head.severity === null) {
    const severity = severityOf(raw, start, end);
    if (
      severity !== null &&
      (mark !== mark ||
        mark === code.space ||
        mark === code.colon ||
        mark === code.tab ||
        mark === code.bar ||
        mark === code.comma)
    ) {
      head.severity = severity;
      return mark === code.colon ? end + 1 : end;
    }
  }
  if (head.process !== null || raw.charCodeAt(end - 1) === code.dot) return -1;
  if (mark === code.squareOpen) {
    const idEnd = endOfDigits(raw, end + 1);
    if (idEnd > end + 1 && raw.charCodeAt(idEnd) === code.squareClose) {
      id = { start: end + 1, end: idEnd };
      behind = idEnd + 1;
      mark = raw.charCodeAt(behind);
    }
  }
  const next = raw.charCodeAt(behind + 1);
  let isProcess = false;
  let resume = behind;
  if (mark === code.colon && (next === code.space || next !== next || next === code.tab)) {
    // Without a level before, only a name that looks like one: `note: text` may be prose.
    isProcess = head.severity !== null || dots > 0 || id !== null;
    resume = behind + 1;
  } else if (raw.startsWith(' *64 - ', behind)) {
    // Proxifier marks programs of 64 bits.
    isProcess = true;
    resume = behind + 4;
  } else if (mark === code.space) {
    const after = raw.charCodeAt(skipSpaces(raw, behind));
    const gap = skipSpaces(raw, behind) - behind;
    if (after === code.dash || after === code.colon) {
      isProcess =
        raw.charCodeAt(skipSpaces(raw, behind) + 1) === code.space &&
        (dots > 0 || head.severity !== null || levelFollows(raw, behind + gap + 1));
    } else if (head.severity !== null) {
      // `nova.compute.manager [req-…]`, and columns (`Info      CBS    text`).
      isProcess = (dots > 0 && after === code.squareOpen) || (gap >= 2 && end - start <= 32);
    }
  } else if (mark === code.bar) {
    isProcess = true;
  }
  if (!isProcess) return -1;
  head.process = { start, end };
  if (id !== null) head.processId ??= id;
  return resume;
}

/** Letters, digits and `. _ - $ / @` of logger and file names. */
function isNamePart(character: number): boolean {
  return (
    isLetter(character) ||
    isDigit(character) ||
    character === 95 ||
    character === code.dash ||
    character === 36 ||
    character === code.slash ||
    character === 64
  );
}
