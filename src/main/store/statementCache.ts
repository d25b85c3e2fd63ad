/** @file Statements whose text depends on what is asked, prepared once per text. Texts are made of our own pieces; values are always bound. */
import type { Connection } from './statements.ts';

export type Parameters = Record<string, string | number | null>;
type Prepared<R> = {
  all: (parameters: Parameters) => R[];
  get: (parameters: Parameters) => R | undefined;
  run: (parameters: Parameters) => { changes: number };
  iterate: (parameters: Parameters) => IterableIterator<R>;
};

const mostStatements = 200;

export type StatementCache = ReturnType<typeof createStatementCache>;

export function createStatementCache(db: Connection) {
  const known = new Map<string, unknown>();
  const cached = <R>(key: string, prepare: () => Prepared<R>): Prepared<R> => {
    let statement = known.get(key) as Prepared<R> | undefined;
    if (!statement) {
      if (known.size >= mostStatements) known.clear();
      known.set(key, (statement = prepare()));
    }
    return statement;
  };
  return {
    /** Rows as objects. */
    rows: <R>(sql: string): Prepared<R> => cached(sql, () => db.prepare<Parameters, R>(sql)),
    /** Rows as arrays. */
    raw: <R>(sql: string): Prepared<R> =>
      cached(`raw ${sql}`, () => db.prepare<Parameters, R>(sql).raw() as Prepared<R>),
    /** The first column. */
    values: <R>(sql: string): Prepared<R> =>
      cached(`pluck ${sql}`, () => db.prepare<Parameters, R>(sql).pluck() as Prepared<R>),
  };
}
