/** @file Why a version of the threshold came, and what one that moved did to the list, in words. */
import { presetNames } from '../../shared/presets.ts';
import type { Threshold } from '../../shared/thresholds.ts';
import { plural } from './words.ts';

export function reasonText({
  reason,
  verdictCount,
  preset,
}: Pick<Threshold, 'reason' | 'verdictCount' | 'preset'>): string {
  switch (reason) {
    case 'verdicts':
      return verdictCount === 0 ? 'no verdict on its alerts stands' : `from ${plural(verdictCount, 'verdict')}`;
    case 'budget':
      return 'budget changed';
    case 'drift':
      return 'follows the log';
    case 'learned':
      return 'with the model';
    case 'preset':
      return `preset ${presetNames[preset.kind]}`;
    case 'reverted':
      return 'put back';
  }
}

/** "4 alerts fell below the new threshold."; nothing moved: an empty text. */
export function movedText(openMoved: number): string {
  if (openMoved === 0) return '';
  return `${plural(Math.abs(openMoved), 'alert')} ${openMoved < 0 ? 'fell below' : 'came above'} the new threshold.`;
}
