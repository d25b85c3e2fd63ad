/** @file Which function reads which format. The order is that of detection: the more specific format wins a tie. */
import type { FormatId, ParsedLine } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import { parseBgl } from './bgl.ts';
import { parseCombined } from './combined.ts';
import { parseJsonLine } from './jsonl.ts';
import { parsePlain } from './plain.ts';
import { parseStamped } from './stamped.ts';
import { parseSyslog3164 } from './syslog3164.ts';

/** Null where the line does not fit. Keeps no state but the clock's. */
export type FormatReader = (raw: string, clock: StampClock) => ParsedLine | null;

export const formatReaders: Readonly<Record<FormatId, FormatReader>> = {
  bgl: parseBgl,
  combined: parseCombined,
  jsonl: parseJsonLine,
  syslog3164: parseSyslog3164,
  stamped: parseStamped,
  plain: parsePlain,
};

export const formatsBySpecificity: readonly FormatId[] = ['bgl', 'combined', 'jsonl', 'syslog3164', 'stamped'];
