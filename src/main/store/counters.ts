/** @file Consecutive numbers that are never given twice. */
import type { Connection } from './statements.ts';

export type CounterName = 'source' | 'event' | 'session' | 'alert' | 'case' | 'model' | 'classifier';

export type Counters = ReturnType<typeof prepareCounters>;

export function prepareCounters(db: Connection) {
  const read = db.prepare<[CounterName], number>('SELECT next FROM counter WHERE name = ?').pluck();
  const take = db.prepare<[number, CounterName]>('UPDATE counter SET next = next + ? WHERE name = ?');
  const raise = db.prepare<[number, CounterName]>('UPDATE counter SET next = max(next, ?) WHERE name = ?');
  const peek = (name: CounterName): number => {
    const next = read.get(name);
    if (next === undefined) throw new Error(`There is no counter "${name}".`);
    return next;
  };
  return {
    /** The number that comes next. */
    peek,
    /** Takes `count` numbers and gives the first. */
    take: (name: CounterName, count = 1): number => {
      const first = peek(name);
      take.run(count, name);
      return first;
    },
    /** Says that numbers up to `last` are taken. */
    raise: (name: CounterName, last: number): void => {
      raise.run(last + 1, name);
    },
  };
}
