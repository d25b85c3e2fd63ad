/** @file Who asks: whether a request is meant for this server and comes from this computer, and which token it gives. */
import type { IncomingMessage } from 'node:http';
import { Problem } from './problem.ts';

export const streamProtocol = 'surprisal.v1';
const tokenProtocol = 'bearer.';

/** Names that this server goes by; a browser that was led here by a name of somebody else's sends that one. */
export function hostsOf(port: number): ReadonlySet<string> {
  return new Set(['127.0.0.1', 'localhost'].flatMap((name) => [`${name}:${port}`, ...(port === 80 ? [name] : [])]));
}

/** Throws a Problem for who is not from this computer. */
export function checkOrigin({ headers }: IncomingMessage, ownHosts: ReadonlySet<string>): void {
  if (!ownHosts.has(headers.host ?? '')) throw new Problem('FORBIDDEN', 'This address is not served here.');
  const { origin } = headers;
  if (origin !== undefined && !isLoopback(origin)) throw new Problem('FORBIDDEN', 'Other origins may not ask.');
}

export function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer +(\S{1,200})$/i.exec(headers.authorization ?? '')?.[1];
}

/** Browsers can send no header with a WebSocket. */
export function protocolToken({ headers }: IncomingMessage): string | undefined {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  return offered.find((one) => one.startsWith(tokenProtocol))?.slice(tokenProtocol.length);
}

/** A page of this computer's: it has no token by itself. */
function isLoopback(origin: string): boolean {
  const host = URL.parse(origin)?.hostname;
  return host === '127.0.0.1' || host === 'localhost' || host === '[::1]';
}
