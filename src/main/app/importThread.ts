/** @file Entry of the import thread: serves `ImportMethods`, one import at a time. */
import { parentPort } from 'node:worker_threads';
import { AppError } from '../../shared/errors.ts';
import { connectPort, servePort, Transferred, type Client } from '../../shared/port.ts';
import { messagePort } from '../../shared/nodePorts.ts';
import { hashFile } from '../ingest/file.ts';
import type { SourceFormat } from '../../shared/lines.ts';
import type { StoreMethods } from '../store/protocol.ts';
import { Importer } from './importer.ts';
import { previewFile } from './preview.ts';
import type { ImportInput, ImportMethods } from './importProtocol.ts';

let connection: { store: Client<StoreMethods>; hashKey: Uint8Array } | undefined;
let last: Promise<unknown> = Promise.resolve();

function open(input: ImportInput, fits: (format: SourceFormat) => boolean): Promise<Importer> {
  if (!connection) throw new AppError('INTERNAL', 'The import thread was asked before it was opened.');
  return Importer.open(connection.store, connection.hashKey, input, fits);
}

/** A cancelled import still finishes what it began; the next one waits for it. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work);
  last = turn.catch(() => undefined);
  return turn;
}

if (parentPort) {
  servePort<ImportMethods>(messagePort(parentPort), {
    open: ({ storePort, hashKey }) => {
      connection = { store: connectPort<StoreMethods>(messagePort(storePort), 'store'), hashKey };
      return undefined;
    },
    preview: (input, { signal }) => previewFile(input, signal),
    hash: ({ path }, { signal }) => hashFile(path, signal),
    import: (input, run) =>
      inTurn(async () => {
        const fits = (format: SourceFormat): boolean =>
          input.format === null ? format !== 'sequences' : format === input.format;
        return (await open(input, fits)).import(input, run);
      }),
    abandon: (input) => inTurn(async () => connection?.store.call('abandon_imports', input)),
    import_sequences: (input, run) =>
      inTurn(async () => {
        const output = await (await open(input, (format) => format === 'sequences')).importSequences(input, run);
        const { ids, offsets } = output.sequences;
        return new Transferred(output, [ids.buffer, offsets.buffer, output.eventIds.buffer, output.lineNumbers.buffer]);
      }),
  });
}
