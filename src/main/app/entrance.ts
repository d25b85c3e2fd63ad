/**
 * @file The way into a workspace for hosts with a window or a page: the app where it opens; where it does not, why, and what can be done
 * about it from there. A host that has it always comes up.
 */
import { resolve } from 'node:path';
import type { RestoreOffer, StartState } from '../../shared/workspace.ts';
import { AppError, forStderr, fromErrorData, toErrorData, type ErrorData } from '../../shared/errors.ts';
import type { AppEvent } from '../../shared/events.ts';
import { connectPort, type Client } from '../../shared/port.ts';
import type { Host } from '../host/host.ts';
import type { StoreMethods } from '../store/protocol.ts';
import { createApp, type App } from './createApp.ts';
import { createDispatch } from './router.ts';

/** What hosts carry: an app, or the reason why there is none. Files are refused then, too: the folder may be another's. */
export type Entrance = Omit<App, 'parts'> & {
  /** Why the workspace is not open. */
  problem: () => ErrorData | undefined;
};

/** Never throws for a workspace that cannot be opened. */
export async function openEntrance(
  host: Host,
  options: { workspaceDirectory: string; apiPort?: number },
): Promise<Entrance> {
  const directory = resolve(options.workspaceDirectory);
  const listeners = new Set<(event: AppEvent) => void>();
  const tell = (event: AppEvent): void => listeners.forEach((listener) => listener(event));

  let app: App | undefined;
  /** Without an app why there is none; with one what of it could not be read. */
  let wrong: ErrorData | undefined;
  /** Looking for an offer reads backups whole: once for each thing that went wrong. */
  let offer: Promise<RestoreOffer | null> | undefined;

  const open = async (): Promise<void> => {
    wrong = offer = undefined;
    const onDamage = (error: AppError): void => {
      if (!app || wrong) return;
      wrong = toErrorData(error);
      void tellState();
    };
    try {
      const { apiPort } = options;
      const served = apiPort === undefined ? {} : { apiPort };
      app = await createApp(host, { workspaceDirectory: directory, triesProviders: true, onDamage, ...served });
      app.subscribe(tell);
    } catch (error) {
      wrong = toErrorData(error);
      if (wrong.code === 'INTERNAL') console.error(forStderr(error));
    }
  };
  const startState = async (): Promise<StartState> => {
    if (!wrong) return { state: 'open' };
    const { code, message } = wrong;
    if (code === 'STORE_CORRUPT') {
      offer ??= withStore(host, (store) => store.call('find_offer', { directory })).catch((error: unknown) => {
        console.error('Backups could not be looked at:', forStderr(error));
        return null;
      });
    }
    return { state: app ? 'damaged' : 'blocked', code, message, directory, offer: (await offer) ?? null };
  };
  const tellState = async (): Promise<StartState> => {
    const state = await startState();
    tell({ topic: 'start.changed', data: state });
    return state;
  };
  const restore = async (name: string): Promise<StartState> => {
    if (wrong?.code !== 'STORE_CORRUPT') {
      throw new AppError('CONFLICT', 'The database is not known to be damaged: nothing is restored.');
    }
    const input = { directory, name, now: host.now(), analyst: host.userName };
    await app?.close();
    app = undefined;
    try {
      await withStore(host, (store) => store.call('restore_backup', input));
    } finally {
      await open();
    }
    return tellState();
  };
  // One after the other: two windows may both ask.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const start = createDispatch(
    {
      'start.get': () => inTurn(startState),
      'start.retry': () =>
        inTurn(async () => {
          if (app) return startState();
          await open();
          return tellState();
        }),
      'start.restore': ({ name }) => inTurn(() => restore(name)),
    },
    (route, error) => console.error(`${route}:`, forStderr(error)),
  );
  const problem = (): ErrorData | undefined => (app ? undefined : (wrong ?? opening));
  const theApp = (): App => {
    if (app) return app;
    throw fromErrorData(problem() ?? opening);
  };

  await open();
  return {
    dispatch: async (route, input) => {
      if (typeof route === 'string' && route.startsWith('start.')) return start(route, input);
      const error = problem();
      return error ? { ok: false, error } : theApp().dispatch(route, input);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    problem,
    offerFile: async (path, offered) => theApp().offerFile(path, offered),
    uploadDirectory: () => theApp().uploadDirectory(),
    close: () => inTurn(async () => app?.close()),
  };
}

/** Between two states: while a backup is put in place. */
const opening: ErrorData = { code: 'CONFLICT', message: 'The workspace is being opened. Try again in a moment.' };

/** A store thread with no workspace open, for what is done to one that is not. */
export async function withStore<T>(host: Host, work: (store: Client<StoreMethods>) => Promise<T>): Promise<T> {
  const thread = host.startThread('store');
  try {
    return await work(connectPort<StoreMethods>(thread.port, 'store'));
  } finally {
    await thread.stop();
  }
}
