/** @file How SQLite runs every statement of the store. Catches one that walks all events or alerts where an index would do. */
import type { Database as Connection } from 'better-sqlite3';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { alertPageSql, countSql } from '../../src/main/store/alerts.ts';
import { createMethods } from '../../src/main/store/methods.ts';
import { migrate } from '../../src/main/store/migrate.ts';
import { migrations } from '../../src/main/store/migrations/all.ts';

function open(): Connection {
  const db = new Database(':memory:');
  migrate(db, migrations);
  return db;
}

function planOf(db: Connection, sql: string): string[] {
  const names = [...sql.matchAll(/@(\w+)/g)].map((match) => match[1] as string);
  const count = [...sql.matchAll(/\?/g)].length;
  const statement = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  const rows =
    names.length > 0
      ? statement.all(Object.fromEntries(names.map((name) => [name, null])))
      : statement.all(...Array<null>(count).fill(null));
  return rows.map(({ detail }) => detail);
}

/** Every statement that the store prepares. */
function statements(db: Connection): string[] {
  const seen: string[] = [];
  const spy = new Proxy(db, {
    get(target, name) {
      if (name === 'prepare') {
        return (sql: string) => {
          seen.push(sql);
          return target.prepare(sql);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  createMethods(spy);
  return seen;
}

test('no statement walks a large table', () => {
  const db = open();
  const large = /^SCAN (event|alert|session|verdict|folded_alert|audit|alike|given|later|standing_verdict)\b/;
  const allowed = [
    /FROM audit ORDER BY sequence DESC LIMIT 1/, // its last row
    /FROM verdict NOT INDEXED .* DESC LIMIT 1/, // from the newest on, to the first one given
    /FROM standing_verdict ORDER BY number DESC LIMIT 1/, // from the newest on, to the first one that stands
    /FROM \(SELECT \* FROM event WHERE id > @after AND id <= @last ORDER BY id LIMIT 200000\)/, // bounded
    /SELECT alert.score, verdict.value FROM verdict/, // every verdict is what is asked for
  ];
  const walks = statements(db)
    .map((sql) => sql.replace(/\s+/g, ' '))
    .filter((sql) => !allowed.some((pattern) => pattern.test(sql)))
    .flatMap((sql) =>
      planOf(db, sql)
        .filter((detail) => large.test(detail))
        .map((detail) => `${detail} | ${sql}`),
    );
  expect(walks).toEqual([]);
});

test.each([
  [
    'severity',
    'SEARCH alert USING INDEX alert__state_severity_score_event_id (state=? AND (severity,score,event_id)<(?,?,?))',
  ],
  ['time', 'SEARCH alert USING INDEX alert__state_order_at_event_id_score (state=? AND (order_at,event_id)<(?,?))'],
] as const)('a page by %s starts at its cursor and is not sorted', (order, search) => {
  const db = open();
  for (const text of [false, true]) {
    const plan = planOf(db, alertPageSql(order, { cursor: true, text }));
    expect(plan[0]).toBe(search);
    expect(plan.filter((detail) => detail.includes('TEMP B-TREE'))).toEqual([]);
  }
});

// Not called covering, as the state is a generated column; the row itself is fetched only when it is needed, which is never.
test('counting starts at the threshold of each severity', () => {
  expect(planOf(open(), countSql)).toEqual([
    'SEARCH alert USING INDEX alert__state_severity_score_event_id (state=? AND severity=? AND score>?)',
  ]);
});
