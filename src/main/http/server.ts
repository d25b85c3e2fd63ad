/**
 * @file The browser host: the app over HTTP and server events on 127.0.0.1, for one launch. A token opens it once from the URL and lives on
 * in a cookie; foreign hosts, foreign origins and requests without the cookie get nothing.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError, toErrorData, type ErrorData, type Result } from '../../shared/errors.ts';
import type { App } from '../app/createApp.ts';
import { readStatic } from './staticFiles.ts';

const maxRequestBytes = 4 * 1024 * 1024;
const keepAliveMs = 15_000;
/** Held of what one window has not read: one that stands still connects again, and asks for all that it shows. */
const mostUnreadBytes = 8 * 1024 * 1024;
/** A browser takes six for each of its windows; another program of this computer is not to take all that there are. */
const mostConnections = 256;
const expiredLink = 'This link has expired. Start again from the link in the terminal; it is good for one launch.';

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export type RunningServer = {
  port: number;
  /** Opens the app; good for the one browser that uses it first and for those it is shown to. */
  url: string;
  close: () => Promise<void>;
};

/** What of an app, or of the way into one, is carried. */
export type ServedApp = Pick<App, 'dispatch' | 'subscribe' | 'offerFile' | 'uploadDirectory'>;
export type ServerOptions = { app: ServedApp; rendererDirectory: string; port?: number };

/** Throws BAD_INPUT when the port is taken. */
export async function startServer({ app, rendererDirectory, port = 0 }: ServerOptions): Promise<RunningServer> {
  const token = randomBytes(32).toString('base64url');
  const streams = new Set<ServerResponse>();
  let ownHosts = new Set<string>();
  let cookieName = 'surprisal';

  const isAuthorised = (request: IncomingMessage): boolean => {
    const cookies = (request.headers.cookie ?? '').split(/;\s*/);
    return cookies.some(
      (cookie) => cookie.startsWith(`${cookieName}=`) && sameText(cookie.slice(cookieName.length + 1), token),
    );
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    secure(response);
    const host = request.headers.host ?? '';
    if (!ownHosts.has(host)) return refuse(response, 403, 'This address is not served here.');
    const origin = request.headers.origin;
    if (origin !== undefined && origin !== `http://${host}`) return refuse(response, 403, 'Other origins may not ask.');
    // A path of two slashes would be read as a host.
    const url = URL.parse(`http://${host}${request.url ?? '/'}`);
    if (!url) return refuse(response, 400, 'That is no address.');
    const given = url.searchParams.get('token');
    if (request.method === 'GET' && given !== null && url.pathname === '/') {
      if (!sameText(given, token)) return refuseLink(request, response);
      response.setHeader('set-cookie', `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/`);
      response.writeHead(303, { location: '/' }).end();
      return;
    }
    if (!isAuthorised(request)) return refuseLink(request, response);
    if (request.method === 'POST' && url.pathname === '/rpc') return rpc(app, request, response);
    if (request.method === 'PUT' && url.pathname === '/upload') return upload(app, url, request, response);
    if (request.method === 'GET' && url.pathname === '/events') return events(request, response);
    if (request.method === 'GET' || request.method === 'HEAD') return file(rendererDirectory, url.pathname, response);
    return refuse(response, 405, 'No request of that kind is answered here.');
  };

  const events = (request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': open\n\n');
    streams.add(response);
    const send = (text: string): void => {
      if (response.writableLength > mostUnreadBytes) response.destroy();
      else response.write(text);
    };
    const unsubscribe = app.subscribe((event) => send(`data: ${JSON.stringify(event)}\n\n`));
    const beat = setInterval(() => send(': still here\n\n'), keepAliveMs);
    request.on('close', () => {
      clearInterval(beat);
      unsubscribe();
      streams.delete(response);
    });
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else send(response, 500, { ok: false, error: toErrorData(error) });
    });
  });
  server.maxConnections = mostConnections;
  server.headersTimeout = 10_000;
  server.requestTimeout = 0; // an upload of a large log takes its time
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new AppError(
          'BAD_INPUT',
          `${portProblem(port, error)} Choose another with --port, or leave it out: any free port is taken then.`,
        ),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  ownHosts = new Set([`127.0.0.1:${bound}`, `localhost:${bound}`]);
  cookieName = `surprisal_${bound}`;
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}/?token=${token}`,
    close: async () => {
      for (const stream of streams) stream.end();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function portProblem(port: number, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program.`;
  if (code === 'EACCES') return `Port ${port} is kept for programs with more rights.`;
  return `Port ${port} cannot be served (${code ?? message}).`;
}

async function rpc(app: ServedApp, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A form on a foreign page can send neither this type nor this header without being asked for first.
  if (request.headers['content-type'] !== 'application/json' || request.headers['x-surprisal'] !== '1') {
    return refuse(response, 415, 'Requests are JSON.');
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read on past the limit without keeping it: closing half-way would reset the connection before the answer is read.
    if (size <= maxRequestBytes) chunks.push(chunk);
  }
  if (size > maxRequestBytes) return refuse(response, 413, 'The request is too large.');
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return refuse(response, 400, 'The request is no JSON.');
  }
  const { route, input } = (typeof body === 'object' && body !== null ? body : {}) as {
    route?: unknown;
    input?: unknown;
  };
  send(response, 200, await app.dispatch(route, input));
}

/** The file gets a name of ours; its own name is only ever shown. */
async function upload(app: ServedApp, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.headers['x-surprisal'] !== '1') return refuse(response, 415, 'Uploads come from the app.');
  let path: string | undefined;
  try {
    const directory = app.uploadDirectory();
    await mkdir(directory, { recursive: true });
    path = join(directory, `${randomBytes(12).toString('hex')}.upload`);
    await pipeline(request, createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    if (path !== undefined) await rm(path, { force: true });
    return send(response, 200, { ok: false, error: uploadFailure(error) });
  }
  const name = (url.searchParams.get('name') ?? 'log').slice(0, 200);
  send(response, 200, { ok: true, data: await app.offerFile(path, { name, isTemporary: true }) });
}

function uploadFailure(error: unknown): ErrorData {
  if (error instanceof AppError) return toErrorData(error);
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return {
      code: 'STORE_FULL',
      message:
        'The disk that holds the workspace is full: the log was not taken over. Free some space and open it again.',
    };
  }
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return {
      code: 'STORE_READONLY',
      message: 'The workspace cannot be written: the log was not taken over. Give yourself the right to write there.',
    };
  }
  return { code: 'BAD_INPUT', message: `The log was not taken over (${code ?? message}). Open it again.` };
}

async function file(directory: string, pathname: string, response: ServerResponse): Promise<void> {
  const found = await readStatic(directory, pathname);
  if (!found) return refuse(response, 404, 'Nothing is here.');
  response.writeHead(200, { 'content-type': found.mediaType, 'content-length': found.bytes.length });
  response.end(found.bytes);
}

function secure(response: ServerResponse): void {
  response.setHeader('content-security-policy', contentSecurityPolicy);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('cache-control', 'no-store');
}

/** To somebody who opened a link in a browser, in words; to a request, as an answer like others. */
function refuseLink(request: IncomingMessage, response: ServerResponse): void {
  if (!request.headers.accept?.includes('text/html')) return refuse(response, 401, expiredLink);
  response.writeHead(401, { 'content-type': 'text/html; charset=utf-8' });
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="dark light"><title>Surprisal</title><p>${expiredLink}</p></html>`,
  );
}

function refuse(response: ServerResponse, status: number, message: string): void {
  send(response, status, { ok: false, error: { code: 'FORBIDDEN', message } });
}

function send(response: ServerResponse, status: number, result: Result<unknown>): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(result));
}

function sameText(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
