/** @file An app whose API runs, and a client of it over real HTTP. */
import { createServer, type AddressInfo } from 'node:net';
import type { Judgement, Metrics } from '../../src/main/api/schemas.ts';
import { openApp, type TestApp } from '../helpers/app.ts';

/** What any of the answers may hold: tests say which they expect. */
export type Reply = Judgement & Metrics & { error: { code: string; message: string } };
export type Answer = { status: number; headers: Headers; text: string; json: Reply };
export type Client = {
  get: (path: string, headers?: Record<string, string>) => Promise<Answer>;
  post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Answer>;
};
export type ApiAt = { app: TestApp; port: number; token: string; ask: Client };

/** One that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

export async function serveApi(workspace: string, perSecond = 100_000): Promise<ApiAt> {
  const app = await openApp(workspace);
  const port = await freePort();
  const state = await app.ask('api.set', { isOn: true, port, perSecond });
  if (state.runsAt !== port) throw new Error(state.problem ?? 'It does not run.');
  const { token } = await app.ask('api.create_token', { name: 'collector' });
  return { app, port, token, ask: clientOf(port, token) };
}

export function clientOf(port: number, token: string): Client {
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.startsWith('application/json');
    return { status: answer.status, headers: answer.headers, text, json: (isJson ? JSON.parse(text) : {}) as Reply };
  };
  const authorization = `Bearer ${token}`;
  return {
    get: (path, headers = {}) => ask(path, { headers: { authorization, ...headers } }),
    post: (path, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}
