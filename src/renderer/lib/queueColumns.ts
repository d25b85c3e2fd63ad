/** @file The columns of the queue as a grid: what is chosen, by the room there is. What happened stays readable; the rest gives way. */
import type { ColumnName } from '../state/queueMemory.ts';

const tick = '1.25rem';
/** The bars and the longest word. */
const severity = '5.25rem';
const widths: Record<ColumnName, string> = {
  count: '3.5rem',
  entity: 'minmax(6rem, 7.5rem)',
  seen: '7rem',
  owner: '5.5rem',
  spark: '4rem',
  time: '7.25rem',
};
/** In the order of the screen; the title stands behind the count. */
const order: readonly ColumnName[] = ['count', 'entity', 'seen', 'owner', 'spark', 'time'];
export type Room = 'wide' | 'middle' | 'narrow';

/** Where there is less room, the count stands in front of the title, and the rest in the alert beside the list. */
const kept: Record<Room, readonly ColumnName[]> = {
  wide: order,
  middle: ['entity', 'seen', 'owner', 'time'],
  narrow: ['entity', 'time'],
};

export const columnTitles: Record<ColumnName, string> = {
  count: 'Count',
  entity: 'Entity and host',
  seen: 'Seen before',
  owner: 'Owner',
  spark: '24 hours',
  time: 'Time',
};

export function gridColumns(chosen: readonly ColumnName[], room: Room): string {
  const shown = order.filter((name) => chosen.includes(name) && kept[room].includes(name));
  const [first, ...rest] = shown;
  const tail = (first === 'count' ? rest : shown).map((name) =>
    room === 'narrow' && name === 'entity' ? '6.75rem' : widths[name],
  );
  const lead = first === 'count' ? [severity, widths.count] : [severity];
  return [tick, ...lead, 'minmax(0, 1fr)', ...tail].join(' ');
}
