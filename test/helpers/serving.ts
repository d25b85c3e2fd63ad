/** @file Talks to a served app in another process, as the renderer does: link, cookie, requests. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ChosenFile } from '../../src/shared/sources.ts';
import { fromErrorData, type Result } from '../../src/shared/errors.ts';
import type { RouteInput, RouteName, RouteOutput } from '../../src/shared/routes.ts';

export type Serving = {
  child: ChildProcess;
  ask: <R extends RouteName>(route: R, input: RouteInput<R>) => Promise<RouteOutput<R>>;
  upload: (name: string, content: string | Uint8Array) => Promise<ChosenFile>;
  /** The stream of events, as a page holds it open, until `signal`. */
  events: (signal: AbortSignal) => Promise<Response>;
  /** The next line the process says. */
  said: () => Promise<string>;
  /** SIGKILL. Resolves when the process and everything that holds its output is gone: its trainers, too. */
  kill: () => Promise<void>;
};

/** `execArgv`: for Node, before the script. */
export async function startServing(workspace: string, execArgv: readonly string[] = []): Promise<Serving> {
  const script = fileURLToPath(new URL('servingChild.ts', import.meta.url));
  const child = spawn(process.execPath, [...execArgv, script, workspace], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  child.stderr?.resume();
  return talkTo(child);
}

/** As soon as it says its link. */
export async function talkTo(child: ChildProcess): Promise<Serving> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const said = async (): Promise<string> => String((await lines.next()).value);
  const link = new URL(await said());
  const opened = await fetch(link, { redirect: 'manual' });
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const answer = async <T>(path: string, method: string, body: string | Uint8Array): Promise<T> => {
    const headers = { cookie, 'content-type': 'application/json', 'x-surprisal': '1' };
    // A connection for each: one that is kept open may be closed by the server just as it is used again.
    const request = httpRequest(new URL(path, link), { method, headers, agent: false });
    request.on('error', () => undefined); // heard by whoever waits for the answer
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const result = (await json(response)) as Result<T>;
    if (result.ok) return result.data;
    throw fromErrorData(result.error);
  };
  return {
    child,
    said,
    ask: (route, input) => answer<RouteOutput<typeof route>>('/rpc', 'POST', JSON.stringify({ route, input })),
    upload: (name, content) => answer(`/upload?name=${encodeURIComponent(name)}`, 'PUT', content),
    events: (signal) => fetch(new URL('/events', link), { headers: { cookie }, signal }),
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'close');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
