/** @file Jobs from the asking to their end, so that a start of the app knows what was cut off. What an input means is the app's to say. */
import type { UnfinishedJob } from './protocol/workspace.ts';
import type { Connection, Input } from './statements.ts';
import { inTransaction } from './statements.ts';

type Row = Omit<UnfinishedJob, 'input'> & { input: string };

export type StoredJobs = ReturnType<typeof prepareJobs>;

export function prepareJobs(db: Connection) {
  const insert = db.prepare<[string, string, string, string, number]>(
    'INSERT INTO job (id, kind, subject, input, started_at) VALUES (?, ?, ?, ?, ?)',
  );
  const list = db.prepare<[], Row>(
    'SELECT id, kind, subject, input, started_at AS startedAt, place, attempts FROM job ORDER BY sequence',
  );
  const setInput = db.prepare<[string, string]>('UPDATE job SET input = ? WHERE id = ?');
  const begin = db.prepare<{ id: string; place: string }>(
    `UPDATE job SET attempts = CASE WHEN place = @place THEN attempts + 1 ELSE 1 END, place = @place WHERE id = @id`,
  );
  const suspend = db.prepare<[string]>('UPDATE job SET attempts = max(0, attempts - 1) WHERE id = ?');
  const remove = db.prepare<[string]>('DELETE FROM job WHERE id = ?');
  return {
    add: ({ id, kind, subject, input, startedAt }: Input<'add_job'>): undefined => {
      insert.run(id, kind, subject, JSON.stringify(input), startedAt);
    },
    /** In the order they were asked for. */
    list: (): UnfinishedJob[] => list.all().map((row) => ({ ...row, input: JSON.parse(row.input) as unknown })),
    setInput: ({ id, input }: Input<'set_job_input'>): undefined => {
      setInput.run(JSON.stringify(input), id);
    },
    begin: (input: Input<'begin_job'>): undefined => {
      begin.run(input);
    },
    suspend: ({ ids }: Input<'suspend_jobs'>): undefined => {
      inTransaction(db, () => {
        for (const id of ids) suspend.run(id);
      });
    },
    end: ({ id }: Pick<Input<'end_job'>, 'id'>): undefined => {
      remove.run(id);
    },
  };
}
