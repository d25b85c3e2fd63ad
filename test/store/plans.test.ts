/** @file How SQLite runs every statement of the store. Catches one that walks all events or alerts where an index would do. */
import type { Database as Connection } from 'better-sqlite3';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { compileQuery } from '../../src/main/store/alertQuery.ts';
import { alertPageSql, countNewSql, countSql } from '../../src/main/store/alerts.ts';
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
  const large = /^SCAN (event|alert|session|verdict|folded_alert|audit|alike|given|later|standing_verdict|api_line)\b/;
  const allowed = [
    /FROM audit ORDER BY sequence DESC LIMIT 1/, // its last row
    /FROM verdict NOT INDEXED .* DESC LIMIT 1/, // from the newest on, to the first one given
    /FROM standing_verdict ORDER BY number DESC LIMIT 1/, // from the newest on, to the first one that stands
    /FROM \(SELECT \* FROM event WHERE id > @after AND id <= @last ORDER BY id LIMIT 200000\)/, // bounded
    /SELECT verdict.value, count\(\*\) AS count FROM alert CROSS JOIN verdict .* GROUP BY verdict.value/, // counts every verdict
    /FROM alert NOT INDEXED LEFT JOIN alert AS head .* GROUP BY quarter, alert.severity/, // all that was flagged is what is asked for
    /FROM alert INDEXED BY alert__decided .* GROUP BY alert.signature/, // every verdict is what is asked for
    /AS truePositives, .* FROM alert INDEXED BY alert__decided/, // every verdict is what is asked for
    /FROM verdict WHERE kind = 'given' AND alert_count = 1 ORDER BY number DESC LIMIT 2000/, // bounded
    /FROM alert INDEXED BY alert__(sampled|missed) /, // a bounded sample, and what analysts named
    /FROM \(SELECT min\(number\) AS number, decided_by, NULL AS weight FROM alert INDEXED BY alert__decided/, // every verdict is what is asked for
    /SELECT number FROM alert WHERE \(@decidedOnly = 0 AND .* ORDER BY session_id, event_id/, // a replay goes through every alert
    /FROM alert INDEXED BY alert__decided CROSS JOIN verdict .* ORDER BY alert.decided_by, alert.number/, // retraining learns from every verdict
    /SELECT count\(\*\) FROM standing_verdict WHERE at > \?/, // asked when a rule retrains, of verdicts alone
    /FROM audit INDEXED BY audit__model_use WHERE/, // by an index of the changes of the model in use, which are few
    /FROM verdict AS many .* WHERE many.alert_count > 1/, // by an index of those on many, which are few
    /FROM \(SELECT event_id, source_id, template_id, entity_kind, detector FROM alert WHERE state <> 'sampled' ORDER BY number DESC LIMIT 20000\)/, // bounded
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

// Bug: a log that is followed has a run for each version of the threshold that judged it. With 3,000 of them each verdict took half a second longer, and
// figures of learning twenty.
test('runs of a log are not looked through for each of them, or for each alert', () => {
  const db = open();
  const walks = statements(db).filter((sql) => {
    const plan = planOf(db, sql);
    const inner = plan.findIndex((detail) => detail.startsWith('CORRELATED'));
    const isOfMany = plan.slice(0, inner).some((detail) => /^(SCAN|SEARCH) (run|alert)\b/.test(detail));
    return inner > 0 && isOfMany && plan.slice(inner).some((detail) => detail.includes('INDEX run__source_id'));
  });
  expect(walks).toEqual([]);
});

/** What a filter of every kind of term makes of a statement over alerts. */
function conditionsOf(filter: string): string {
  const query = { tab: 'open', filter, zone: 'UTC', asOf: 9, minScore: 0, now: 0, analyst: 'x' } as const;
  return compileQuery(query, { unindexed: () => [{ sourceId: 1, after: 5, last: 9 }] }).where;
}

const everyTerm =
  'user:root host:lab-* source:a entity:b severity>=high score>5 bits:3 template:t4 reason:rare verdict:none owner:me case:C-3 ' +
  'title:x line:"a b" -words last:24h raised<today is:new signature:aa address:10.* detector:key';

test.each([
  [
    'severity',
    /^SEARCH alert USING INDEX alert__by_severity \(state=\? AND (?:.*)?\(severity,score,event_id\)<\(\?,\?,\?\)\)$/,
  ],
  ['time', /^SEARCH alert USING INDEX alert__by_time \(state=\? AND .*\(order_at,event_id\)<\(\?,\?\)\)$/],
] as const)('a page by %s starts at its place and is not sorted, whatever the filter', (order, search) => {
  const db = open();
  for (const where of ['', conditionsOf(everyTerm)]) {
    const plan = planOf(db, alertPageSql(order, { after: true, until: false, where }));
    expect(plan[0]).toMatch(search);
    expect(plan.filter((detail) => detail.includes('TEMP B-TREE'))).toEqual([]);
    expect(plan.filter((detail) => /^SCAN (alert|event|line|verdict|given|held)\b/.test(detail))).toEqual([]);
  }
});

test('alerts of an actor by surprise are those of the actor, sorted, and not all that are open', () => {
  const where = conditionsOf('actor:aa');
  const [search] = planOf(open(), alertPageSql('surprise', { after: false, until: false, where }));
  expect(search).toMatch(/^SEARCH alert USING INDEX alert__actor \(actor=\?/);
});

test('a step of a scan ends where it is told', () => {
  const plan = planOf(open(), alertPageSql('severity', { after: true, until: true }));
  expect(plan[0]).toMatch(
    /^SEARCH alert USING INDEX alert__by_severity \(state=\? AND \(severity,score,event_id\)[<>]/,
  );
});

test('what came since is found by number', () => {
  const [search] = planOf(open(), countNewSql(conditionsOf('user:root')));
  expect(search).toMatch(/^SEARCH alert USING INTEGER PRIMARY KEY \(rowid>/);
});

// Not called covering, as the state is a generated column; the row itself is fetched only when it is needed, which is never.
test('counting starts at the threshold of each severity', () => {
  expect(planOf(open(), countSql)).toEqual([
    'SEARCH alert USING INDEX alert__by_severity (state=? AND severity=? AND score>?)',
  ]);
});
