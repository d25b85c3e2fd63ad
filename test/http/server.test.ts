import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppEvent } from '../../src/shared/events.ts';
import { startServer, type RunningServer, type ServedApp } from '../../src/main/http/server.ts';

let directory: string;
let server: RunningServer;
let offered: { path: string; name: string }[];
let publish: (event: AppEvent) => void;
let listening: () => number;
let cookie: string;
const origin = (): string => `http://127.0.0.1:${server.port}`;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'surprisal-http-'));
  await mkdir(join(directory, 'renderer'));
  await writeFile(join(directory, 'renderer', 'index.html'), '<!doctype html><title>Surprisal</title>');
  await writeFile(join(directory, 'secret.html'), 'secret');
  offered = [];
  const listeners = new Set<(event: AppEvent) => void>();
  publish = (event) => listeners.forEach((listener) => listener(event));
  listening = () => listeners.size;
  const app = {
    dispatch: async (route: unknown) => ({ ok: true, data: { route } }),
    subscribe: (listener: (event: AppEvent) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    offerFile: async (path: string, { name }: { name: string }) => {
      offered.push({ path, name });
      return { token: 't', name, sizeBytes: 3 };
    },
    uploadDirectory: () => join(directory, 'incoming'),
  } as unknown as ServedApp;
  server = await startServer({
    app,
    rendererDirectory: join(directory, 'renderer'),
  });
  const opened = await fetch(server.url, { redirect: 'manual' });
  cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
});

afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

const rpc = (headers: Record<string, string>, body = '{"route":"status.get","input":{}}'): Promise<Response> =>
  fetch(`${origin()}/rpc`, { method: 'POST', body, headers });
const good = (): Record<string, string> => ({ cookie, 'content-type': 'application/json', 'x-surprisal': '1' });

/** fetch() will not send a foreign Host header. */
function rawStatus(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port: server.port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('the browser host', () => {
  it('takes the token out of the URL at once and keeps it from scripts', async () => {
    const response = await fetch(server.url, { redirect: 'manual' });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/');
    expect(response.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
  });

  it('serves the app to the one who has the link', async () => {
    const page = await fetch(`${origin()}/`, { headers: { cookie } });
    expect(await page.text()).toContain('Surprisal');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await (await rpc(good())).json()).toEqual({ ok: true, data: { route: 'status.get' } });
  });

  it('gives another local user nothing: no token, a wrong one, a wrong cookie', async () => {
    expect((await fetch(`${origin()}/`)).status).toBe(401);
    expect((await fetch(`${origin()}/?token=guess`, { redirect: 'manual' })).status).toBe(401);
    expect((await rpc({ ...good(), cookie: `${cookie}x` })).status).toBe(401);
    expect((await fetch(`${origin()}/events`)).status).toBe(401);
  });

  it('gives a web page nothing: foreign origin, rebound host name, form post', async () => {
    expect((await rpc({ ...good(), origin: 'http://evil.example' })).status).toBe(403);
    expect(await rawStatus('/', { host: `evil.example:${server.port}`, cookie })).toBe(403);
    expect((await rpc({ cookie, 'content-type': 'text/plain' })).status).toBe(415);
    const answer = await rpc(good());
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('answers no path outside the renderer’s folder', async () => {
    for (const path of [
      '/../secret.html',
      '/%2e%2e/secret.html',
      '/..%2fsecret.html',
      '/%00.html',
      '/index.html%00.png',
    ]) {
      expect(await rawStatus(path, { host: `127.0.0.1:${server.port}`, cookie })).toBe(404);
    }
  });

  it('refuses what is no request and survives it', async () => {
    expect((await rpc(good(), 'not json')).status).toBe(400);
    expect((await rpc(good(), `{"route":"${'a'.repeat(5 * 1024 * 1024)}"}`)).status).toBe(413);
    expect((await rpc(good(), 'null')).status).toBe(200);
    expect((await rpc(good())).status).toBe(200);
  });

  it('takes an upload under a name of its own, whatever the file is called', async () => {
    const name = '../../etc/passwd';
    const response = await fetch(`${origin()}/upload?name=${encodeURIComponent(name)}`, {
      method: 'PUT',
      body: 'abc',
      headers: { cookie, 'x-surprisal': '1' },
    });
    expect(await response.json()).toMatchObject({ ok: true });
    expect(offered[0]?.name).toBe(name);
    expect(offered[0]?.path.startsWith(join(directory, 'incoming'))).toBe(true);
    expect(await readFile(offered[0]?.path ?? '', 'utf8')).toBe('abc');
  });

  it('tells events to those who listen', async () => {
    const stream = await fetch(`${origin()}/events`, { headers: { cookie } });
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    publish({ topic: 'sources.changed', data: { count: 3 } });
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toBe('data: {"topic":"sources.changed","data":{"count":3}}\n\n');
    await reader.cancel();
  });

  it('holds no more and more of what a window that stands still does not read', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`GET /events HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\ncookie: ${cookie}\r\n\r\n`);
    await vi.waitFor(() => expect(listening()).toBe(1));
    socket.pause();
    const event = { topic: 'job.changed', data: { subject: 'x'.repeat(1 << 20) } } as unknown as AppEvent;
    for (let sent = 0; sent < 64; sent++) publish(event);
    await vi.waitFor(() => expect(listening()).toBe(0));
    socket.destroy();
  });
});
