/** @file Where paths and URLs end, and what kind of path one is. */
import { isBlankCode } from './characters.ts';
import { tokenKinds } from './kinds.ts';
import { isClimbing, isOdd } from './oddShapes.ts';
import type { Scan } from './scan.ts';

const backslash = 92;
const slash = 47;

/** Class of a path by how it climbs and where it lies: attacks tell themselves by that. */
export function kindOfPath(raw: string, start: number, end: number): number {
  if (isClimbing(raw, start, end)) return tokenKinds.pathOdd;
  switch (raw.charCodeAt(start + 1)) {
    case 101:
      return raw.startsWith('/etc/', start) ? tokenKinds.pathEtc : tokenKinds.path;
    case 104:
      return raw.startsWith('/home/', start) ? tokenKinds.pathHome : tokenKinds.path;
    case 114:
      return raw.startsWith('/root/', start) ? tokenKinds.pathHome : tokenKinds.path;
    case 116:
      return isTemporary(raw, start, '/tmp') ? tokenKinds.pathTemporary : tokenKinds.path;
    case 118:
      return isTemporary(raw, start, '/var/tmp') ? tokenKinds.pathTemporary : tokenKinds.path;
    case 100:
      return isTemporary(raw, start, '/dev/shm') ? tokenKinds.pathTemporary : tokenKinds.path;
    default:
      return tokenKinds.path;
  }
}

export function kindOfQuery(raw: string, start: number, end: number): number {
  return isOdd(raw, start, end) ? tokenKinds.queryOdd : tokenKinds.query;
}

export function kindOfUrl(raw: string, start: number, end: number): number {
  return isOdd(raw, start, end) ? tokenKinds.urlOdd : tokenKinds.url;
}

/** A directory that everybody may write to, or something in it. */
function isTemporary(raw: string, start: number, directory: string): boolean {
  if (!raw.startsWith(directory, start)) return false;
  const behind = raw.charCodeAt(start + directory.length);
  return behind !== behind || behind === slash || isBlankCode(behind);
}

/** Behind a URL or query: up to a blank, quote or angle bracket, without the punctuation of the sentence around it. */
export function endOfUrl(scan: Scan, start: number): number {
  const { raw, limit } = scan;
  let end = start;
  for (; end < limit; end++) {
    const character = raw.charCodeAt(end);
    if (character <= 32 || character === 34 || character === 39 || character === 60 || character === 62) break;
    if (character === backslash) break;
  }
  while (end > start && isClosing(raw.charCodeAt(end - 1))) end--;
  return end;
}

/** `, ; . : ) ] }` */
function isClosing(character: number): boolean {
  return (
    character === 44 ||
    character === 59 ||
    character === 46 ||
    character === 58 ||
    character === 41 ||
    character === 93 ||
    character === 125
  );
}

/** Behind `C:\Windows\x.exe` or `C:/x`, also with the backslashes doubled by JSON; -1 where there is no such path. */
export function endOfDrivePath(scan: Scan, start: number): number {
  const { raw, limit } = scan;
  const first = raw.charCodeAt(start + 2);
  if (start + 2 >= limit || (first !== backslash && (first !== slash || raw.charCodeAt(start + 3) === slash)))
    return -1;
  const doubled = scan.escaped && raw.charCodeAt(start + 3) === backslash;
  let end = start + 2;
  for (; end < limit; end++) {
    const character = raw.charCodeAt(end);
    if (character === backslash) {
      if (!doubled) continue;
      // In JSON a single backslash is an escape such as `\r` and no part of the path.
      if (raw.charCodeAt(end + 1) !== backslash) break;
      end++;
    } else if (character <= 32 || endsPath(character)) {
      break;
    }
  }
  return Math.min(end, limit);
}

/** `" ' ( ) * , ; < > ? [ ] { | }` */
function endsPath(character: number): boolean {
  switch (character) {
    case 34:
    case 39:
    case 40:
    case 41:
    case 42:
    case 44:
    case 59:
    case 60:
    case 62:
    case 63:
    case 91:
    case 93:
    case 123:
    case 124:
    case 125:
      return true;
    default:
      return false;
  }
}
