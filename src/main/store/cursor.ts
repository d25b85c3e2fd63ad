/** @file Where a page of alerts ended, as text for the next request. It comes back from outside and is checked. */
import { AppError } from '../../shared/errors.ts';

/** Sort keys of the last row: severity and score, or time; then its event. */
export type AlertCursor = { first: number; second: number; eventId: number };

export function formatCursor(order: 'severity' | 'time', { first, second, eventId }: AlertCursor): string {
  return `${order}:${first}:${second}:${eventId}`;
}

/** Throws BAD_REQUEST for text that is no cursor, or one of another order. */
export function parseCursor(text: string, order: 'severity' | 'time'): AlertCursor {
  const [name, ...keys] = text.split(':');
  const [first, second, eventId] = keys.map((key) => (key === '' ? NaN : Number(key)));
  const areNumbers = Number.isFinite(first) && Number.isFinite(second) && Number.isFinite(eventId);
  if (name !== order || keys.length !== 3 || !areNumbers) {
    throw new AppError('BAD_REQUEST', 'The page does not continue a list of this order. Ask for the first page again.');
  }
  return { first: first as number, second: second as number, eventId: eventId as number };
}
