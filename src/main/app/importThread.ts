/** @file Entry of the import thread: serves `ImportMethods`, one import at a time. */
import { parentPort } from 'node:worker_threads';
import { AppError } from '../../shared/errors.ts';
import { connectPort, servePort, Transferred, type Client } from '../../shared/port.ts';
import { messagePort } from '../../shared/nodePorts.ts';
import { hashFile } from '../ingest/file.ts';
import type { Actor, StoreMethods } from '../store/protocol.ts';
import { Importer, previewFile } from './importer.ts';
import type { ImportMethods } from './importProtocol.ts';

let connection: { store: Client<StoreMethods>; hashKey: Uint8Array } | undefined;
let importer: Importer | undefined;
let last: Promise<unknown> = Promise.resolve();

/** The importer, read anew from the store after a failure: what it knew of templates may not have been written. */
async function usable(actor: Actor): Promise<Importer> {
  if (!connection) throw new AppError('INTERNAL', 'The import thread was asked before it was opened.');
  if (!importer) {
    await connection.store.call('abandon_imports', { actor });
    importer = await Importer.open(connection.store, connection.hashKey);
  }
  return importer;
}

/** A cancelled import still finishes what it began; the next one waits for it. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work);
  last = turn.catch(() => (importer = undefined));
  return turn;
}

if (parentPort) {
  servePort<ImportMethods>(messagePort(parentPort), {
    open: async ({ storePort, hashKey }) => {
      const store = connectPort<StoreMethods>(messagePort(storePort), 'store');
      connection = { store, hashKey };
      importer = await Importer.open(store, hashKey);
      return undefined;
    },
    preview: ({ path, zone, now }, { signal }) => previewFile(path, zone, now, signal),
    hash: ({ path }, { signal }) => hashFile(path, signal),
    import: (input, run) => inTurn(async () => (await usable(input.actor)).import(input, run)),
    import_sequences: (input, run) =>
      inTurn(async () => {
        const output = await (await usable(input.actor)).importSequences(input, run);
        const { ids, offsets } = output.sequences;
        return new Transferred(output, [ids.buffer, offsets.buffer, output.eventIds.buffer, output.lineNumbers.buffer]);
      }),
    freeze: ({ indexes }) =>
      inTurn(async () => {
        // An importer that is read anew learns from the store what is frozen.
        importer?.freeze(indexes);
        return undefined;
      }),
  });
}
