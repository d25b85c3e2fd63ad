/** @file The store as a real thread: requests over its port and over a second one, and what moves instead of being copied. */
import { MessageChannel, Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { connectPort, type Client, type Port } from '../../src/shared/port.ts';
import type { StoreMethods } from '../../src/main/store/protocol.ts';
import { messagePort, workerPort } from '../../src/shared/nodePorts.ts';
import { temporaryDirectory } from './helpers.ts';
import { actor, batchOf, openInput, sessionOf, templateOf, totalsOf } from './rows.ts';

const connectStore = (port: Port): Client<StoreMethods> => connectPort<StoreMethods>(port, 'store thread');

let worker: Worker | undefined;
afterEach(async () => {
  await worker?.terminate();
});

function start(): Worker {
  worker = new Worker(new URL('../../src/main/store/thread.ts', import.meta.url));
  return worker;
}

test('the import thread writes over its own port while main reads', async () => {
  const thread = start();
  const main = connectStore(workerPort(thread));
  await expect(main.call('totals', undefined)).rejects.toMatchObject({ code: 'CONFLICT' });
  await main.call('open', openInput(temporaryDirectory()));
  const { port1, port2 } = new MessageChannel();
  thread.postMessage({ kind: 'connect', id: 0, port: port2 }, [port2]);
  const importer = connectStore(messagePort(port1));
  const { sourceId } = await importer.call('begin_source', {
    name: 'a.log',
    format: 'plain',
    sizeBytes: 1,
    assumption: { year: null, zone: null },
    importedAt: 1,
    actor,
  });
  const lines = Array.from({ length: 100 }, (_, row) => ({ raw: `line ${row}` }));
  const session = sessionOf(1, { first: 1, last: 100, count: 100 });
  // Not awaited one by one: order on the port is order in the database.
  await Promise.all([
    importer.call('append_events', {
      sourceId,
      events: batchOf(lines.slice(0, 60), 1),
      templates: [templateOf(0)],
      sessions: [],
    }),
    importer.call('append_events', {
      sourceId,
      events: batchOf(lines.slice(60), 61, 61),
      templates: [],
      sessions: [session],
    }),
  ]);
  await importer.call('finish_source', {
    sourceId,
    state: 'ready',
    sha256: null,
    totals: totalsOf(100),
    templates: [],
    sessions: [],
    actor,
  });
  const keys = await main.call('read_keys', { sourceId, afterEventId: 0, limit: 1000 });
  expect(keys.eventIds).toEqual(Float64Array.from({ length: 100 }, (_, row) => row + 1));
  const remaining: number[] = [];
  await main.call('index_text', undefined, { onProgress: (progress) => remaining.push(progress.remaining) });
  expect(remaining).toEqual([0]);
  await main.call('close', undefined);
  port1.close();
});

test('a thread that ends rejects what was asked of it', async () => {
  const thread = start();
  const client = connectStore(workerPort(thread));
  const asked = client.call('open', openInput(temporaryDirectory()));
  await thread.terminate();
  await expect(asked).rejects.toMatchObject({ code: 'PROCESS_GONE' });
});
