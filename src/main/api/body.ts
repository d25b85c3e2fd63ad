/** @file Reads the JSON of a request in bounded memory: of one request, and of all together. */
import type { IncomingMessage } from 'node:http';
import { Problem } from './problem.ts';

/** What is held of requests that are being read or answered. */
export class BodyBudget {
  readonly #mostBytes: number;
  #held = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  take(bytes: number): boolean {
    if (this.#held + bytes > this.#mostBytes) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

export type ReadBody = { json: unknown; release: () => void };

/** Throws a Problem for what is too large, no JSON, or not to be had now. Whoever reads must release what was held. */
export async function readJson(request: IncomingMessage, mostBytes: number, budget: BodyBudget): Promise<ReadBody> {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  const problem =
    type.trim() !== 'application/json' || !isUtf8
      ? new Problem('UNSUPPORTED_TYPE', 'The content type of a request is application/json, in UTF-8.')
      : (request.headers['content-encoding'] ?? 'identity') !== 'identity'
        ? new Problem('UNSUPPORTED_TYPE', 'A request is not compressed.')
        : null;
  const chunks: Buffer[] = [];
  let [size, held] = [0, 0];
  let failed: Problem | null = problem;
  const release = (): void => {
    budget.give(held);
    held = 0;
  };
  try {
    // Read on past the limit without keeping it: closing half-way would reset the connection before the answer is read.
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (failed) continue;
      size += chunk.length;
      if (size > mostBytes) failed = new Problem('TOO_LARGE', `A request holds at most ${mostBytes} bytes.`);
      else if (budget.take(chunk.length)) held += chunk.length;
      else failed = new Problem('UNAVAILABLE', 'Too much is being sent at once. Try again.', { 'retry-after': '1' });
      if (failed) {
        chunks.length = 0;
        release();
      } else chunks.push(chunk);
    }
    if (failed) throw failed;
    return { json: parse(chunks), release };
  } catch (error) {
    release();
    // Nobody is there to be told.
    throw request.readableAborted ? new Problem('BAD_REQUEST', 'The request was cut off.') : error;
  }
}

function parse(chunks: readonly Buffer[]): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    // The parser's own message quotes what was sent.
    throw new Problem('BAD_REQUEST', 'The request is no JSON in UTF-8.');
  }
}
