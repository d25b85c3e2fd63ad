/** @file The alerts that an action is done to, laid out in a table of this connection's own, so that everything after is done to all at once. */
import type { AlertSelection } from '../../shared/actions.ts';
import { compileQuery, type QueryInput } from './alertQuery.ts';
import type { StatementCache } from './statementCache.ts';
import type { Connection } from './statements.ts';
import type { TextIndex } from './textIndex.ts';

export type TargetInput = { selection: AlertSelection } & Pick<QueryInput, 'minScore' | 'now' | 'analyst'>;

export type Targets = ReturnType<typeof prepareTargets>;

export function prepareTargets(db: Connection, parts: { textIndex: TextIndex; cache: StatementCache }) {
  const { textIndex, cache } = parts;
  db.exec(`CREATE TEMP TABLE IF NOT EXISTS target (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, signature TEXT NOT NULL, decided_by INTEGER, owner TEXT) STRICT`);
  const columns = 'alert.number, alert.id, alert.signature, alert.decided_by, alert.owner';
  const clear = db.prepare<[]>('DELETE FROM temp.target');
  const addIds = db.prepare<[string]>(
    `INSERT OR IGNORE INTO temp.target SELECT ${columns} FROM json_each(?) AS wanted CROSS JOIN alert ON alert.id = wanted.value`,
  );
  const count = db.prepare<[], number>('SELECT count(*) FROM temp.target').pluck();
  const first = db.prepare<[], { id: string; number: number }>(
    'SELECT id, number FROM temp.target ORDER BY number LIMIT 1',
  );
  const signatures = db.prepare<[], string>('SELECT DISTINCT signature FROM temp.target').pluck();
  return {
    /** Takes the place of what was laid out before; belongs into the transaction that uses it. Returns how many. */
    lay: ({ selection, ...context }: TargetInput): number => {
      clear.run();
      if (selection.kind === 'ids') addIds.run(JSON.stringify(selection.ids));
      else {
        const query = compileQuery({ ...selection.query, ...context }, textIndex);
        const sql = `INSERT INTO temp.target SELECT ${columns} FROM alert
          WHERE alert.state = @state AND alert.score >= @minScore ${query.where}
            AND alert.id NOT IN (SELECT value FROM json_each(@except))`;
        for (const state of query.states)
          cache.rows(sql).run({ ...query.of(state), except: JSON.stringify(selection.except) });
      }
      return count.get() ?? 0;
    },
    count: (): number => count.get() ?? 0,
    first: () => first.get() ?? null,
    signatures: () => signatures.all(),
  };
}
