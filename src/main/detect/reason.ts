/** @file In one sentence why an event surprised. The sentences are ours and hold no text of the log. */
import type { ReasonKind } from '../../shared/domain.ts';
import { lineSeverities } from '../../shared/lines.ts';

/** A known kind rarer than one in so many training events is rare wherever it comes. */
const rareShare = 1e-4;

export function reasonOf(event: { isEnd: boolean; isUnseen: boolean; trainingShare: number }): ReasonKind {
  if (event.isEnd) return 'end';
  if (event.isUnseen) return 'unseen';
  return event.trainingShare < rareShare ? 'rare' : 'order';
}

/** `severity` is an index into lineSeverities, -1 where the line says none. */
export function titleOf(reason: ReasonKind, severity: number, surprisingEvents: number): string {
  const level = severity >= 3 ? lineSeverities[severity] : undefined;
  const more = surprisingEvents > 1 ? `, and ${surprisingEvents - 1} more that surprised` : '';
  switch (reason) {
    case 'unseen':
      return `${level ? `${capital(level)} line` : 'Line'} of a kind never seen in training${more}`;
    case 'rare':
      return `${level ? `${capital(level)} line` : 'Line'} of a kind that training saw hardly ever${more}`;
    case 'order':
      return `Known kind of line where others were expected${more}`;
    case 'end':
      return `Session ended where sessions go on${more}`;
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
