/** @file Entry of the import thread: serves `ImportMethods`, one import at a time, in turn with the micro-batches of what is followed. */
import { parentPort } from 'node:worker_threads';
import { AppError } from '../../shared/errors.ts';
import { connectPort, servePort, Transferred, type Client } from '../../shared/port.ts';
import { messagePort } from '../../shared/nodePorts.ts';
import { hashFile } from '../ingest/file.ts';
import { locateLines } from '../ingest/lineOffsets.ts';
import type { SourceFormat } from '../../shared/lines.ts';
import type { StoreMethods } from '../store/protocol.ts';
import { Importer } from './importer.ts';
import { Pushed } from './watch/pushed.ts';
import { Watcher } from './watch/watcher.ts';
import { previewFile } from './preview.ts';
import type { ImportInput, ImportMethods } from './importProtocol.ts';

type Connection = { store: Client<StoreMethods>; hashKey: Uint8Array; watcher: Watcher; pushed: Pushed };

let connection: Connection | undefined;
let last: Promise<unknown> = Promise.resolve();

function opened(): Connection {
  if (!connection) throw new AppError('INTERNAL', 'The import thread was asked before it was opened.');
  return connection;
}

function open(input: ImportInput, fits: (format: SourceFormat) => boolean): Promise<Importer> {
  const { store, hashKey } = opened();
  return Importer.open(store, hashKey, input, fits);
}

/** A cancelled import still finishes what it began; the next one waits for it. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work);
  last = turn.catch(() => undefined);
  return turn;
}

/** The same, for what changes templates: the watcher's are read anew after it. */
function changingTemplates<T>(work: () => Promise<T>): Promise<T> {
  return inTurn(async () => {
    const { watcher, pushed } = opened();
    pushed.forget();
    await watcher.forgetTemplates();
    return work();
  });
}

if (parentPort) {
  servePort<ImportMethods>(messagePort(parentPort), {
    open: ({ storePort, hashKey }) => {
      const store = connectPort<StoreMethods>(messagePort(storePort), 'store');
      const watcher = new Watcher(store, hashKey, inTurn);
      connection = { store, hashKey, watcher, pushed: new Pushed(store, hashKey, watcher) };
      return undefined;
    },
    preview: (input, { signal }) => previewFile(input, signal),
    hash: ({ path }, { signal }) => hashFile(path, signal),
    locate: ({ path, lineNumbers }, { signal }) => locateLines(path, lineNumbers, signal),
    import: (input, run) =>
      changingTemplates(async () => {
        const fits = (format: SourceFormat): boolean =>
          input.format === null ? format !== 'sequences' : format === input.format;
        return (await open(input, fits)).import(input, run);
      }),
    abandon: (input) => inTurn(async () => connection?.store.call('abandon_imports', input)),
    freeze: ({ indexes, actor }) =>
      changingTemplates(async () => {
        const { store } = opened();
        await store.call('abandon_imports', { actor });
        return store.call('freeze_templates', { indexes });
      }),
    follow: (input) => opened().watcher.follow(input),
    read_on: () => opened().watcher.readOn(),
    push: (input, { signal }) => inTurn(() => opened().pushed.push(input, signal)),
    import_sequences: (input, run) =>
      changingTemplates(async () => {
        const output = await (await open(input, (format) => format === 'sequences')).importSequences(input, run);
        const { ids, offsets } = output.sequences;
        return new Transferred(output, [ids.buffer, offsets.buffer, output.eventIds.buffer, output.lineNumbers.buffer]);
      }),
  });
}
