/** @file What a run of characters without separators is: a word, a value by its shape, or several of them joined by punctuation. */
import {
  bits,
  classesIn,
  indexWithin,
  isDigitCode,
  isLeading,
  isLetterCode,
  isTrailing,
  letterBits,
  plainWordBits,
} from './characters.ts';
import { broaderKind, tokenKinds } from './kinds.ts';
import { scanAfterLead } from './leads.ts';
import { endOfUrl, kindOfPath, kindOfQuery, kindOfUrl } from './paths.ts';
import { quantityBehind } from './quantities.ts';
import { isOpeningName, lead, leadOfKey, leadOfWord } from './people.ts';
import { isRequest, scanRequest } from './request.ts';
import { longestWord, type Scan } from './scan.ts';
import { endOfSpelledStamp, isAccessStamp, isStamp, isTimeOfDay } from './stampShapes.ts';
import { endOfIp4, isBase64, isHostName, isMac, kindOfIp4, kindOfIp6, kindOfValue } from './shapes.ts';
import { tokenFlags } from './tokens.ts';

/** A longer run without separators is not taken apart: that would cost its length for every cut. */
const longestChunk = 2048;
/** A chunk without any of these is punctuation. */
const meaningBits = letterBits | bits.digit | bits.underscore;
const nameBits = letterBits | bits.digit | bits.dot | bits.dash | bits.underscore;
const dot = 46;
const colon = 58;
const slash = 47;
const equalsSign = 61;

/** Emits the tokens of [start, end); `union` are the classes of its characters. May move `scan.position` beyond it. */
export function scanChunk(scan: Scan, start: number, end: number, union: number): void {
  if (!scan.hasRoom(start)) return;
  if (end - start > longestChunk) {
    scan.add(tokenKinds.long, start, end, 0);
    return;
  }
  const before = scan.lead;
  if (before !== lead.none) {
    scan.lead = lead.none;
    if (scanAfterLead(scan, start, end, before)) return;
  } else if (scan.out.length === 0 && isOpeningName(scan.raw, start, end, scan.start)) {
    scan.add(tokenKinds.user, start, end, 0);
    return;
  } else if (scan.out.length === 2 && isAccessUser(scan, start, end)) {
    scan.add(tokenKinds.user, start, end, 0);
    return;
  }
  if ((union & ~letterBits) === 0) scanLetters(scan, start, end, before);
  else if (union === bits.digit) addNumber(scan, tokenKinds.number, start, end);
  else scanMixed(scan, start, end, union);
}

/** The third field of an access line inside of another log: `10.0.0.1 - anna [04/Mar/…`. */
function isAccessUser(scan: Scan, start: number, end: number): boolean {
  const { raw, out } = scan;
  if (raw.charCodeAt(end) !== 32 || raw.charCodeAt(end + 1) !== 91 || !isDigitCode(raw.charCodeAt(end + 2)))
    return false;
  const client = broaderKind(out.kinds[0] ?? 0);
  const isClient = client === tokenKinds.address || client === tokenKinds.addressInside;
  const isDash = end === start + 1 && raw.charCodeAt(start) === 45;
  return isClient && !isDash && start - (out.ends[1] ?? 0) === 1 && raw.charCodeAt(out.starts[1] ?? 0) === 45;
}

function scanLetters(scan: Scan, start: number, end: number, before: number): void {
  const { raw } = scan;
  if (isRequest(raw, start, end, scan.start)) {
    const behind = scanRequest(raw, start, end, scan.limit, scan.out);
    if (behind > start) {
      scan.position = behind;
      return;
    }
  }
  if (end - start === 3) {
    const stampEnd = endOfSpelledStamp(raw, start, scan.limit);
    if (stampEnd > 0) {
      scan.add(tokenKinds.timestamp, start, stampEnd, tokenFlags.digit);
      scan.position = stampEnd;
      return;
    }
  }
  const leads = leadOfWord(raw, start, end, before);
  // Whether a login is of somebody who exists is never generalised away.
  const isAnchor = leads === lead.invalid || (leads === lead.names && end - start === 14);
  scan.word(start, end, isAnchor ? tokenFlags.anchor : 0);
  scan.setLead(leads, end);
}

/** A chunk with digits or punctuation in it, or a part of one. */
function scanMixed(scan: Scan, start: number, end: number, union: number): void {
  const { raw } = scan;
  let from = start;
  let to = end;
  while (to > from && isTrailing(raw.charCodeAt(to - 1))) to--;
  while (from < to && isLeading(raw, from, to)) from++;
  if (from >= to) {
    // A dash by itself stands for a value that is not there.
    if (union === bits.dash && end === start + 1 && scan.hasRoom(start)) scan.add(tokenKinds.none, start, end, 0);
    return;
  }
  const classes = from === start && to === end ? union : classesIn(raw, from, to);
  if ((classes & meaningBits) === 0 || !scan.hasRoom(from)) return;
  if ((classes & ~plainWordBits) === 0) {
    scan.word(from, to, 0);
    scan.setLead(leadOfWord(raw, from, to, lead.none), to);
  } else if (classes === bits.digit) {
    addNumber(scan, tokenKinds.number, from, to);
  } else if ((classes & bits.slash) === 0 || !scanWithSlash(scan, from, to, classes)) {
    if ((classes & bits.equals) !== 0) scanKeyAndValue(scan, from, to, classes);
    else if ((classes & bits.at) !== 0) scanWithAt(scan, from, to);
    else if ((classes & bits.colon) !== 0) scanWithColon(scan, from, to, classes);
    else scanValue(scan, from, to, classes);
  }
}

/** The part of a chunk behind a cut, as a chunk of its own; what a URL before it has swallowed is left out. */
function scanRest(scan: Scan, start: number, end: number): void {
  const from = Math.max(start, scan.out.lastEnd);
  if (from < end) scanChunk(scan, from, end, classesIn(scan.raw, from, end));
}

function scanParts(scan: Scan, start: number, cut: number, end: number, rest = cut + 1): void {
  if (cut > start) scanMixed(scan, start, cut, classesIn(scan.raw, start, cut));
  // `proxy.example.com:8080`
  if (scan.out.length > 0 && scan.out.kinds[scan.out.length - 1] === tokenKinds.host && scan.out.lastEnd === cut)
    scan.setLead(lead.port, cut + 1);
  scanRest(scan, rest, end);
}

/** URLs, paths, dates; false where the slash belongs to the value of a key. */
function scanWithSlash(scan: Scan, start: number, end: number, classes: number): boolean {
  const { raw } = scan;
  if ((classes & bits.colon) !== 0 && scanUrl(scan, start, end)) return true;
  if (isDigitCode(raw.charCodeAt(start)) && (isAccessStamp(raw, start, end) || isStamp(raw, start, end))) {
    scan.add(tokenKinds.timestamp, start, end, tokenFlags.digit);
    return true;
  }
  const opensWithSlash = raw.charCodeAt(start) === slash;
  if (opensWithSlash && isDigitCode(raw.charCodeAt(start + 1)) && endOfIp4(raw, start + 1, end) > 0) {
    // Java writes addresses as `/10.0.0.1:5000`.
    scanMixed(scan, start + 1, end, classesIn(raw, start + 1, end));
    return true;
  }
  if (opensWithSlash || raw.startsWith('./', start) || raw.startsWith('../', start)) {
    scan.add(kindOfPath(raw, start, end), start, end, 0);
    if (raw.charCodeAt(end) === 63 && end + 1 < scan.limit && scan.position === end) {
      const queryEnd = endOfUrl(scan, end + 1);
      if (queryEnd > end + 1) scan.add(kindOfQuery(raw, end + 1, queryEnd), end + 1, queryEnd, 0);
      scan.position = queryEnd;
    }
    return true;
  }
  if ((classes & bits.equals) !== 0) return false;
  if ((classes & letterBits) !== 0) {
    if (raw.startsWith('HTTP/', start)) {
      scan.word(start, end, tokenFlags.digit);
      return true;
    }
    if (isBase64(raw, start, end)) {
      scan.add(tokenKinds.base64, start, end, tokenFlags.digit);
      return true;
    }
  }
  const first = indexWithin(raw, slash, start, end);
  const second = indexWithin(raw, slash, first + 1, end);
  const isPath = (classes & letterBits) !== 0 && (second > 0 || (classes & bits.digit) !== 0);
  if (isPath && (classes & (bits.colon | bits.at)) === 0) scan.add(kindOfPath(raw, start, end), start, end, 0);
  else scanParts(scan, start, first, end);
  return true;
}

/** Index of `://`, or -1. */
function indexOfScheme(raw: string, start: number, end: number): number {
  for (let index = indexWithin(raw, colon, start, end); index >= 0; index = indexWithin(raw, colon, index + 1, end)) {
    if (raw.charCodeAt(index + 1) === slash && raw.charCodeAt(index + 2) === slash) return index;
  }
  return -1;
}

function scanUrl(scan: Scan, start: number, end: number): boolean {
  const { raw } = scan;
  const scheme = indexOfScheme(raw, start, end);
  if (scheme <= start || !isLetterCode(raw.charCodeAt(scheme - 1))) return false;
  let from = scheme;
  while (from > start && isLetterCode(raw.charCodeAt(from - 1))) from--;
  if (from > start) scanMixed(scan, start, from, classesIn(raw, start, from));
  const urlEnd = Math.max(endOfUrl(scan, end), scheme + 3);
  if (!scan.hasRoom(from)) return true;
  scan.add(kindOfUrl(raw, from, urlEnd), from, urlEnd, 0);
  scan.position = Math.max(scan.position, urlEnd);
  return true;
}

function scanKeyAndValue(scan: Scan, start: number, end: number, classes: number): void {
  const { raw } = scan;
  if ((classes & bits.digit) !== 0 && raw.charCodeAt(end - 1) === 61 && isBase64(raw, start, end)) {
    scan.add(tokenKinds.base64, start, end, tokenFlags.digit);
    return;
  }
  const equals = indexWithin(raw, equalsSign, start, end);
  const keyClasses = classesIn(raw, start, equals);
  if ((keyClasses & ~nameBits) !== 0 || equals - start >= longestWord) {
    scanParts(scan, start, equals, end);
    return;
  }
  scan.word(start, equals + 1, (keyClasses & bits.digit) === 0 ? 0 : tokenFlags.digit);
  scan.setLead(leadOfKey(raw, start, equals), equals + 1);
  scanRest(scan, equals + 1, end);
}

function scanWithAt(scan: Scan, start: number, end: number): void {
  const { raw } = scan;
  const at = raw.indexOf('@', start);
  const dot = raw.indexOf('.', at);
  const isHost = (classesIn(raw, at + 1, end) & ~(letterBits | bits.digit | bits.dot | bits.dash)) === 0;
  if (at > start && dot > at + 1 && dot < end - 1 && isHost && isLetterCode(raw.charCodeAt(end - 1))) {
    scan.add(tokenKinds.email, start, end, 0);
  } else {
    scanParts(scan, start, at, end);
  }
}

function scanWithColon(scan: Scan, start: number, end: number, classes: number): void {
  const { raw } = scan;
  if (isDigitCode(raw.charCodeAt(start))) {
    const addressEnd = endOfIp4(raw, start, end);
    if (addressEnd > 0 && raw.charCodeAt(addressEnd) === colon) {
      scanAddressAndPort(scan, start, addressEnd, end);
      return;
    }
    const isTime = (classes & ~(bits.digit | bits.colon | bits.dot)) === 0 && isTimeOfDay(raw, start, end);
    if (isTime || isStamp(raw, start, end)) {
      scan.add(tokenKinds.timestamp, start, end, tokenFlags.digit);
      return;
    }
  }
  if ((classes & ~(bits.digit | bits.hexLetter | bits.colon | bits.dot)) === 0) {
    const kind = isMac(raw, start, end) ? tokenKinds.mac : kindOfIp6(raw, start, end);
    if (kind > 0) {
      scan.add(kind, start, end, tokenFlags.digit);
      return;
    }
  }
  scanParts(scan, start, raw.indexOf(':', start), end);
}

/** A number, with the unit behind it where it closes its chunk. */
function addNumber(scan: Scan, kind: number, start: number, end: number): void {
  const quantity = end === scan.position ? quantityBehind(scan.raw, end, scan.limit) : undefined;
  scan.add(quantity?.kind ?? kind, start, quantity?.end ?? end, tokenFlags.digit);
  if (quantity !== undefined) scan.position = quantity.end;
}

function scanAddressAndPort(scan: Scan, start: number, addressEnd: number, end: number): void {
  const { raw } = scan;
  scan.add(kindOfIp4(raw, start), start, addressEnd, tokenFlags.digit);
  let portEnd = addressEnd + 1;
  while (portEnd < end && isDigitCode(raw.charCodeAt(portEnd))) portEnd++;
  if (portEnd > addressEnd + 1) scan.add(tokenKinds.port, addressEnd + 1, portEnd, tokenFlags.digit);
  scanRest(scan, portEnd, end);
}

function indexOfTwoDots(raw: string, start: number, end: number): number {
  for (let index = start; index + 1 < end; index++) {
    if (raw.charCodeAt(index) === dot && raw.charCodeAt(index + 1) === dot) return index;
  }
  return -1;
}

/** Letters, digits, dots, dashes, underscores and signs. */
function scanValue(scan: Scan, start: number, end: number, classes: number): void {
  const { raw } = scan;
  if ((classes & bits.dot) !== 0) {
    const dots = indexOfTwoDots(raw, start + 1, end);
    if (dots > 0) {
      // `exception......0`: pair by pair, in one step however many there are.
      let rest = dots + 1;
      while (raw.startsWith('...', rest)) rest += 2;
      scanParts(scan, start, dots, end, rest);
      return;
    }
    if (isHostName(raw, start, end)) {
      scan.add(tokenKinds.host, start, end, 0);
      return;
    }
  }
  if ((classes & bits.digit) === 0) {
    scan.word(start, end, 0);
    return;
  }
  const kind = kindOfValue(raw, start, end, classes);
  if (kind === tokenKinds.word) scan.word(start, end, tokenFlags.digit);
  else if (kind === tokenKinds.number) addNumber(scan, kind, start, end);
  else scan.add(kind, start, end, tokenFlags.digit);
}
