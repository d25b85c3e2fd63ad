/** @file Speaks Ollama's protocol over loopback HTTP: which models there are, and one question with its answer as it comes. Follows no redirect, uses no proxy, waits for nothing without end. */
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { AppError } from '../../shared/errors.ts';
import type { LocalModel } from '../../shared/explanations.ts';
import { loopbackAddress } from './address.ts';
import { AnswerReader, noOllama, quoted } from './answerStream.ts';
import type { ChatMessage } from './prompt.ts';

export type OllamaLimits = {
  /** For a list of models, from first to last byte. */
  listMs: number;
  /** Until the first piece: a model may have to be read from disk. */
  firstPieceMs: number;
  /** Between two pieces. */
  silenceMs: number;
  answerMs: number;
  answerChars: number;
};

export const ollamaLimits: OllamaLimits = {
  listMs: 5000,
  firstPieceMs: 180_000,
  silenceMs: 30_000,
  answerMs: 300_000,
  answerChars: 6000,
};

const mostListBytes = 4 * 1024 * 1024;
const mostAnswerBytes = 16 * 1024 * 1024;
const mostErrorBytes = 64 * 1024;
/** Six sentences need less. */
const mostAnswerTokens = 512;
/** Room for all data, at a token a byte, our own words and the answer. */
const contextTokens = 8192;

type Asked = { method: 'GET' | 'POST'; path: string; body?: string };
type Connection = { request: ClientRequest; response: IncomingMessage };

function unreachable(address: string, code: string | undefined): AppError {
  return new AppError(
    'PROVIDER_FAILED',
    `No Ollama answers at ${address} (${code ?? 'no connection'}). Install it from ollama.com, start it with "ollama serve", and fetch a model with "ollama pull mistral".`,
  );
}

/** What a request that broke off means; what was thrown on purpose stays. */
function failureOf(error: unknown, address: string, hasAnswered: boolean): unknown {
  if (error instanceof AppError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code?.startsWith('HPE_')) return new AppError('PROVIDER_FAILED', `${address}: ${noOllama}`);
  if (hasAnswered)
    return new AppError(
      'PROVIDER_FAILED',
      `Ollama closed the connection in the middle of its answer (${code ?? quoted(message)}). Try again.`,
    );
  return unreachable(address, code);
}

/** Resolves when the head of the answer is there. */
function open(address: URL, { method, path, body }: Asked, signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: address.hostname.replace(/^\[|\]$/g, ''),
      port: address.port === '' ? 80 : address.port,
      method,
      path,
      // One connection of its own: none is kept, and no proxy of the environment is used.
      agent: false,
      signal,
      headers:
        body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    asked.on('response', (response) => resolve({ request: asked, response }));
    asked.on('error', reject);
    asked.end(body);
  });
}

async function readWhole(response: IncomingMessage, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new AppError('PROVIDER_FAILED', noOllama);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function errorIn(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    return typeof error === 'string' ? quoted(error) : '';
  } catch {
    return '';
  }
}

/** Throws unless the answer is one. */
async function checkHead(response: IncomingMessage, address: string, model: string | null): Promise<void> {
  const status = response.statusCode ?? 0;
  if (status === 200) return;
  if (status >= 300 && status < 400)
    throw new AppError(
      'PROVIDER_FAILED',
      `${address} sends the request elsewhere, and it is sent nowhere else: is another program at that address?`,
    );
  const said = errorIn(await readWhole(response, mostErrorBytes));
  if (status === 404 && model !== null && said !== '') throw noSuchModel(model, []);
  if (said === '') throw new AppError('PROVIDER_FAILED', `${address} answers with status ${status}. ${noOllama}`);
  throw new AppError('PROVIDER_FAILED', `Ollama failed: ${said}`);
}

/** Runs with a signal that also ends after `ms`, which then throws `late`. The time can be set anew. */
async function within<T>(
  signal: AbortSignal,
  work: (own: AbortSignal, wait: (ms: number, late: string) => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const forward = (): void => controller.abort();
  if (signal.aborted) forward();
  signal.addEventListener('abort', forward, { once: true });
  let timer: NodeJS.Timeout | undefined;
  let late: AppError | undefined;
  try {
    return await work(controller.signal, (ms, sentence) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        late = new AppError('PROVIDER_FAILED', sentence);
        controller.abort();
      }, ms);
    });
  } catch (error) {
    throw late ?? (signal.aborted ? new AppError('CANCELLED', 'Cancelled.') : error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  }
}

export function noSuchModel(model: string, installed: readonly LocalModel[]): AppError {
  const names = installed.filter(({ isRemote }) => !isRemote).map(({ name }) => name);
  const others =
    names.length === 0 ? '' : `, or choose one that is there under Settings: ${names.slice(0, 8).join(', ')}`;
  return new AppError('NOT_FOUND', `Ollama has no model ${model}. Fetch it with "ollama pull ${model}"${others}.`);
}

export function remoteModel(model: string): AppError {
  return new AppError(
    'FORBIDDEN',
    `${model} is run by Ollama's cloud: what it is asked leaves this machine. Choose a model that is installed here.`,
  );
}

/** Throws PROVIDER_FAILED with what to do where no Ollama is there. */
export async function listModels(
  address: string,
  signal: AbortSignal = new AbortController().signal,
  limits: OllamaLimits = ollamaLimits,
): Promise<LocalModel[]> {
  const url = loopbackAddress(address);
  let hasAnswered = false;
  try {
    return await within(signal, async (own, wait) => {
      wait(
        limits.listMs,
        `Ollama at ${address} gave no answer within ${limits.listMs / 1000} seconds. Restart it, and try again.`,
      );
      const { response } = await open(url, { method: 'GET', path: '/api/tags' }, own);
      hasAnswered = true;
      await checkHead(response, address, null);
      return modelsIn(await readWhole(response, mostListBytes));
    });
  } catch (error) {
    throw failureOf(error, address, hasAnswered);
  }
}

function modelsIn(body: string): LocalModel[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new AppError('PROVIDER_FAILED', noOllama);
  }
  const { models } = (typeof value === 'object' && value !== null ? value : {}) as { models?: unknown };
  if (!Array.isArray(models)) throw new AppError('PROVIDER_FAILED', noOllama);
  return models.flatMap((model: unknown): LocalModel[] => {
    const { name, size, remote_host, remote_model } = (
      typeof model === 'object' && model !== null ? model : {}
    ) as Record<string, unknown>;
    if (typeof name !== 'string' || !isModelName(name)) return [];
    const isRemote = Boolean(remote_host) || Boolean(remote_model) || /[-:]cloud$/.test(name);
    return [{ name, sizeBytes: typeof size === 'number' && size >= 0 ? size : 0, isRemote }];
  });
}

/** As Ollama lets models be named; it stands in sentences and on a command line to copy. */
export function isModelName(name: string): boolean {
  return /^[\w][\w./:-]{0,199}$/.test(name);
}

export type ChatAnswer = { text: string; isCut: boolean };

/**
 * Asks, and tells of the text so far as it grows. An answer that does not end is cut. Throws PROVIDER_FAILED, NOT_FOUND for the model, CANCELLED; what came
 * before was told.
 */
export async function chat(
  question: { address: string; model: string; messages: readonly ChatMessage[] },
  {
    signal,
    onText,
    limits = ollamaLimits,
  }: { signal: AbortSignal; onText: (text: string) => void; limits?: OllamaLimits },
): Promise<ChatAnswer> {
  const { address, model, messages } = question;
  const url = loopbackAddress(address);
  // The same question gives the same answer, as far as the machine lets it.
  const options = { temperature: 0, seed: 1, num_predict: mostAnswerTokens, num_ctx: contextTokens };
  const body = JSON.stringify({ model, messages, stream: true, options });
  const reader = new AnswerReader(limits.answerChars);
  const endsAt = performance.now() + limits.answerMs;
  let hasAnswered = false;
  try {
    return await within(signal, async (own, wait) => {
      wait(
        limits.firstPieceMs,
        `${model} began no answer within ${limits.firstPieceMs / 1000} seconds. It may be too large for this machine: choose a smaller one under Settings.`,
      );
      const connection = await open(url, { method: 'POST', path: '/api/chat', body }, own);
      hasAnswered = true;
      await checkHead(connection.response, address, model);
      let size = 0;
      for await (const chunk of connection.response as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > mostAnswerBytes) throw new AppError('PROVIDER_FAILED', noOllama);
        const isNews = reader.push(chunk);
        if (isNews) {
          wait(
            limits.silenceMs,
            `${model} fell silent for ${limits.silenceMs / 1000} seconds in the middle of its answer. Try again.`,
          );
          onText(reader.text);
        }
        if (reader.isDone) break;
        if (performance.now() > endsAt) return { text: reader.text, isCut: true };
      }
      connection.request.destroy();
      if (!reader.isDone) reader.end();
      return { text: reader.text, isCut: reader.isCut };
    });
  } catch (error) {
    throw failureOf(error, address, hasAnswered);
  }
}
