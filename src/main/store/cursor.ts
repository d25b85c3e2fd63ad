/** @file Where an alert stands in an order, as text for the next request. It comes back from outside and is checked. */
import type { ListOrder } from '../../shared/alertLists.ts';
import { AppError } from '../../shared/errors.ts';

/** Sort keys: severity and score, time, or perplexity and score; then the event. */
export type AlertCursor = { first: number; second: number; eventId: number };

export function formatCursor(order: ListOrder, { first, second, eventId }: AlertCursor): string {
  return `${order}:${first}:${second}:${eventId}`;
}

/** Throws BAD_REQUEST for text that is no cursor, or one of another order. */
export function parseCursor(text: string, order: ListOrder): AlertCursor {
  const [name, ...keys] = text.split(':');
  const [first, second, eventId] = keys.map((key) => (key === '' ? NaN : Number(key)));
  const areNumbers = Number.isFinite(first) && Number.isFinite(second) && Number.isFinite(eventId);
  if (name !== order || keys.length !== 3 || !areNumbers) {
    throw new AppError('BAD_REQUEST', 'The page does not continue a list of this order. Ask for the first page again.');
  }
  return { first: first as number, second: second as number, eventId: eventId as number };
}

/** Negative where `left` comes first: lists go from the largest keys down. */
export function compareCursors(left: AlertCursor, right: AlertCursor): number {
  return right.first - left.first || right.second - left.second || right.eventId - left.eventId;
}
