/** @file Entry of the import thread: serves `ImportMethods`, one import at a time. */
import { parentPort } from 'node:worker_threads';
import { AppError } from '../../shared/errors.ts';
import { connectPort, servePort, Transferred } from '../../shared/port.ts';
import { messagePort } from '../host/ports.ts';
import { hashFile } from '../ingest/file.ts';
import type { StoreMethods } from '../store/protocol.ts';
import { Importer, previewFile } from './importer.ts';
import type { ImportMethods } from './importProtocol.ts';

let importer: Importer | undefined;
let last: Promise<unknown> = Promise.resolve();

function opened(): Importer {
  if (!importer) throw new AppError('INTERNAL', 'The import thread was asked before it was opened.');
  return importer;
}

/** A cancelled import still finishes what it began; the next one waits for it. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work);
  last = turn.catch(() => undefined);
  return turn;
}

if (parentPort) {
  servePort<ImportMethods>(messagePort(parentPort), {
    open: async ({ storePort, hashKey }) => {
      importer = await Importer.open(connectPort<StoreMethods>(messagePort(storePort), 'store'), hashKey);
      return undefined;
    },
    preview: ({ path, zone }, { signal }) => previewFile(path, zone, Date.now(), signal),
    hash: ({ path }, { signal }) => hashFile(path, signal),
    import: (input, run) => inTurn(() => opened().import(input, run)),
    import_sequences: (input, run) =>
      inTurn(async () => {
        const output = await opened().importSequences(input, run);
        const { ids, offsets } = output.sequences;
        return new Transferred(output, [ids.buffer, offsets.buffer, output.eventIds.buffer]);
      }),
    freeze: ({ indexes }) =>
      inTurn(async () => {
        opened().freeze(indexes);
        return undefined;
      }),
  });
}
