/**
 * @file Prints how fast the store is on this machine: `node test/store/figures.ts [events]`. Not a test: figures depend on the machine.
 * CPU rates tell more than wall rates where cores are shared.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrations } from '../../src/main/store/migrations/all.ts';
import { openStore } from '../../src/main/store/open.ts';
import type { EventBatch, SessionRecord } from '../../src/main/store/protocol/sources.ts';
import type { TestStore } from './rows.ts';
import {
  actor,
  addModel,
  alertOf,
  asTestStore,
  batchOf,
  now,
  openInput,
  runOf,
  sessionOf,
  totalsOf,
  listed,
} from './rows.ts';

const eventCount = Number(process.argv[2] ?? 100_000);
const batchSize = 4096;

let state = 1;
/** The same numbers in every run. */
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
  return state % below;
}

type Batch = { events: EventBatch; sessions: SessionRecord[] };

function makeBatches(): Batch[] {
  const batches: Batch[] = [];
  for (let first = 0; first < eventCount; first += batchSize) {
    const lines = Array.from({ length: Math.min(batchSize, eventCount - first) }, (_, row) => {
      const at = first + row;
      const [host, user] = [`host-${at % 40}`, `user${at % 500}`];
      const address = `10.${random(255)}.${random(255)}.7`;
      return {
        raw: `Nov 20 13:58:${10 + (at % 50)} ${host} sshd[${random(30_000)}]: Failed password for invalid user ${user} from ${address} port ${random(65_535)} ssh2`,
        host,
        entity: user,
        template: random(300),
        session: Math.max(1, Math.floor(at / 20) - random(50)),
      };
    });
    const ids = [...new Set(lines.map(({ session }) => session))];
    const sessions = ids.map((id) => sessionOf(id, { first: first + 1, last: first + lines.length, count: 20 }));
    batches.push({ events: batchOf(lines, first + 1, first + 1), sessions });
  }
  return batches;
}

async function measure(name: string, rows: number, work: () => unknown): Promise<void> {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const wallMs = performance.now() - wall;
  const { user, system } = process.cpuUsage(cpu);
  const rate = (ms: number): string => `${Math.round((rows / ms) * 1000).toLocaleString('en')}/s`;
  const rates = rows > 1 ? `  ${rate(wallMs)} wall  ${rate((user + system) / 1000)} cpu` : '';
  console.log(`${name.padEnd(44)} ${wallMs.toFixed(1)} ms${rates}`);
}

async function withStore(
  dropped: readonly string[],
  work: (store: TestStore, sourceId: number) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'surprisal-figures-'));
  const drop = {
    version: 9990,
    apply: (db: { exec: (sql: string) => unknown }) => dropped.forEach((index) => db.exec(`DROP INDEX ${index}`)),
  };
  const store = asTestStore(directory, await openStore(openInput(directory), [...migrations, drop]));
  const source = {
    name: 'a.log',
    format: 'syslog3164',
    sizeBytes: 1,
    assumption: { year: 2026, zone: 'UTC' },
  } as const;
  const { sourceId } = await store.ask('begin_source', { ...source, importedAt: now, actor });
  await work(store, sourceId);
  store.close();
  rmSync(directory, { recursive: true });
}

const batches = makeBatches();
const append = async (store: TestStore, sourceId: number): Promise<void> => {
  for (const batch of batches) await store.ask('append_events', { sourceId, templates: [], ...batch });
};

const variants: [string, string[]][] = [
  ['append_events, warming up', []],
  ['append_events, no index', ['event__source_id_line_number', 'event__session_id']],
  ['append_events, (session_id) only', ['event__source_id_line_number']],
  ['append_events, (source_id, line_number) only', ['event__session_id']],
];
for (const [name, dropped] of variants) {
  await withStore(dropped, (store, sourceId) => measure(name, eventCount, () => append(store, sourceId)));
}

await withStore([], async (store, sourceId) => {
  await measure('append_events, as it is', eventCount, () => append(store, sourceId));
  const finish = { sourceId, state: 'ready', sha256: null, totals: totalsOf(eventCount) } as const;
  await measure('finish_source', 1, () =>
    store.ask('finish_source', { ...finish, templates: [], sessions: [], actor }),
  );
  await measure('read_keys', eventCount, async () => {
    for (let after = 0; after < eventCount; after += 65_536) {
      await store.ask('read_keys', { sourceId, afterEventId: after, limit: 65_536 });
    }
  });
  const search = { sourceId, afterEventId: 0, limit: 100, maxChars: 2000 };
  await measure('search_text, not indexed', 1, () => store.ask('search_text', { ...search, text: 'user499 port 77' }));
  await measure('index_text', eventCount, () => store.ask('index_text', undefined));
  await measure('search_text, indexed', 1, () => store.ask('search_text', { ...search, text: 'user499 port 77' }));

  await addModel(store);
  const alertCount = Math.min(eventCount, 100_000);
  const alerts = Array.from({ length: alertCount }, (_, row) =>
    alertOf(row + 1, { signature: row % 2 === 0 ? 'half' : `${row}`, score: 3 + random(500) / 100 }),
  );
  await measure(`replace_run, ${alertCount} alerts`, alertCount, () =>
    store.ask('replace_run', runOf(sourceId, 'r', alerts)),
  );
  const list = listed;
  await measure('list_alerts, first 200', 1, () => store.ask('list_alerts', list));
  await measure('list_alerts, with a text', 1, () => store.ask('list_alerts', { ...list, filter: 'user42' }));
  const verdict = {
    value: 'false_positive_logic',
    note: '',
    analyst: 'x',
    givenAt: now,
    foldExpiresAt: null,
    folds: true,
    minScore: 0,
  } as const;
  const give = (id: string, alertId: string) => store.ask('give_verdict', { ...verdict, verdictId: id, alertId });
  await measure('give_verdict, nothing alike', 1, () => give('a', 'alert-2'));
  await measure(`give_verdict, ${alertCount / 2 - 1} alike`, 1, () => give('b', 'alert-1'));
  await measure('undo_verdict of it', 1, () => store.ask('undo_action', { actor, minScore: 0 }));
  await measure('redo_verdict of it', 1, () => store.ask('redo_action', { actor, minScore: 0 }));
});
