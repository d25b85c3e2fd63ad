/**
 * @file Counts of alerts, kept until something is written. Each looks at every open alert, and after one verdict the answer, the list, the status
 * and whoever is told ask for the same.
 */
import type { AlertCounts } from '../../shared/alertLists.ts';
import type { Connection } from './statements.ts';

/** Of the threshold before and the one in force. */
const mostKept = 4;

export function countsAsked(db: Connection, count: (minScore: number, analyst: string) => AlertCounts) {
  const changesHere = db.prepare<[], number>('SELECT total_changes()').pluck();
  const kept = new Map<string, AlertCounts>();
  let stamp = '';
  /** Another one when a row was written, here or over another connection. */
  const currentStamp = (): string => `${changesHere.get()} ${db.pragma('data_version', { simple: true }) as number}`;

  return {
    of: (minScore: number, analyst: string): AlertCounts => {
      // What is written here may yet be taken back.
      if (db.inTransaction) return count(minScore, analyst);
      const now = currentStamp();
      if (now !== stamp || kept.size >= mostKept) kept.clear();
      stamp = now;
      const asked = `${minScore} ${analyst}`;
      let found = kept.get(asked);
      if (!found) kept.set(asked, (found = count(minScore, analyst)));
      return found;
    },
    /** Does what writes, and moves no alert from one count to another. */
    unchangedBy: (write: () => void): void => {
      const isKept = stamp === currentStamp();
      write();
      if (isKept) stamp = currentStamp();
    },
  };
}
