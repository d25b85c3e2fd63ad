/**
 * @file What the API's server does with requests that are hostile or broken, over real sockets: who asks is checked first, what is read is bounded,
 * the answers say why, and it goes on answering others. What lines mean is played here.
 */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { RateLimit } from '../../src/main/api/rateLimit.ts';
import type { AlertMessage, AnalyzeLine, Judgement } from '../../src/main/api/schemas.ts';
import { defaultLimits, startApi, type ApiBackend, type ApiLimits, type ApiServer } from '../../src/main/api/server.ts';
import { clientOf, type Client } from './served.ts';

const token = 'surprisal_good';
const secretLine = 'do not tell anybody of hunter2';

const judgement = ({ timestamp }: AnalyzeLine): Judgement => ({
  timestamp,
  is_anomaly: false,
  confidence: 0,
  reasoning: 'Played.',
  score: 1,
  p: 0.1,
  perplexity: null,
  threshold: 4,
  alert_id: null,
});

const line: AnalyzeLine = { timestamp: '2026-09-10T03:11:00Z', log_line: 'one', source: 'gateway' };
const servers: ApiServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(
  limits: Partial<ApiLimits> = {},
  backend: Partial<ApiBackend> = {},
): Promise<{ server: ApiServer; port: number; ask: Client }> {
  const server = await startApi(
    {
      appVersion: 'test',
      clientOf: (given) => (given === token ? { id: 'one', name: 'collector' } : null),
      analyze: (lines) => Promise.resolve(lines.map(judgement)),
      feedback: () => Promise.resolve(),
      metrics: () =>
        Promise.resolve({
          total_processed: 2,
          anomalies_detected: 1,
          avg_processing_time_ms: 1.5,
          detection_rate: 0.5,
          logs_per_second: 3,
          true_positives: 4,
          false_positives: 5,
        }),
      ...backend,
    },
    0,
    { ...defaultLimits, ...limits },
  );
  servers.push(server);
  return { server, port: server.port, ask: clientOf(server.port, token) };
}

/** What comes back on a plain connection, until it ends. */
async function raw(port: number, send: (socket: Socket) => void): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  send(socket);
  await once(socket, 'close');
  return text;
}

/** With headers that `fetch` does not let one set. */
async function withHeaders(port: number, path: string, headers: Record<string, string>): Promise<number | undefined> {
  const asked = httpRequest({
    host: '127.0.0.1',
    port,
    path,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe('who asks', () => {
  test('no token, a wrong one, one of another scheme, and one that is a part of it get 401 and nothing else', async () => {
    const { port } = await start();
    for (const given of ['', 'surprisal_bad', token.slice(0, -1), `${token}x`, 'é'.repeat(10), 'a'.repeat(5000)]) {
      const answer = await clientOf(port, encodeURI(given)).post('/analyze', line);
      expect([answer.status, answer.json.error.code]).toEqual([401, 'UNAUTHORIZED']);
    }
    expect(await withHeaders(port, '/metrics', { authorization: `Basic ${token}` })).toBe(401);
  });

  test('another host name (rebinding) and a page of another origin get 403; a page of this computer is let ask', async () => {
    const { port } = await start();
    expect(await withHeaders(port, '/metrics', { host: `evil.example:${port}` })).toBe(403);
    expect(await withHeaders(port, '/metrics', { origin: 'https://evil.example' })).toBe(403);
    expect(await withHeaders(port, '/metrics', { origin: 'null' })).toBe(403);
    expect(await withHeaders(port, '/metrics', { origin: 'http://127.0.0.1.evil.example' })).toBe(403);
    expect(await withHeaders(port, '/metrics', { origin: 'http://localhost:3000' })).toBe(200);
    expect(await withHeaders(port, '/metrics', { host: `localhost:${port}` })).toBe(200);
  });

  test('a token that sends more than its rate gets 429 with when to go on, and another one is not held up by it', async () => {
    const clients = new Map([
      ['a', { id: 'a', name: 'a' }],
      ['b', { id: 'b', name: 'b' }],
    ]);
    const { port } = await start({ perSecond: 1000 }, { clientOf: (given) => clients.get(given) ?? null });
    const batch = Array.from({ length: 1000 }, () => line);
    const statuses = [];
    for (let sent = 0; sent < 4; sent++) statuses.push((await clientOf(port, 'a').post('/analyze', batch)).status);
    expect(statuses).toContain(429);
    const refused = await clientOf(port, 'a').post('/analyze', batch);
    if (refused.status === 429) expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await clientOf(port, 'b').post('/analyze', line)).status).toBe(200);
  });

  test('a bucket fills at its rate and never beyond a second’s worth', () => {
    let now = 0;
    const limit = new RateLimit(2000, () => now);
    expect([limit.take('a', 2000), limit.take('a', 1000)]).toEqual([0, 0.5]);
    now = 500;
    expect([limit.take('a', 1000), limit.take('a', 1)]).toEqual([0, 1 / 2000]);
    now = 1_000_000;
    expect([limit.take('a', 2000), limit.take('a', 2)]).toEqual([0, 1 / 1000]);
  });
});

describe('what is sent', () => {
  test('unknown paths, other methods, other types and other encodings are told apart', async () => {
    const { port, ask } = await start();
    expect((await ask.get('/nothing')).status).toBe(404);
    expect((await ask.get('/../../etc/passwd')).status).toBe(404);
    const wrong = await ask.get('/analyze');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1'])
      expect((await ask.post('/analyze', line, { 'content-type': type })).status).toBe(415);
    expect((await ask.post('/analyze', line, { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await ask.post('/analyze', line, { 'content-type': 'application/json; charset=UTF-8' })).status).toBe(200);
    expect((await ask.get('/stream')).status).toBe(426);
    expect(await raw(port, (socket) => socket.end('GET\0 / HTTP/1.1\r\n\r\n'))).toMatch(
      /^HTTP\/1\.1 400[^]*BAD_REQUEST/,
    );
    const headers = `GET / HTTP/1.1\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`;
    expect(await raw(port, (socket) => socket.write(headers))).toMatch(/^HTTP\/1\.1 431/);
  });

  test('what does not fit is said by place, and never quoted: neither text nor names of fields', async () => {
    const { ask } = await start();
    const bodies = [
      `{"log_line": "${secretLine}"`,
      { ...line, log_line: 5, [secretLine]: 1 },
      { ...line, timestamp: secretLine },
      { ...line, source: `${secretLine}\n` },
      // Tried in every way that it could be cut, it would keep the server for an hour.
      { ...line, source: `${'a'.repeat(3_000_000)}\n` },
      { ...line, log_line: ' \t ' },
      [line, { ...line, log_line: undefined }],
      [],
      Array.from({ length: 1001 }, () => line),
      null,
      '[[[['.repeat(100_000),
      { alert_id: 'x', log_line: secretLine, was_correct: true },
    ];
    for (const body of bodies) {
      const answer = await ask.post('/analyze', body);
      expect([answer.status, answer.json.error.code]).toEqual([400, 'BAD_REQUEST']);
      expect(answer.text).not.toContain('hunter2');
      expect(answer.text.length).toBeLessThan(1000);
    }
    expect((await ask.post('/analyze', [line, { ...line, log_line: 1 }])).json.error.message).toContain('1.log_line');
  });

  test('bytes that are no UTF-8 are refused instead of replaced', async () => {
    const { port } = await start();
    const body = Buffer.from(JSON.stringify(line)).toString('latin1').replace('one', '\xff\xfe');
    const answer = await raw(port, (socket) =>
      socket.write(
        `POST /analyze HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        'latin1',
      ),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
  });

  test('a million tokens of text get 413, with their length told or not, and what is held is given back', async () => {
    const { port, ask } = await start({ requestBytes: 1 << 20, heldBytes: 2 << 20 });
    const huge = JSON.stringify({ ...line, log_line: 'token '.repeat(1_000_000) });
    for (let sent = 0; sent < 4; sent++) expect((await ask.post('/analyze', huge)).status).toBe(413);
    const chunked = httpRequest({
      host: '127.0.0.1',
      port,
      path: '/analyze',
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    });
    chunked.on('error', () => undefined);
    chunked.end(huge);
    const [response] = (await once(chunked, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(413);
    expect((await ask.post('/analyze', { ...line, log_line: 'a'.repeat(900_000) })).status).toBe(200);
  });

  test('more than may be held at once is refused with when to try again', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { ask } = await start(
      { requestBytes: 1 << 20, heldBytes: 1 << 20 },
      { analyze: (lines) => held.then(() => lines.map(judgement)) },
    );
    const body = { ...line, log_line: 'a'.repeat(700_000) };
    const first = ask.post('/analyze', body);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const second = await ask.post('/analyze', body);
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1']);
    release();
    expect((await first).status).toBe(200);
    expect((await ask.post('/analyze', body)).status).toBe(200);
  });

  test('slow headers, a slow body and a half-closed request end, and others are answered meanwhile', async () => {
    const { port, ask } = await start({ headersMs: 300, requestMs: 600 });
    const head = `POST /analyze HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n`;
    const slowHeaders = raw(port, (socket) => socket.write('POST /analyze HTTP/1.1\r\nho'));
    const slowBody = raw(port, (socket) => socket.write(`${head}{"a`));
    const halfClosed = raw(port, (socket) => socket.end(`${head}{"a`));
    const halfHeaders = raw(port, (socket) => socket.end('POST /analyze HT'));
    expect((await ask.post('/analyze', line)).status).toBe(200);
    expect(await slowHeaders).toMatch(/^HTTP\/1\.1 408[^]*TIMEOUT/);
    expect(await slowBody).toMatch(/^HTTP\/1\.1 408/);
    expect(await halfHeaders).toMatch(/^HTTP\/1\.1 400/);
    await halfClosed; // it ends, whatever it gets
    expect((await ask.post('/analyze', line)).status).toBe(200);
  });

  test('connections beyond the most are closed, and room is there when some go', async () => {
    const { port, ask } = await start({ connections: 20 });
    const open = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => undefined);
        await once(socket, 'connect').catch(() => undefined);
        return socket;
      }),
    );
    await vi.waitFor(
      () => expect(open.filter(({ closed, destroyed }) => closed || destroyed).length).toBeGreaterThanOrEqual(40),
      {
        timeout: 5000,
      },
    );
    for (const socket of open) socket.destroy();
    await vi.waitFor(async () => expect((await ask.post('/analyze', line)).status).toBe(200), { timeout: 5000 });
  });

  test('a bug in the app is told as one, with its place and without what was sent', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { ask } = await start(
      {},
      { analyze: ([first]) => Promise.reject(new TypeError(`cannot read ${first?.log_line}`)) },
    );
    const answer = await ask.post('/analyze', { ...line, log_line: secretLine });
    expect([answer.status, answer.json.error.code]).toEqual([500, 'INTERNAL']);
    const stderr = JSON.stringify(said.mock.calls);
    said.mockRestore();
    expect(stderr).toContain('http.test.ts');
    expect(stderr + answer.text).not.toContain('hunter2');
  });
});

test('a port that is taken is a sentence that names it', async () => {
  const { port } = await start();
  await expect(startApi({} as ApiBackend, port)).rejects.toThrow(`Port ${port} is taken by another program`);
});

test('figures are JSON, and the text of Prometheus for those who accept it', async () => {
  const { ask } = await start();
  expect((await ask.get('/metrics')).json).toMatchObject({ total_processed: 2, false_positives: 5 });
  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
  const text = await ask.get('/metrics', { accept });
  expect(text.headers.get('content-type')).toContain('version=0.0.4');
  expect(text.text).toContain('# TYPE surprisal_lines_total counter\nsurprisal_lines_total 2\n');
  expect(text.text).toContain('surprisal_processing_seconds 0.0015\n');
});

describe('streams', () => {
  const message: AlertMessage = {
    timestamp: '2026-09-10T03:11:00.000Z',
    log_line: 'a'.repeat(16_000),
    confidence: 0.5,
    perplexity: null,
    reasoning: 'Played.',
    context: ['before'],
  };
  const open = (port: number, protocols: string[] = [], headers: Record<string, string> = {}): WebSocket =>
    new WebSocket(`ws://127.0.0.1:${port}/stream`, protocols, { headers });
  const statusOf = async (socket: WebSocket): Promise<number | undefined> => {
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    return response.statusCode;
  };
  const authorization = `Bearer ${token}`;

  test('a token in the header or among the subprotocols, and no other, opens one; the token is not sent back', async () => {
    const { server, port } = await start();
    expect(await statusOf(open(port))).toBe(401);
    expect(await statusOf(open(port, ['surprisal.v1', 'bearer.wrong']))).toBe(401);
    expect(await statusOf(open(port, [], { authorization, origin: 'https://evil.example' }))).toBe(403);
    const sockets = [open(port, [], { authorization }), open(port, ['surprisal.v1', `bearer.${token}`])];
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    expect(sockets.map(({ protocol }) => protocol)).toEqual(['', 'surprisal.v1']);
    const heard = sockets.map((socket) => once(socket, 'message'));
    server.stream.send(message);
    for (const [data] of await Promise.all(heard)) expect(JSON.parse(String(data))).toEqual(message);
  });

  test('who does not read is dropped with a reason while others go on, and what is held of it stays bounded', async () => {
    const { server, port } = await start({ streamBytes: 200_000 });
    const slow = open(port, [], { authorization });
    const fast = open(port, [], { authorization });
    await Promise.all([once(slow, 'open'), once(fast, 'open')]);
    let heard = 0;
    fast.on('message', () => heard++);
    slow.pause();
    const closed = once(slow, 'close');
    let sent = 0;
    while (server.stream.listenerCount === 2 && sent < 5000) {
      server.stream.send(message);
      sent++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.stream.listenerCount).toBe(1);
    slow.resume();
    const [code, reason] = (await closed) as [number, Buffer];
    expect([code, String(reason)]).toEqual([1013, 'Alerts come faster than they are read. Connect again.']);
    await vi.waitFor(() => expect(heard).toBe(sent), { timeout: 5000 });
  });

  test('room is waited for while somebody reads, and not for ever for one who does not', async () => {
    const { server, port } = await start({ streamBytes: 200_000 });
    const fast = open(port, [], { authorization });
    await once(fast, 'open');
    let heard = 0;
    fast.on('message', () => heard++);
    // Many times what is held of one, at once: who reads gets all of it.
    for (let sent = 0; sent < 400; sent++) {
      await server.stream.room();
      server.stream.send(message);
    }
    await vi.waitFor(() => expect(heard).toBe(400), { timeout: 5000 });
    const slow = open(port, [], { authorization });
    await once(slow, 'open');
    slow.pause();
    const closed = once(slow, 'close');
    for (let sent = 0; server.stream.listenerCount === 2 && sent < 20_000; sent++) {
      await server.stream.room();
      server.stream.send(message);
    }
    expect(server.stream.listenerCount).toBe(1);
    slow.resume();
    expect((await closed)[0]).toBe(1013);
  });

  test('server-sent events carry the same, and tell why they end', async () => {
    const { server, port } = await start({ streamBytes: 200_000 });
    const gone = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${port}/events`, { headers: { authorization }, signal: gone.signal });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    await vi.waitFor(() => expect(server.stream.listenerCount).toBe(1));
    server.stream.send(message);
    let text = '';
    while (!text.endsWith('\n\n') || !text.includes('event: alert')) text += (await reader?.read())?.value ?? '';
    expect(JSON.parse(/data: (.*)\n/.exec(text)?.[1] ?? '')).toEqual(message);
    server.revoked('one');
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) text += part.value;
    expect(text).toContain('event: dropped\ndata: {"reason":"The token was revoked."}');
  });

  test('a listener that sends, and one too many, are refused', async () => {
    const { port } = await start({ listeners: 1 });
    const socket = open(port, [], { authorization });
    await once(socket, 'open');
    expect(await statusOf(open(port, [], { authorization }))).toBe(503);
    const closed = once(socket, 'close');
    socket.send('hello');
    expect((await closed)[0]).toBe(1008);
  });
});
