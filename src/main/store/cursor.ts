/** @file Where a page of alerts ended, as text for the next request. It comes back from outside and is checked. */
import { AppError } from '../../shared/errors.ts';

/** Sort keys of the last row: severity and score, or time; then its number. */
export type AlertCursor = { first: number; second: number; number: number };

export function formatCursor(order: 'severity' | 'time', { first, second, number }: AlertCursor): string {
  return `${order}:${first}:${second}:${number}`;
}

/** Throws BAD_REQUEST for text that is no cursor, or one of another order. */
export function parseCursor(text: string, order: 'severity' | 'time'): AlertCursor {
  const [name, ...keys] = text.split(':');
  const [first, second, number] = keys.map((key) => (key === '' ? NaN : Number(key)));
  const areNumbers = Number.isFinite(first) && Number.isFinite(second) && Number.isFinite(number);
  if (name !== order || keys.length !== 3 || !areNumbers) {
    throw new AppError('BAD_REQUEST', 'The page does not continue a list of this order. Ask for the first page again.');
  }
  return { first: first as number, second: second as number, number: number as number };
}
