/** @file Which function reads which format. The order is that of detection: the more specific format wins a tie. */
import type { FormatId, ParsedLine } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import { parseApacheError } from './apacheError.ts';
import { parseAuditd } from './auditd.ts';
import { parseBgl } from './bgl.ts';
import { parseCombined } from './combined.ts';
import { parseJournald } from './journald.ts';
import { parseJsonLine } from './jsonl.ts';
import { parseLog4j } from './log4j.ts';
import { parseNginxError } from './nginxError.ts';
import { parsePlain } from './plain.ts';
import { parseStamped } from './stamped.ts';
import { parseSyslog3164 } from './syslog3164.ts';
import { parseSyslog5424 } from './syslog5424.ts';
import { parseWindows } from './windows.ts';

/** Null where the line does not fit. Keeps no state but the clock's. */
export type FormatReader = (raw: string, clock: StampClock) => ParsedLine | null;

export const formatReaders: Readonly<Record<FormatId, FormatReader>> = {
  bgl: parseBgl,
  auditd: parseAuditd,
  combined: parseCombined,
  apacheError: parseApacheError,
  nginxError: parseNginxError,
  windows: parseWindows,
  journald: parseJournald,
  jsonl: parseJsonLine,
  syslog5424: parseSyslog5424,
  syslog3164: parseSyslog3164,
  log4j: parseLog4j,
  stamped: parseStamped,
  plain: parsePlain,
};

export const formatsBySpecificity: readonly FormatId[] = [
  'bgl',
  'auditd',
  'combined',
  'apacheError',
  'nginxError',
  'windows',
  'journald',
  'jsonl',
  'syslog5424',
  'syslog3164',
  'log4j',
  'stamped',
];
