/**
 * @file Lines of the BlueGene/L and Thunderbird machines. Their first column is an administrator's label: it belongs to the
 * evaluation only and no span ever covers it.
 */
import type { ParsedLine, Span } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import { code, digits, endOfDigits, endOfToken, isDigit, messageFrom, severityOf, skipSpaces } from './scan.ts';
import { readTag } from './syslog3164.ts';

/** Null where the line is none of the two. The epoch seconds are UTC and authoritative; the local stamps are not read. */
export function parseBgl(raw: string, _clock: StampClock): ParsedLine | null {
  const labelEnd = endOfToken(raw, 0);
  const secondsStart = labelEnd + 1;
  const secondsEnd = endOfDigits(raw, secondsStart);
  if (labelEnd === 0 || labelEnd > 64 || secondsEnd !== secondsStart + 10) return null;
  const dateStart = secondsEnd + 1;
  // 2005.06.03
  if (raw.charCodeAt(dateStart + 4) !== code.dot || raw.charCodeAt(dateStart + 7) !== code.dot) return null;
  if (!isDigit(raw.charCodeAt(dateStart)) || raw.charCodeAt(dateStart + 10) !== code.space) return null;
  const nodeStart = dateStart + 11;
  const nodeEnd = endOfToken(raw, nodeStart);
  const stampStart = nodeEnd + 1;
  if (nodeEnd === nodeStart || nodeEnd >= raw.length) return null;
  const at = digits(raw, secondsStart, 10) * 1000;
  const node: Span = { start: nodeStart, end: nodeEnd };
  if (isDigit(raw.charCodeAt(stampStart))) return blueGene(raw, stampStart, at, node);
  return thunderbird(raw, stampStart, at, node);
}

/** Behind the node: `2005-06-28-16.06.40.120450 NODE RAS KERNEL INFO message`. The facility is the process. */
function blueGene(raw: string, stampStart: number, at: number, node: Span): ParsedLine | null {
  if (raw.charCodeAt(stampStart + 4) !== code.dash || raw.charCodeAt(stampStart + 10) !== code.dash) return null;
  const repeatEnd = endOfToken(raw, endOfToken(raw, stampStart) + 1);
  const typeEnd = endOfToken(raw, repeatEnd + 1);
  const facilityEnd = endOfToken(raw, typeEnd + 1);
  const levelEnd = endOfToken(raw, facilityEnd + 1);
  if (facilityEnd <= typeEnd + 1) return null;
  const severity = severityOf(raw, facilityEnd + 1, levelEnd);
  return {
    fits: true,
    at,
    severity,
    host: { start: node.start, end: node.end },
    process: { start: typeEnd + 1, end: Math.min(facilityEnd, raw.length) },
    processId: null,
    kind: null,
    subject: node,
    user: null,
    message: messageFrom(raw, Math.min(severity === null ? facilityEnd : levelEnd, raw.length)),
  };
}

/** Behind the node: `Feb 15 02:40:00 tn014/tn014 crond(pam_unix)[4021]: message`. */
function thunderbird(raw: string, stampStart: number, at: number, node: Span): ParsedLine | null {
  const dayStart = skipSpaces(raw, endOfToken(raw, stampStart));
  const timeStart = skipSpaces(raw, endOfToken(raw, dayStart));
  if (raw.charCodeAt(timeStart + 2) !== code.colon || raw.charCodeAt(timeStart + 5) !== code.colon) return null;
  const locationStart = skipSpaces(raw, timeStart + 8);
  const line = readTag(raw, endOfToken(raw, locationStart), at, null, { start: node.start, end: node.end });
  line.subject = node;
  return line;
}
