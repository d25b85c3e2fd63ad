/** @file Values beside their events. Catches a value that is another event's, one that outlives its log, and a log without any that is read as one with. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { packValues, unpackValues } from '../../src/main/store/valueBlock.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { emptyValues, type EventValues } from '../../src/shared/eventValues.ts';
import Database from 'better-sqlite3';
import { openTestStore } from './helpers.ts';
import { actor, batchOf, importLines, now, templateOf, totalsOf, type TestStore } from './rows.ts';

/** Of event `id`: values that no other event has. */
function valuesOf(ids: readonly number[]): EventValues {
  const values = emptyValues(ids.length);
  ids.forEach((id, row) => {
    values.lineHashes[row] = 2 ** 52 + id;
    values.users[row] = id % 3;
    values.networks[row] = id * 1000;
    values.hosts[row] = 7;
    values.outcomes[row] = id % 3;
    values.flags[row] = id % 4;
    values.shapes.fill(id, 8 * row, 8 * row + 8);
  });
  return values;
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

const beginInput = {
  name: 'a.log',
  format: 'plain',
  sizeBytes: 1,
  assumption: { year: null, zone: null },
  importedAt: now,
  actor,
} as const;

/** A source of batches of these sizes; without values where `isKnown` says so. */
async function importBatches(store: TestStore, sizes: readonly number[], isKnown = true): Promise<number> {
  const { sourceId, nextEventId } = await store.ask('begin_source', beginInput);
  let first = nextEventId;
  for (const size of sizes) {
    const lines = range(first, size).map((id) => ({ raw: `line ${id}`, session: nextEventId }));
    const events = batchOf(lines, first, first - nextEventId + 1);
    const values = isKnown ? valuesOf(range(first, size)) : null;
    await store.ask('append_events', {
      sourceId,
      events: { ...events, values },
      templates: [templateOf(0)],
      sessions: [],
    });
    first += size;
  }
  const totals = totalsOf(first - nextEventId);
  await store.ask('finish_source', {
    sourceId,
    state: 'ready',
    sha256: null,
    totals,
    templates: [],
    sessions: [],
    actor,
  });
  return sourceId;
}

test('every page has the values of the events that the page of keys has', async () => {
  const store = await openTestStore();
  await importBatches(store, [3]);
  const old = await importBatches(store, [4], false);
  const sourceId = await importBatches(store, [1, 5, 2, 7, 1]);
  await importBatches(store, [6]);
  for (let after = 0; after <= 30; after++) {
    for (const limit of [1, 3, 6, 100]) {
      const input = { sourceId, afterEventId: after, limit };
      const { eventIds } = await store.ask('read_keys', input);
      expect(await store.ask('read_values', input), `after ${after}, ${limit}`).toEqual(valuesOf([...eventIds]));
    }
  }
  expect(await store.ask('read_values', { sourceId: old, afterEventId: 0, limit: 9 })).toEqual(emptyValues(4));
  await expect(store.ask('read_values', { sourceId: 99, afterEventId: 0, limit: 9 })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a batch whose values do not fit its events is refused whole', async () => {
  const store = await openTestStore();
  const { sourceId } = await store.ask('begin_source', beginInput);
  const events = {
    ...batchOf([{ raw: 'a' }, { raw: 'b' }], 1),
    values: { ...valuesOf([1, 2]), flags: new Uint8Array(1) },
  };
  const input = { sourceId, events, templates: [templateOf(0)], sessions: [] };
  await expect(store.ask('append_events', input)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect((await store.ask('read_keys', { sourceId, afterEventId: 0, limit: 9 })).eventIds).toHaveLength(0);
});

test('the values of a removed log go with it, and no others', async () => {
  const store = await openTestStore();
  const kept = await importBatches(store, [2, 2]);
  // More than one chunk of a removal, with a block across the border.
  const removed = await importBatches(store, [5000, 6000, 4000]);
  const after = await importBatches(store, [3]);
  await store.ask('delete_source', { sourceId: removed, actor });
  for (const sourceId of [kept, after]) {
    const input = { sourceId, afterEventId: 0, limit: 100 };
    const { eventIds } = await store.ask('read_keys', input);
    expect(await store.ask('read_values', input)).toEqual(valuesOf([...eventIds]));
  }
  store.close();
  const db = new Database(workspacePaths(store.directory).database, { readonly: true });
  expect(db.prepare('SELECT sum(event_count) FROM event_block').pluck().get()).toBe(7);
  db.close();
});

test('a log of an earlier version has no values, and takes none from its neighbours', async () => {
  const store = await openTestStore();
  const { sourceId } = await importLines(store, [{ raw: 'a' }, { raw: 'b' }]);
  await importBatches(store, [3]);
  expect(await store.ask('read_values', { sourceId, afterEventId: 0, limit: 9 })).toEqual(emptyValues(2));
});

test('what is packed comes back, any part of it', () => {
  const hash = fc.oneof(fc.constant(0), fc.maxSafeNat(), fc.integer({ min: 0, max: 3 }));
  const event = fc.record({
    hashes: fc.array(hash, { minLength: 4, maxLength: 4 }),
    bytes: fc.uint8Array({ minLength: 10, maxLength: 10 }),
  });
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 700 }), fc.nat(), fc.nat(), (events, a, b) => {
      const values = emptyValues(events.length);
      events.forEach(({ hashes, bytes }, row) => {
        [values.lineHashes, values.users, values.networks, values.hosts].forEach(
          (column, at) => (column[row] = hashes[at] ?? 0),
        );
        values.outcomes[row] = bytes[0] ?? 0;
        values.flags[row] = bytes[1] ?? 0;
        values.shapes.set(bytes.subarray(2), 8 * row);
      });
      const [from, to] = [a % events.length, (b % events.length) + 1].sort((x, y) => x - y) as [number, number];
      const into = emptyValues(to - from + 1);
      unpackValues(packValues(values), events.length, { from, to }, into, 1);
      for (const [name, column] of Object.entries(into)) {
        const width = name === 'shapes' ? 8 : 1;
        const expected = values[name as keyof EventValues].slice(from * width, to * width);
        expect([...column.slice(width)], name).toEqual([...expected]);
      }
    }),
  );
});
