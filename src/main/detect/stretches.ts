/** @file Where the stretches of a session lie that detectors look at as a whole. */
import { stretchEvents, type SessionPartView, type TrainingSession } from './detector.ts';

/** Events `from` to `to` of the part lie in one stretch; `isDone`: it ends with them. Calls in order, and not at all for a part without events. */
export function visitStretches(
  { firstEvent, count, isLast }: Pick<SessionPartView, 'firstEvent' | 'count' | 'isLast'>,
  isWhole: boolean,
  visit: (from: number, to: number, isDone: boolean) => void,
): void {
  for (let from = 0; from < count;) {
    const left = isWhole ? Infinity : stretchEvents - ((firstEvent + from) % stretchEvents);
    const to = Math.min(count, from + left);
    visit(from, to, to - from === left || (isLast && to === count));
    from = to;
  }
}

/**
 * The stretches of a session that was learned from, but for a last one that was not seen to its end: what it lacks would become normal.
 */
export function* stretchesOf(
  { ids, hasEnd }: TrainingSession,
  isWhole: boolean,
): Generator<readonly number[] | Int32Array> {
  const step = isWhole ? ids.length : stretchEvents;
  for (let from = 0; from < ids.length; from += step) {
    if (from + step > ids.length || isWhole ? hasEnd : true) yield ids.slice(from, from + step);
  }
}
