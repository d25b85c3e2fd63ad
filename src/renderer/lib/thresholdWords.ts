/** @file What a threshold that moved did to the list, in words. */
import { plural } from './words.ts';

/** "4 alerts fell below the new threshold."; nothing moved: an empty text. */
export function movedText(openMoved: number): string {
  if (openMoved === 0) return '';
  return `${plural(Math.abs(openMoved), 'alert')} ${openMoved < 0 ? 'fell below' : 'came above'} the new threshold.`;
}
