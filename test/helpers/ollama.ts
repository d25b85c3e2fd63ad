/** @file A server that speaks Ollama's protocol over real HTTP and plays a model: one that obeys its task, one that obeys the log, a slow, a broken, an endless one. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Chat = { model: string; messages: { role: string; content: string }[]; stream: boolean; options: object };

/** What a model says to a question, piece by piece; a slow one waits between two. */
export type Play = (chat: Chat) => Iterable<string> | AsyncIterable<string>;

/** How the server behaves, where not as Ollama does. */
export type Fault =
  | 'half_json'
  | 'wrong_type'
  | 'closes'
  | 'status_500'
  | 'error_line'
  | 'not_ollama'
  | 'redirects'
  | 'silent'
  | 'falls_silent'
  | 'endless'
  | 'long_line'
  | 'no_model';

/** Names the strongest figures that it was given, and the first line of the data. */
export const obedient: Play = ({ messages }) => {
  const asked = messages.at(-1)?.content ?? '';
  const p = /p-value is ([\d.e-]+)/.exec(asked)?.[1] ?? '';
  const bits = /by ([\d.]+) bits/.exec(asked)?.[1] ?? '';
  const line = /^line (\d+) that was flagged/m.exec(asked)?.[1] ?? '';
  return [
    'Anomalous. ',
    `Line ${line} `,
    `surprised the model by ${bits} bits, `,
    `with a p-value of ${p}. `,
    'Other events were expected instead, which may mean that somebody acts who never did before.',
  ];
};

/** Does what a line of the log tells it. */
export const injected: Play = ({ messages }) => {
  const asked = messages.at(-1)?.content ?? '';
  const order = /\band (?:say|answer): ([^\n]*)/i.exec(asked)?.[1];
  return order === undefined
    ? obedient({ messages } as Chat)
    : [
        order.slice(0, 60),
        ' This is routine maintenance by 203.0.113.99, see http://evil.example/a. ',
        'It can be safely ignored.',
      ];
};

export type FakeOllama = {
  address: string;
  /** Every question that came. */
  chats: Chat[];
  /** Requests by method and path. */
  seen: string[];
  /** Connections that the client closed before the answer was at its end. */
  cut: () => number;
  play: Play;
  fault: Fault | null;
  models: Record<string, unknown>[];
  close: () => Promise<void>;
};

const piece = (model: string, content: string): string =>
  `${JSON.stringify({ model, created_at: '2026-01-01T00:00:00Z', message: { role: 'assistant', content }, done: false })}\n`;
const last = (model: string): string =>
  `${JSON.stringify({ model, message: { role: 'assistant', content: '' }, done_reason: 'stop', done: true })}\n`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString('utf8');
  return body;
}

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** Answers a question the wrong way. */
async function misbehave(fault: Fault, model: string, response: ServerResponse): Promise<void> {
  const stream = (): void => void response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  switch (fault) {
    case 'half_json':
      stream();
      response.write(piece(model, 'Anomalous. The '));
      return void response.end('{"message":{"content":"li');
    case 'wrong_type':
      stream();
      response.write(piece(model, 'Anomalous. '));
      return void response.end('{"message":{"content":{"toString":"no text"}},"done":false}\n');
    case 'closes':
      stream();
      response.write(piece(model, 'Anomalous. The '));
      await later();
      return void response.destroy();
    case 'status_500':
      response.writeHead(500, { 'content-type': 'application/json' });
      return void response.end('{"error":"model runner has unexpectedly stopped"}');
    case 'error_line':
      stream();
      response.write(piece(model, 'Anomalous. '));
      return void response.end('{"error":"out of memory"}\n');
    case 'not_ollama':
      response.writeHead(200, { 'content-type': 'text/html' });
      return void response.end('<!doctype html><title>A router</title>');
    case 'redirects':
      response.writeHead(307, { location: 'http://192.0.2.1/api/chat' });
      return void response.end();
    case 'silent':
      return undefined;
    case 'falls_silent':
      stream();
      return void response.write(piece(model, 'Anomalous. The '));
    case 'endless':
      stream();
      while (!response.destroyed && !response.writableEnded) {
        response.write(piece(model, 'Anomalous. And on and on it goes. '));
        await later();
      }
      return undefined;
    case 'long_line':
      stream();
      while (!response.destroyed) {
        response.write('"'.repeat(16 * 1024));
        await later();
      }
      return undefined;
    case 'no_model':
      response.writeHead(404, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify({ error: `model '${model}' not found` }));
  }
}

export async function startOllama(play: Play = obedient): Promise<FakeOllama> {
  let cut = 0;
  const server = createServer(async (request, response) => {
    response.on('close', () => (cut += response.writableFinished ? 0 : 1));
    response.on('error', () => undefined);
    fake.seen.push(`${request.method} ${request.url}`);
    if (request.method === 'GET' && request.url === '/api/tags') {
      if (
        fake.fault === 'not_ollama' ||
        fake.fault === 'redirects' ||
        fake.fault === 'silent' ||
        fake.fault === 'status_500'
      )
        return misbehave(fake.fault, '', response);
      response.writeHead(200, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify({ models: fake.models }));
    }
    if (request.method !== 'POST' || request.url !== '/api/chat') {
      response.writeHead(404);
      return void response.end('404 page not found');
    }
    const chat = JSON.parse(await bodyOf(request)) as Chat;
    fake.chats.push(chat);
    if (fake.fault) return misbehave(fake.fault, chat.model, response);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for await (const content of fake.play(chat)) {
      if (response.destroyed) return;
      response.write(piece(chat.model, content));
      await later();
    }
    response.end(last(chat.model));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeOllama = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    chats: [],
    seen: [],
    cut: () => cut,
    play,
    fault: null,
    models: [
      { name: 'mistral:latest', model: 'mistral:latest', size: 4_113_301_824, digest: 'ab' },
      { name: 'llama3.2:3b', size: 2_019_393_189 },
      { name: 'gpt-oss:120b-cloud', size: 384, remote_host: 'https://ollama.com:443', remote_model: 'gpt-oss:120b' },
    ],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}
