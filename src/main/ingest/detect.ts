/** @file Which format a file has, from a sample of its lines. */
import type { FormatId } from '../../shared/lines.ts';
import { formatReaders, formatsBySpecificity } from './formats/registry.ts';
import { isContinuation } from './records.ts';
import { StampClock } from './stampClock.ts';

export type FormatShare = { format: FormatId; share: number };
export type FormatDetection = FormatShare & {
  /** Every format with the share of sample lines that fit it, best first; `plain` is last with 1. */
  ranking: FormatShare[];
};

/** A format that falls behind the best by no more than this is as good; of such the most specific is chosen. */
const tiedShare = 0.02;
/** Below this share the lines that happen to fit are strays and the file is read as plain lines. */
const leastShare = 0.5;

/**
 * Detects the format of `lines`, a sample from the start of a file. Blank lines and continuation lines (stack traces) do not
 * count; lines that do not fit stay readable as plain ones.
 */
export function detectFormat(lines: readonly string[]): FormatDetection {
  const counted = lines.filter((line) => line !== '' && !isContinuation(line));
  const ranking: FormatShare[] = formatsBySpecificity.map((format) => {
    const clock = new StampClock({ year: 2000, zone: null });
    const read = formatReaders[format];
    const fitting = counted.filter((line) => read(line, clock) !== null).length;
    return { format, share: counted.length === 0 ? 0 : fitting / counted.length };
  });
  const bestShare = Math.max(...ranking.map(({ share }) => share));
  const best = bestShare >= leastShare ? ranking.find(({ share }) => share >= bestShare - tiedShare) : undefined;
  ranking.sort((left, right) => right.share - left.share);
  ranking.push({ format: 'plain', share: 1 });
  return { ...(best ?? { format: 'plain', share: 1 }), ranking };
}
