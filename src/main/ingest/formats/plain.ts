/** @file Lines without a format: all of the line is message. */
import type { ParsedLine } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import { plainLine } from './scan.ts';

export function parsePlain(raw: string, _clock: StampClock): ParsedLine | null {
  return plainLine(raw, true);
}
