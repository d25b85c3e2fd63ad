/** @file Reads a model's answer as Ollama streams it, a JSON object a line: piece by piece, bounded, and only what its protocol has. */
import { AppError } from '../../shared/errors.ts';
import { hiddenCharacters } from '../../shared/hidden.ts';

/** Longer lines are no pieces of an answer. */
const mostLineChars = 64 * 1024;
const mostErrorChars = 300;

export const noOllama = 'What it sends is no answer of Ollama: is another program at that address?';

/** One line, short, for a sentence of ours. */
export function quoted(text: string): string {
  return text.replace(hiddenCharacters, ' ').slice(0, mostErrorChars).toWellFormed().trim();
}

type Piece = { text: string; isDone: boolean; isCut: boolean };

/** Throws PROVIDER_FAILED for what is no JSON, has other types, or is Ollama's own word that it failed. */
function pieceOf(line: string): Piece {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new AppError('PROVIDER_FAILED', noOllama);
  }
  const { error, message, done, done_reason } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  if (typeof error === 'string') throw new AppError('PROVIDER_FAILED', `Ollama failed: ${quoted(error)}`);
  const content = (typeof message === 'object' && message !== null ? message : {}) as { content?: unknown };
  const isDone = done === true;
  if (typeof content.content !== 'string' && !isDone) throw new AppError('PROVIDER_FAILED', noOllama);
  const text = typeof content.content === 'string' ? content.content : '';
  return { text, isDone, isCut: done_reason === 'length' };
}

export class AnswerReader {
  text = '';
  isDone = false;
  isCut = false;
  readonly #mostChars: number;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(mostChars: number) {
    this.#mostChars = mostChars;
  }

  /** Whether there was news in it. After `isDone` nothing is read any more. */
  push(bytes: Uint8Array): boolean {
    const before = this.text.length;
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
    if (this.#rest.length > mostLineChars) throw new AppError('PROVIDER_FAILED', noOllama);
    return this.text.length > before;
  }

  /** The stream is at its end. Throws PROVIDER_FAILED where the answer is not. */
  end(): void {
    this.#take(this.#rest);
    if (!this.isDone)
      throw new AppError('PROVIDER_FAILED', 'Ollama closed the connection in the middle of its answer. Try again.');
  }

  #take(line: string): void {
    if (this.isDone || line.trim() === '') return;
    const piece = pieceOf(line);
    this.text += piece.text;
    this.isCut = piece.isCut;
    this.isDone = piece.isDone;
    if (this.text.length <= this.#mostChars) return;
    this.text = this.text.slice(0, this.#mostChars).replace(/[\uD800-\uDBFF]$/, '');
    this.isDone = true;
    this.isCut = true;
  }
}
