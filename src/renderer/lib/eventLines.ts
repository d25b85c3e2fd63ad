/** @file An event of several lines where there is room for one: its first line, and how many more there are. */
import { count } from './words.ts';

export function firstLineOf(raw: string): string {
  const end = raw.indexOf('\n');
  return end < 0 ? raw : raw.slice(0, end);
}

/** "+12 lines"; '' for an event of one line. `isCut`: there may be more than the text that is here shows. */
export function moreLinesText(raw: string, isCut: boolean): string {
  let amount = 0;
  for (let at = raw.indexOf('\n'); at >= 0; at = raw.indexOf('\n', at + 1)) amount++;
  if (amount === 0) return '';
  return `+${count(amount)}${isCut ? ' or more' : ''} ${amount === 1 && !isCut ? 'line' : 'lines'}`;
}
