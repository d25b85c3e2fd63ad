/** @file What goes back to who asks: answers, and refusals also on a connection that has no answer of its own. Nothing of what was sent is in it. */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError, forStderr } from '../../shared/errors.ts';
import { Problem } from './problem.ts';

export function send(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'application/json; charset=utf-8',
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...headers,
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

/** On a connection that has no response of its own. */
export function refuse(socket: Duplex, { status, body, headers }: Problem): void {
  if (!socket.writable) return void socket.destroy();
  const all = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
    connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${status === 408 ? 'Request Timeout' : 'Refused'}\r\n${lines.join('')}\r\n${body}`);
  // Whoever keeps its half open does not keep ours.
  socket.once('finish', () => socket.destroy());
}

export class UpgradeNeeded extends Problem {
  override readonly status = 426;
  constructor() {
    super('BAD_REQUEST', 'This is a WebSocket.', { upgrade: 'websocket', connection: 'upgrade' });
  }
}

export function tooManyListeners(): Problem {
  return new Problem('UNAVAILABLE', 'As many listen as may. End another stream first.', { 'retry-after': '5' });
}

const mostIssues = 3;
const longestIssue = 200;

/** Where and what, without what was sent. */
export function issuesOf(
  issues: readonly { path: readonly PropertyKey[]; code: string; message: string; keys?: unknown }[],
): string {
  const texts = issues.slice(0, mostIssues).map(({ path, code, message }) => {
    const where = path.length === 0 ? 'The request' : path.map(String).join('.');
    // Its own message names the keys.
    const what = code === 'unrecognized_keys' ? 'has a field that is not taken' : message;
    return `${where}: ${what}`.slice(0, longestIssue);
  });
  return texts.length === 0 ? 'The request does not fit.' : texts.join('; ');
}

class HeadersTooLarge extends Problem {
  override readonly status = 431;
  constructor() {
    super('TOO_LARGE', 'The headers are too large.');
  }
}

export function ofClientError({ code }: NodeJS.ErrnoException): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Problem('TIMEOUT', 'The request came too slowly.');
  if (code === 'HPE_HEADER_OVERFLOW') return new HeadersTooLarge();
  return new Problem('BAD_REQUEST', 'That is no HTTP.');
}

/** Its message may hold what was sent; where it happened does not. */
export function tellBug(error: unknown): void {
  const place = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  const what = error instanceof AppError ? forStderr(error) : error instanceof Error ? error.name : 'What is no error';
  console.error(`API: ${what}\n${place.join('\n')}`);
}
