/** @file Settings as JSON by key; the analyst's and the workspace's name are settings too. */
import { AppError } from '../../shared/errors.ts';
import type { Audit } from './audit.ts';
import type { Connection, Input } from './statements.ts';
import { inTransaction } from './statements.ts';

export type Settings = ReturnType<typeof prepareSettings>;

export function prepareSettings(db: Connection, audit: Audit) {
  const read = db.prepare<[string], string>('SELECT value FROM setting WHERE key = ?').pluck();
  const write = db.prepare<[string, string]>(
    'INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const get = (key: string): unknown => {
    const json = read.get(key);
    return json === undefined ? null : (JSON.parse(json) as unknown);
  };
  return {
    /** Null where nothing was set. */
    get,
    text: (key: string): string => {
      const value = get(key);
      return typeof value === 'string' ? value : '';
    },
    set: ({ key, value, actor }: Input<'set_setting'>): undefined => {
      const json = JSON.stringify(value);
      if (typeof json !== 'string') throw new AppError('BAD_REQUEST', `The setting "${key}" was given no JSON value.`);
      inTransaction(db, () => {
        write.run(key, json);
        audit.append({ action: 'setting.set', subject: key, details: {}, actor });
      });
    },
  };
}
