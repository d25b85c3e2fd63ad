/** @file The threads and the workspace an app works with, opened once and closed in order. The engine and the importer start when first needed. */
import { basename, join, resolve } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { AppError } from '../../shared/errors.ts';
import { connectPort, type Client, type Methods } from '../../shared/port.ts';
import type { Host, RunningThread, ThreadName } from '../host/host.ts';
import type { Actor, OpenOutput } from '../store/protocol/workspace.ts';
import type { StoreMethods } from '../store/protocol.ts';
import { AnalystActs } from './analystActs.ts';
import { EngineClient } from './engineClient.ts';
import type { ImportMethods } from './importProtocol.ts';

export type Services = {
  host: Host;
  directory: string;
  opened: OpenOutput;
  store: Client<StoreMethods>;
  /** A thread that ends with the services at the latest. */
  startThread: (name: ThreadName) => RunningThread;
  /** Lets a thread at the other end of `port` ask the store itself: bulk data does not pass through main. */
  connectStore: (port: MessagePort) => void;
  engine: () => EngineClient;
  importer: () => Promise<Client<ImportMethods>>;
  analystActs: AnalystActs;
  /** Who acts, and when. */
  actor: () => Promise<Actor>;
  close: () => Promise<void>;
};

/** Throws WORKSPACE_IN_USE, WORKSPACE_NEWER or STORE_CORRUPT with a sentence that says what to do. */
export async function openServices(
  host: Host,
  workspaceDirectory: string,
  onDamage: (error: AppError) => void = () => undefined,
): Promise<Services> {
  const directory = resolve(workspaceDirectory);
  const threads = new Set<RunningThread>();
  let isClosed = false;
  const start = (name: ThreadName): RunningThread => {
    // Work that is being ended must not start anew what was stopped.
    if (isClosed) throw new AppError('PROCESS_GONE', 'The app is closing.');
    const thread = host.startThread(name);
    threads.add(thread);
    thread.port.onGone(() => threads.delete(thread));
    return thread;
  };
  const storeThread = start('store');
  const store = watched(connectPort<StoreMethods>(storeThread.port, 'store'), onDamage);
  let opened: OpenOutput;
  try {
    opened = await store.call('open', {
      directory,
      appVersion: host.appVersion,
      now: host.now(),
      newWorkspaceId: host.newId(),
      newHashKey: host.randomBytes(32),
      userName: host.userName,
    });
  } catch (error) {
    await storeThread.stop();
    throw error;
  }

  const engine = new EngineClient({
    startThread: () => host.startThread('engine'),
    startProcess: () => {
      const { port, kill } = host.startEngine();
      return { port, stop: kill };
    },
    now: () => host.now(),
  });
  const connectStore = (port: MessagePort): void => storeThread.port.post({ kind: 'connect', id: 0, port }, [port]);
  let importer: Promise<Client<ImportMethods>> | undefined;
  const startImporter = async (): Promise<Client<ImportMethods>> => {
    const thread = start('import');
    const client = watched(connectPort<ImportMethods>(thread.port, 'import thread'), onDamage);
    // A thread that died is started anew by the next import.
    thread.port.onGone(() => (importer = undefined));
    const channel = new MessageChannel();
    connectStore(channel.port1);
    await client.call('open', { storePort: channel.port2, hashKey: opened.hashKey }, { transfer: [channel.port2] });
    return client;
  };

  return {
    host,
    directory,
    opened,
    store,
    startThread: start,
    connectStore,
    engine: () => engine,
    importer: () =>
      (importer ??= startImporter().catch((error: unknown) => {
        importer = undefined;
        throw error;
      })),
    analystActs: new AnalystActs(),
    actor: async () => {
      const analyst = await store.call('get_setting', { key: 'analyst' });
      return { analyst: typeof analyst === 'string' ? analyst : opened.analyst, at: host.now() };
    },
    close: async () => {
      isClosed = true;
      await store.call('close', undefined).catch(() => undefined);
      await Promise.all([engine.close(), ...[...threads].map((thread) => thread.stop())]);
    },
  };
}

/** The same client; whoever asks, damage to the database is told. */
function watched<M extends Methods>(client: Client<M>, onDamage: (error: AppError) => void): Client<M> {
  return {
    call: (method, input, options) => {
      const answer = client.call(method, input, options);
      answer.catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'STORE_CORRUPT') onDamage(error);
      });
      return answer;
    },
  };
}

export function modelDirectory(services: Services, modelId: string): string {
  return join(services.directory, 'models', basename(modelId));
}

/** Log text on its way in: uploads, and the demo's logs while they are made. Emptied at every start. */
export function incomingDirectory(services: Services): string {
  return join(services.directory, 'incoming');
}
