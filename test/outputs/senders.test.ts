/**
 * @file The three protocols against real receivers. Catches a signature that no library accepts, a batch that is no sequence of JSON objects,
 * frames that a syslog server cannot tell apart, a refusal taken for a delivery, a redirect that is followed, log text that becomes structure.
 */
import { setDefaultCACertificates } from 'node:tls';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cefRecord, syslogMessage } from '../../src/main/outputs/cef.ts';
import { failureInWords } from '../../src/main/outputs/failureWords.ts';
import { collectorUrl, splunkSender } from '../../src/main/outputs/splunk.ts';
import { syslogSender } from '../../src/main/outputs/syslog.ts';
import { signatureOf, webhookSecret, webhookSender } from '../../src/main/outputs/webhook.ts';
import { outgoing } from './alerts.ts';
import { certificate, datagramReceiver, framesOf, httpReceiver, streamReceiver } from './receivers.ts';

const { signal } = new AbortController();
const nowMs = Date.UTC(2026, 10, 20);
const hostile = fc.string({ unit: 'binary', maxLength: 200 });

test('a webhook is signed as the specification’s own example is', () => {
  const signed = signatureOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1_614_265_330,
    body: '{"test": 2432232314}',
  });
  expect(signed).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('a webhook gets one request for each alert, in order, each with its own signature', async () => {
  const receiver = await httpReceiver();
  const secret = webhookSecret(new Uint8Array(32).fill(3));
  const alerts = [outgoing(), outgoing({ id: 'alert-2', line: '\ud800 <script> "' })];
  await webhookSender(`${receiver.url}/hook`, secret, () => nowMs).send(alerts, signal);
  expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/hook']);
  for (const [index, { headers, body }] of receiver.received.entries()) {
    const id = `alert-${index + 1}`;
    expect(headers['webhook-signature']).toBe(signatureOf(secret, { id, timestamp: nowMs / 1000, body }));
    expect(JSON.parse(body)).toMatchObject({ type: 'alert.raised', data: { id } });
  }
});

test('what is not a 2xx answer is no delivery, and says what the receiver said; a redirect is not followed', async () => {
  const elsewhere = await httpReceiver();
  const answers = [
    { status: 302, headers: { location: elsewhere.url } },
    { status: 401, text: 'no such key\u001b[2J' },
    { status: 500, text: 'x'.repeat(1_000_000) },
    null,
  ];
  const receiver = await httpReceiver((_request, count) => answers[count - 1] ?? null);
  const sender = webhookSender(receiver.url, null, () => nowMs);
  const refusals: unknown[] = [];
  for (const _answer of answers)
    refusals.push(await sender.send([outgoing()], signal).catch((error: unknown) => error));
  expect(refusals).toEqual([
    expect.objectContaining({ code: 'UNREACHABLE', message: expect.stringMatching(/HTTP 302.*Check the address/) }),
    expect.objectContaining({ code: 'UNREACHABLE', message: expect.stringMatching(/HTTP 401 "no such key \[2J"/) }),
    expect.objectContaining({ code: 'UNREACHABLE', message: expect.stringMatching(/^.{0,400}$/) }),
    expect.objectContaining({ code: 'UNREACHABLE', message: expect.stringMatching(/does not answer/) }),
  ]);
  expect(elsewhere.received).toEqual([]);
  await receiver.close();
  await expect(sender.send([outgoing()], signal)).rejects.toMatchObject({ code: 'UNREACHABLE' });
});

test('Splunk gets a batch as one JSON object after another, with the token', async () => {
  const receiver = await httpReceiver(() => ({ status: 200, text: '{"text":"Success","code":0}' }));
  const alerts = [outgoing(), outgoing({ id: 'alert-2', at: null, host: null, line: 'a\nb' })];
  await splunkSender(receiver.url, 'B5A79AAD-D822-46CC-80D1-819F80D7BFB0', {
    index: 'security',
    now: () => nowMs,
  }).send(alerts, signal);
  const [request] = receiver.received;
  expect([request?.path, request?.headers.authorization]).toEqual([
    '/services/collector/event',
    'Splunk B5A79AAD-D822-46CC-80D1-819F80D7BFB0',
  ]);
  const events = (request?.body ?? '').split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events).toEqual([
    expect.objectContaining({ time: 1_795_179_600, host: 'fs-02', index: 'security', sourcetype: 'surprisal:alert' }),
    expect.objectContaining({ time: 1_795_179_601, event: expect.objectContaining({ line: 'a\nb' }) }),
  ]);
  expect(collectorUrl('https://siem.example:8088/custom')).toBe('https://siem.example:8088/custom');
});

test.each(['tcp', 'tls'] as const)(
  'syslog over %s: every message framed, and taken when the receiver ends',
  async (transport) => {
    setDefaultCACertificates([certificate]);
    const receiver = await streamReceiver(transport);
    const alerts = [outgoing({ line: 'Grüße 漢字\r\n2 <13>1 forged' }), outgoing({ id: 'alert-2' })];
    const sender = syslogSender({ host: '127.0.0.1', port: receiver.port, transport }, 'sensor-1');
    await sender.send(alerts, signal);
    expect(framesOf(receiver.text())).toEqual(alerts.map((alert) => syslogMessage(alert, 'sensor-1')));
  },
);

test('syslog over UDP is one datagram for each alert', async () => {
  const receiver = await datagramReceiver();
  await syslogSender({ host: '127.0.0.1', port: receiver.port, transport: 'udp' }, 'sensor-1').send(
    [outgoing()],
    signal,
  );
  expect(await receiver.next()).toBe(syslogMessage(outgoing(), 'sensor-1'));
});

test('a syslog receiver that goes in the middle, is not there, or is nobody we trust has not taken the batch', async () => {
  setDefaultCACertificates([]);
  const rude = await streamReceiver('tcp', (socket) => socket.resetAndDestroy());
  const unknown = await streamReceiver('tls');
  const many = Array.from({ length: 100 }, () => outgoing({ line: 'x'.repeat(8000) }));
  const to = (port: number, transport: 'tcp' | 'tls') =>
    syslogSender({ host: '127.0.0.1', port, transport }, 'sensor-1');
  await expect(to(rude.port, 'tcp').send(many, signal)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  await expect(to(1, 'tcp').send(many, signal)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  await expect(to(unknown.port, 'tls').send(many, signal)).rejects.toThrow(/certificate/);
});

test('a syslog receiver that never stops talking, or that reads for ever, is waited for no longer than a batch may take', async () => {
  const within = { quietMs: 60_000, wholeMs: 300 };
  const to = (port: number) => syslogSender({ host: '127.0.0.1', port, transport: 'tcp' }, 'sensor-1', within);
  const talking = await streamReceiver('tcp', (socket) => {
    socket.allowHalfOpen = true;
    const saying = setInterval(() => socket.write('still here\n'), 10);
    socket.on('close', () => clearInterval(saying));
  });
  await expect(to(talking.port).send([outgoing()], signal)).rejects.toThrow(/does not end the connection/);
  const slow = await streamReceiver('tcp', (socket) => socket.pause());
  const many = Array.from({ length: 5000 }, () => outgoing({ line: 'x'.repeat(8000) }));
  await expect(to(slow.port).send(many, signal)).rejects.toThrow(/reads too slowly/);
});

test('a certificate that is not trusted, no TLS where it is meant, and nobody there are told apart, in words that say what to do', async () => {
  setDefaultCACertificates([]);
  const [signed, plain] = [await streamReceiver('tls'), await httpReceiver()];
  const why = (url: string): Promise<string> =>
    webhookSender(url, null, () => nowMs)
      .send([outgoing()], signal)
      .then(
        () => 'sent',
        (error: Error) => error.message,
      );
  expect(await why(`https://127.0.0.1:${signed.port}`)).toMatch(
    /certificate that it signed itself.*NODE_EXTRA_CA_CERTS/,
  );
  expect(await why(`https://127.0.0.1:${plain.port}`)).toMatch(/speak TLS/);
  await plain.close();
  expect(await why(plain.url)).toMatch(/nothing listens there/);
  expect(await why('http://127.0.0.1:1')).toMatch(/web requests are never sent to/);
  setDefaultCACertificates([certificate]);
  const lone = syslogSender({ host: '127.0.0.2', port: signed.port, transport: 'tls' }, 'sensor-1');
  await expect(lone.send([outgoing()], signal)).rejects.toThrow(/nothing listens there|certificate for another name/);
  for (const error of [new Error('x', { cause: Object.assign(new Error('expired'), { code: 'CERT_HAS_EXPIRED' }) })])
    expect(failureInWords(error)).toMatch(/has expired\. Renew it there; nothing was sent/);
});

test.each([
  ['30', 30_000],
  ['0', null],
  ['-5', null],
  ['soon', null],
  ['Fri, 31 Dec 1999 23:59:59 GMT', null],
  ['99999999999999', null],
  // By the clock of the app, whatever that of the machine says.
  [new Date(nowMs + 90_000).toUTCString(), 90_000 - (nowMs % 1000)],
])('a receiver that says Retry-After: %s is understood', async (text, ms) => {
  const receiver = await httpReceiver(() => ({ status: 503, headers: { 'retry-after': text } }));
  const sender = webhookSender(receiver.url, null, () => nowMs);
  await expect(sender.send([outgoing()], signal)).rejects.toMatchObject({ code: 'UNREACHABLE', retryAfterMs: ms });
});

test('a rise is a message of its own, and says what it is', async () => {
  const receiver = await httpReceiver();
  await webhookSender(receiver.url, null, () => nowMs).send(
    [outgoing(), outgoing({ change: 'risen', severityLevel: 5 })],
    signal,
  );
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(['alert-1', 'alert-1-5']);
  expect(receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual([
    'alert.raised',
    'alert.risen',
  ]);
  expect(cefRecord(outgoing({ change: 'risen' }))).toContain(' act=risen ');
});

test('whatever a log says, a record has its eight parts and stays on one line', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (line, title, name) => {
      const record = cefRecord(
        outgoing({ line, title, reasoning: line, source: name, entity: { kind: 'user', name } }),
      );
      expect(record).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      const bars = [...record.matchAll(/(?<!\\)(?:\\\\)*\|/g)];
      expect(bars.length).toBeGreaterThanOrEqual(7);
      const extension = record.slice((bars[6]?.index ?? 0) + (bars[6]?.[0].length ?? 0));
      const keys = [...extension.matchAll(/(?:^| )([A-Za-z0-9]+)(?<!\\)=/g)].map(([, found]) => found);
      expect(keys.filter((found) => found === 'externalId')).toEqual(['externalId']);
      expect(keys.at(-1)).toBe('msg');
    }),
  );
});
