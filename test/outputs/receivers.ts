/**
 * @file Receivers as they are outside: a web server, a syslog server over TCP, TLS and UDP. The certificate beside this file is for 127.0.0.1 and for
 * tests alone, made by `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=localhost -addext
 * 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout receiver.key.pem -out receiver.cert.pem`.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';

export const certificate = readFileSync(new URL('receiver.cert.pem', import.meta.url), 'utf8');
const key = readFileSync(new URL('receiver.key.pem', import.meta.url), 'utf8');

export type Received = { path: string; headers: IncomingHttpHeaders; body: string };
export type Answer = { status: number; text?: string; headers?: Record<string, string> };

export type HttpReceiver = { url: string; port: number; received: Received[]; close: () => Promise<void> };

/** `answer` is asked for each request; null hangs up without one. `port` 0: any. */
export async function httpReceiver(
  answer: (request: Received, count: number) => Answer | null = () => ({ status: 200 }),
  port = 0,
): Promise<HttpReceiver> {
  const received: Received[] = [];
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
      received.push(one);
      const given = answer(one, received.length);
      if (!given) {
        request.socket.destroy();
        return;
      }
      response.writeHead(given.status, given.headers).end(given.text ?? '');
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  const at = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${at}`, port: at, received, close };
}

/** `onData` sees each piece as it comes and may end the connection as it likes. */
export async function streamReceiver(
  transport: 'tcp' | 'tls',
  onData: (socket: Socket, text: string) => void = () => undefined,
): Promise<{ port: number; text: () => string }> {
  let text = '';
  const onSocket = (socket: Socket): void => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      onData(socket, text);
    });
  };
  const server: Server =
    transport === 'tls' ? createTlsServer({ key, cert: certificate }, onSocket) : createTcpServer(onSocket);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, text: () => text };
}

export async function datagramReceiver(): Promise<{ port: number; next: () => Promise<string> }> {
  const socket = createSocket('udp4');
  const messages: string[] = [];
  socket.on('message', (message) => {
    messages.push(message.toString('utf8'));
    socket.emit('kept');
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return {
    port: socket.address().port,
    next: async () => {
      while (messages.length === 0) await once(socket, 'kept');
      return messages.shift() ?? '';
    },
  };
}

/** RFC 6587: a count of octets, a space, so many octets. Throws where the text is not that. */
export function framesOf(text: string): string[] {
  let rest = Buffer.from(text);
  const frames: string[] = [];
  while (rest.length > 0) {
    const match = /^(\d+) /.exec(rest.subarray(0, 12).toString('latin1'));
    if (!match?.[1]) throw new Error(`No count at "${rest.subarray(0, 20).toString('latin1')}".`);
    const start = match[0].length;
    const end = start + Number(match[1]);
    if (end > rest.length) throw new Error('The last frame is cut.');
    frames.push(rest.subarray(start, end).toString('utf8'));
    rest = rest.subarray(end);
  }
  return frames;
}
