/** @file What a token is because of the word or key before it: a user, a host, a program and its first argument. */
import { bits, classesIn, isLetterCode, isTrailing, letterBits } from './characters.ts';
import { tokenKinds } from './kinds.ts';
import { kindOfPath } from './paths.ts';
import { endOfName, isAdjacent, lead } from './people.ts';
import type { Scan } from './scan.ts';
import { tokenFlags } from './tokens.ts';

const quote = 34;
const dash = 45;
const colon = 58;
const longestArgument = 24;
const longestPort = 5;

/** Emits the chunk [start, end) as what `before` says it is; false where it says nothing. */
export function scanAfterLead(scan: Scan, start: number, end: number, before: number): boolean {
  const { raw, leadEnd } = scan;
  if (before === lead.command || before === lead.program) return scanProgram(scan, start, end, before);
  if (before === lead.port) return scanPort(scan, start, trimmedEnd(raw, start, end));
  if (before === lead.names || before === lead.invalid || !isAdjacent(raw, leadEnd, start)) return false;
  const tokenEnd = trimmedEnd(raw, start, end);
  if (before === lead.key || before === lead.host) {
    if (leadEnd !== start && raw.charCodeAt(start - 1) !== quote) return false;
    if (before === lead.host) return scanHost(scan, start, tokenEnd);
  }
  const nameEnd = endOfName(raw, start, tokenEnd, scan.limit, before);
  if (nameEnd <= start) return false;
  scan.add(tokenKinds.user, start, nameEnd, 0);
  scan.position = Math.max(scan.position, nameEnd);
  return true;
}

/** `port 22`, `Port: 22`; what else may follow the word is not known here. */
function scanPort(scan: Scan, start: number, end: number): boolean {
  const { raw, leadEnd } = scan;
  const from = raw.charCodeAt(leadEnd) === colon ? leadEnd + 1 : leadEnd;
  if (!isAdjacent(raw, from, start) || end - start > longestPort) return false;
  if (classesIn(raw, start, end) !== bits.digit) return false;
  scan.add(tokenKinds.port, start, end, tokenFlags.digit);
  return true;
}

/** `rhost=X` is a host where X is a name; addresses tell themselves. */
function scanHost(scan: Scan, start: number, end: number): boolean {
  const { raw } = scan;
  const colon = raw.indexOf(':', start);
  if ((classesIn(raw, start, end) & letterBits) === 0 || (colon >= 0 && colon < end)) return false;
  scan.add(tokenKinds.host, start, end, 0);
  return true;
}

/** `COMMAND=/usr/bin/shred -u x`: the directory as a path, the program and a first argument of letters as anchored words. */
function scanProgram(scan: Scan, start: number, end: number, before: number): boolean {
  const { raw } = scan;
  for (let index = scan.leadEnd; index < start; index++) {
    const character = raw.charCodeAt(index);
    if (character !== 40 && character !== quote && !(character === 32 && before === lead.command)) return false;
  }
  const nameEnd = trimmedEnd(raw, start, end);
  const lastSlash = raw.lastIndexOf('/', nameEnd - 1);
  let nameStart = start;
  if (lastSlash >= start && lastSlash + 1 < nameEnd) {
    nameStart = lastSlash + 1;
    if (lastSlash > start) scan.add(kindOfPath(raw, start, lastSlash), start, lastSlash, 0);
  }
  scan.word(nameStart, nameEnd, tokenFlags.anchor);
  if (before === lead.command && scan.position === nameEnd) scanArgument(scan, nameEnd);
  return true;
}

function scanArgument(scan: Scan, programEnd: number): void {
  const { raw, limit } = scan;
  if (raw.charCodeAt(programEnd) !== 32) return;
  const start = programEnd + 1;
  let end = start;
  while (end < limit && (isLetterCode(raw.charCodeAt(end)) || raw.charCodeAt(end) === dash)) end++;
  const behind = raw.charCodeAt(end);
  const isWhole = end >= limit || behind === 32 || behind === 41;
  if (!isWhole || end === start || end - start > longestArgument || !isLetterCode(raw.charCodeAt(end - 1))) return;
  scan.word(start, end, tokenFlags.anchor);
  scan.position = end;
}

function trimmedEnd(raw: string, start: number, end: number): number {
  let last = end;
  while (last > start + 1 && isTrailing(raw.charCodeAt(last - 1))) last--;
  return last;
}
