/** @file Ollama's protocol over real HTTP, with a server that plays good and bad models. Catches a hang, an endless answer, a lost piece, a request that leaves this machine. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loopbackAddress } from '../../src/main/explanation/address.ts';
import { chat, listModels, ollamaLimits } from '../../src/main/explanation/ollama.ts';
import { startOllama, type FakeOllama, type Fault } from '../helpers/ollama.ts';

const limits = { ...ollamaLimits, listMs: 200, firstPieceMs: 300, silenceMs: 200, answerMs: 3000 };
let ollama: FakeOllama;
beforeEach(async () => void (ollama = await startOllama()));
afterEach(() => ollama.close());

async function ask(change: { signal?: AbortSignal; onText?: (text: string) => void; limits?: typeof limits } = {}) {
  const texts: string[] = [];
  const answer = await chat(
    { address: ollama.address, model: 'mistral', messages: [{ role: 'user', content: 'by 14.2 bits' }] },
    { signal: new AbortController().signal, onText: (text) => texts.push(text), limits, ...change },
  );
  return { ...answer, texts };
}

test('an answer comes piece by piece and whole, with the settings that make it the same again', async () => {
  ollama.play = () => ['Anomal', 'ous. ', 'Über ', '🙂', ' end'];
  const { text, isCut, texts } = await ask();
  expect(text).toBe('Anomalous. Über 🙂 end');
  expect(isCut).toBe(false);
  expect(texts.at(-1)).toBe(text);
  expect(texts.length).toBeGreaterThan(2);
  expect(ollama.chats[0]).toMatchObject({ model: 'mistral', stream: true, options: { temperature: 0, seed: 1 } });
});

test.each<[Fault, string]>([
  ['half_json', 'no answer of Ollama'],
  ['wrong_type', 'no answer of Ollama'],
  ['closes', 'in the middle of its answer'],
  ['status_500', 'model runner has unexpectedly stopped'],
  ['error_line', 'out of memory'],
  ['not_ollama', 'no answer of Ollama'],
  ['redirects', 'sent nowhere else'],
  ['silent', 'began no answer'],
  ['falls_silent', 'fell silent'],
  ['long_line', 'no answer of Ollama'],
  ['no_model', 'ollama pull mistral'],
])('a model that is %s gives an error in words', async (fault, sentence) => {
  ollama.fault = fault;
  await expect(ask()).rejects.toMatchObject({
    code: fault === 'no_model' ? 'NOT_FOUND' : 'PROVIDER_FAILED',
    message: expect.stringContaining(sentence) as string,
  });
});

test('what came before a failure was told', async () => {
  ollama.fault = 'closes';
  const texts: string[] = [];
  await expect(ask({ onText: (text) => texts.push(text) })).rejects.toThrow();
  expect(texts.at(-1)).toBe('Anomalous. The ');
});

test('an endless answer is cut at its length, and the connection is closed', async () => {
  ollama.fault = 'endless';
  const { text, isCut } = await ask({ limits: { ...limits, answerChars: 500 } });
  expect(isCut).toBe(true);
  expect(text).toHaveLength(500);
  await expect.poll(() => ollama.cut()).toBe(1);
});

test('an endless answer is cut at its time', async () => {
  ollama.fault = 'endless';
  const { isCut } = await ask({ limits: { ...limits, answerMs: 50, answerChars: 1e9 } });
  expect(isCut).toBe(true);
});

test('cancelling ends the request at once, also before its first piece', async () => {
  for (const fault of ['endless', 'silent'] as const) {
    ollama.fault = fault;
    const controller = new AbortController();
    const asked = ask({ signal: controller.signal, limits: { ...limits, firstPieceMs: 60_000 } });
    setTimeout(() => controller.abort(), 20);
    await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' });
  }
  await expect.poll(() => ollama.cut()).toBe(2);
});

test('where nothing listens, the sentence says what to install', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise((resolve) => server.close(resolve));
  await expect(listModels(address)).rejects.toThrow(/Install it from ollama\.com.*ollama serve.*ollama pull mistral/);
});

test('models that run on other machines are told apart', async () => {
  ollama.models.push(
    { name: 'deepseek-v3.1:671b-cloud', size: 0 },
    { name: 'kimi:cloud' },
    { name: '--flag x' },
    { size: 3 },
  );
  const models = await listModels(ollama.address);
  expect(models.map(({ name, isRemote }) => [name, isRemote])).toEqual([
    ['mistral:latest', false],
    ['llama3.2:3b', false],
    ['gpt-oss:120b-cloud', true],
    ['deepseek-v3.1:671b-cloud', true],
    ['kimi:cloud', true],
  ]);
});

test.each<Fault>(['not_ollama', 'redirects', 'silent', 'status_500'])(
  'a list from what is %s is refused',
  async (fault) => {
    ollama.fault = fault;
    await expect(listModels(ollama.address, undefined, limits)).rejects.toMatchObject({ code: 'PROVIDER_FAILED' });
  },
);

test.each([
  'http://192.0.2.1:11434',
  'http://127.0.0.1.evil.example:11434',
  'http://evil.example',
  'https://127.0.0.1:11434',
  'http://user:secret@127.0.0.1:11434',
  'http://127.0.0.1:11434/path',
  'http://127.0.0.1:11434?x=1',
  'http://0.0.0.0:11434',
  'http://[::]:11434',
  'http://[fe80::1]:11434',
  'http://[::ffff:127.0.0.1]:11434',
  'file:///etc/passwd',
  '127.0.0.1:11434',
  '',
])('no other address is asked: %s', (address) => expect(() => loopbackAddress(address)).toThrow('no address'));

test.each([
  ['http://localhost:11434', '127.0.0.1:11434'],
  ['http://127.1:11434', '127.0.0.1:11434'],
  ['http://127.8.9.1', '127.8.9.1'],
  ['http://2130706433:11434', '127.0.0.1:11434'],
  ['http://[::1]:80', '[::1]'],
])('%s is this machine', (address, host) => {
  const url = loopbackAddress(address);
  expect(url.host).toBe(host);
});
