/** @file A real app in this process: real store, engine and import threads, a real trainer process. Asked as the renderer asks it. */
import { basename } from 'node:path';
import { createApp, type App } from '../../src/main/app/createApp.ts';
import type { Host } from '../../src/main/host/host.ts';
import { createNodeHost } from '../../src/main/host/nodeHost.ts';
import type { Job } from '../../src/shared/jobs.ts';
import { fromErrorData, type ErrorData, type Result } from '../../src/shared/errors.ts';
import type { AppEvent, AppEventName, AppEvents } from '../../src/shared/events.ts';
import type { RouteInput, RouteName, RouteOutput } from '../../src/shared/routes.ts';

export type TestApp = {
  app: App;
  /** The answer, or throws what the envelope says. */
  ask: <R extends RouteName>(route: R, input: RouteInput<R>) => Promise<RouteOutput<R>>;
  /** The error of a request that must fail. */
  refusal: (route: RouteName, input: unknown) => Promise<ErrorData>;
  /** Offers a file as the host's dialog would and gives its token. */
  offer: (path: string) => Promise<string>;
  /** Resolves with the job as it ended, whatever its end. */
  finished: (jobId: string) => Promise<Job>;
  /** Resolves at the first event of the topic that fits; asks for it before what causes it. */
  next: <K extends AppEventName>(topic: K, fits?: (data: AppEvents[K]) => boolean) => Promise<AppEvents[K]>;
  close: () => Promise<void>;
};

/**
 * The first bytes that an app asks for are the key of a new workspace, by which some strings pass for seen and some events are sampled. It is
 * the same in every run: with one by chance, a test that holds for nine keys of ten would fail in a run that changed nothing.
 */
function keyedHost(): Host {
  const host = createNodeHost('test');
  let hasKey = false;
  const randomBytes = (length: number): Uint8Array => {
    if (hasKey) return host.randomBytes(length);
    hasKey = true;
    return new Uint8Array(length).fill(7);
  };
  return { ...host, randomBytes };
}

export async function openApp(workspaceDirectory: string, change: Partial<Host> = {}): Promise<TestApp> {
  const app = await createApp({ ...keyedHost(), ...change }, { workspaceDirectory });
  const next: TestApp['next'] = (topic, fits = () => true) =>
    new Promise((resolve) => {
      const unsubscribe = app.subscribe((event: AppEvent) => {
        if (event.topic !== topic) return;
        const data = event.data as AppEvents[typeof topic];
        if (!fits(data)) return;
        unsubscribe();
        resolve(data);
      });
    });
  const ask: TestApp['ask'] = async (route, input) => {
    const result = (await app.dispatch(route, input)) as Result<RouteOutput<typeof route>>;
    if (result.ok) return result.data;
    throw fromErrorData(result.error);
  };
  return {
    app,
    ask,
    refusal: async (route, input) => {
      const result = await app.dispatch(route, input);
      if (result.ok) throw new Error(`${route} was answered.`);
      return result.error;
    },
    offer: async (path) => (await app.offerFile(path, { name: basename(path), isTemporary: false })).token,
    finished: async (jobId) => {
      const hasEnded = next('job.changed', (job) => job.id === jobId && job.state !== 'running');
      const now = (await ask('jobs.list', {})).find((job) => job.id === jobId);
      return now && now.state !== 'running' ? now : hasEnded;
    },
    next,
    close: () => app.close(),
  };
}

/** Imports a file and gives the source; throws with the reason when it could not be read. */
export async function importLog(test: TestApp, path: string): Promise<number> {
  const { jobId } = await test.ask('sources.import', { token: await test.offer(path), thenScore: false });
  const job = await test.finished(jobId);
  if (job.state !== 'done') throw new Error(`${job.state}: ${job.error}`);
  return job.sourceIds[0] ?? 0;
}

/** Learns and gives the job as it ended. */
export async function learnFrom(
  test: TestApp,
  sourceIds: number[],
  seed = 1,
  more: { countsOnly?: boolean } = {},
): Promise<Job> {
  const { jobId } = await test.ask('learn.start', { sourceIds, seed, ...more });
  return test.finished(jobId);
}

export async function scoreSources(test: TestApp, sourceIds: number[]): Promise<Job> {
  const { jobId } = await test.ask('score.start', { sourceIds });
  return test.finished(jobId);
}
