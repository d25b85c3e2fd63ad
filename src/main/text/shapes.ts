/** @file Recognisers of values by their shape: each looks at [start, end) of a raw line and nothing else, in linear time. */
import { bits, isDigitCode, isHexCode, isLetterCode } from './characters.ts';
import { tokenKinds } from './kinds.ts';
import { kindOfNumber } from './quantities.ts';
import { isStamp } from './stampShapes.ts';

const dot = 46;
const colon = 58;
const dash = 45;

/** Index behind the dotted quad at `start`, or -1. */
export function endOfIp4(raw: string, start: number, end: number): number {
  let index = start;
  for (let part = 0; part < 4; part++) {
    let value = 0;
    const from = index;
    while (index < end && isDigitCode(raw.charCodeAt(index)) && index - from < 4) {
      value = value * 10 + raw.charCodeAt(index++) - 48;
    }
    if (index === from || index - from > 3 || value > 255) return -1;
    if (part === 3) return index < end && isDigitCode(raw.charCodeAt(index)) ? -1 : index;
    if (index >= end || raw.charCodeAt(index++) !== dot) return -1;
  }
  return -1;
}

/** Kind of the address at `start`: loopback, private, link-local, carrier-grade and group addresses are inside. */
export function kindOfIp4(raw: string, start: number): number {
  let index = start;
  let first = 0;
  let second = 0;
  for (; isDigitCode(raw.charCodeAt(index)); index++) first = first * 10 + raw.charCodeAt(index) - 48;
  for (index++; isDigitCode(raw.charCodeAt(index)); index++) second = second * 10 + raw.charCodeAt(index) - 48;
  const inside =
    first === 10 ||
    first === 127 ||
    first === 0 ||
    first >= 224 ||
    (first === 192 && second === 168) ||
    (first === 172 && second >= 16 && second <= 31) ||
    (first === 169 && second === 254) ||
    (first === 100 && second >= 64 && second <= 127);
  return inside ? tokenKinds.ip4Private : tokenKinds.ip4;
}

/** Kind of the IPv6 address that fills [start, end), or -1. A ninth group (Java's way to write a port) is allowed. */
export function kindOfIp6(raw: string, start: number, end: number): number {
  let groups = 0;
  let pairs = 0;
  let index = start;
  while (index < end) {
    const character = raw.charCodeAt(index);
    if (character === colon) {
      if (raw.charCodeAt(index + 1) === colon && index + 1 < end) {
        if (++pairs > 1) return -1;
        index += 2;
        continue;
      }
      if (index === start || index + 1 === end) return -1;
      index++;
      continue;
    }
    const from = index;
    while (index < end && isHexCode(raw.charCodeAt(index))) index++;
    if (index < end && raw.charCodeAt(index) === dot) {
      // An IPv4 address in the last 32 bits: `::ffff:10.1.2.3`.
      if (endOfIp4(raw, from, end) !== end || pairs + groups === 0) return -1;
      return kindOfIp4(raw, from) === tokenKinds.ip4Private ? tokenKinds.ip6Private : tokenKinds.ip6;
    }
    const longest = groups === 8 ? 5 : 4;
    if (index === from || index - from > longest) return -1;
    groups++;
  }
  if (pairs === 0 ? groups !== 8 && groups !== 9 : groups > 7) return -1;
  const first = raw.charCodeAt(start) === colon ? 0 : Number.parseInt(raw.slice(start, start + 4), 16);
  const inside = first === 0 || (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80;
  return inside ? tokenKinds.ip6Private : tokenKinds.ip6;
}

/** Six pairs of hex digits, parted by colons or dashes. */
export function isMac(raw: string, start: number, end: number): boolean {
  if (end - start !== 17) return false;
  const separator = raw.charCodeAt(start + 2);
  if (separator !== colon && separator !== dash) return false;
  for (let index = 0; index < 17; index++) {
    const character = raw.charCodeAt(start + index);
    if (index % 3 === 2 ? character !== separator : !isHexCode(character)) return false;
  }
  return true;
}

export function isUuid(raw: string, start: number, end: number): boolean {
  if (end - start !== 36) return false;
  for (let index = 0; index < 36; index++) {
    const character = raw.charCodeAt(start + index);
    const isDash = index === 8 || index === 13 || index === 18 || index === 23;
    if (isDash ? character !== dash : !isHexCode(character)) return false;
  }
  return true;
}

/** Kind of a token of hex digits only: a hash by its length, else hex where it has both letters and digits; else -1. */
export function kindOfHex(length: number, classes: number): number {
  if (length === 32 || length === 40 || length === 56 || length === 64 || length === 96 || length === 128) {
    return tokenKinds.hash;
  }
  return length >= 6 && (classes & bits.digit) !== 0 ? tokenKinds.hex : -1;
}

/** Base64 by its mix: at least 24 characters of its alphabet with both cases and digits, in runs too mixed for a name. */
export function isBase64(raw: string, start: number, end: number): boolean {
  if (end - start < 24) return false;
  let last = end;
  while (last > start && raw.charCodeAt(last - 1) === 61) last--;
  let upper = 0;
  let lower = 0;
  let digits = 0;
  for (let index = start; index < last; index++) {
    const character = raw.charCodeAt(index);
    if (character >= 97 && character <= 122) lower++;
    else if (character >= 65 && character <= 90) upper++;
    else if (isDigitCode(character)) digits++;
    else if (character !== 43 && character !== 47) return false;
  }
  const length = last - start;
  return upper * 8 >= length && lower * 8 >= length && digits > 0;
}

/** A name that is one of many: four digits in a row, or digits in two places of it. */
export function isIdentifier(raw: string, start: number, end: number): boolean {
  let run = 0;
  let groups = 0;
  for (let index = start; index < end; index++) {
    if (!isDigitCode(raw.charCodeAt(index))) {
      run = 0;
      continue;
    }
    if (run === 0 && ++groups >= 2) return true;
    if (++run >= 4) return true;
  }
  return false;
}

const longestDomain = 11;
const topDomains: ReadonlySet<string> = new Set(
  (
    'com net org edu gov mil int info biz io dev app cloud mobi asia xyz online site club cn hk tw jp kr sg th vn ph pk ir kz ' +
    'de uk fr nl be ru br au it es eu us ca ch at se no fi dk cz ie pt gr hu ro ua by lt lv ee tr nz mx ar cl za ng ke il ae sa ' +
    'local lan internal intranet corp home localdomain arpa'
  ).split(' '),
);

/** A host's name: dotted, closed by a top-level domain, in lower case there. Names of classes and files end otherwise. */
export function isHostName(raw: string, start: number, end: number): boolean {
  let last = end - 1;
  if (!isLetterCode(raw.charCodeAt(last))) return false;
  while (last > start && end - last <= longestDomain && raw.charCodeAt(last) !== dot) last--;
  return last > start && raw.charCodeAt(last) === dot && topDomains.has(raw.slice(last + 1, end));
}

/** Kind of a token of letters, digits, dots, dashes, underscores and signs that holds a digit. */
export function kindOfValue(raw: string, start: number, end: number, classes: number): number {
  const first = raw.charCodeAt(start);
  if ((classes & bits.dot) !== 0 && isDigitCode(first) && endOfIp4(raw, start, end) === end)
    return kindOfIp4(raw, start);
  if (isDigitCode(first) || first === dash || first === 43) {
    if ((classes & bits.dash) !== 0 && isStamp(raw, start, end)) return tokenKinds.timestamp;
    if (first === 48 && (raw.charCodeAt(start + 1) | 32) === 120) return tokenKinds.hex;
    const number = kindOfNumber(raw, start, end);
    if (number >= 0) return number;
  }
  if (first === 98 && raw.startsWith('blk_', start)) return tokenKinds.block;
  if (first === 114 && raw.startsWith('req-', start) && isUuid(raw, start + 4, end)) return tokenKinds.request;
  if ((classes & bits.dash) !== 0) {
    if (isUuid(raw, start, end)) return tokenKinds.uuid;
    if (isMac(raw, start, end)) return tokenKinds.mac;
  }
  if ((classes & ~(bits.digit | bits.hexLetter)) === 0) {
    const kind = kindOfHex(end - start, classes);
    if (kind >= 0) return kind;
  }
  if (isBase64(raw, start, end)) return tokenKinds.base64;
  return isIdentifier(raw, start, end) ? tokenKinds.id : tokenKinds.word;
}
