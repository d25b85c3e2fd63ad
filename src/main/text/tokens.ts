/** @file The tokens of one message: spans of the raw line with a kind each, in order and without overlap. */
import { tokenKinds } from './kinds.ts';

/** A message has at most this many tokens, the last of them then `tail`. */
export const mostTokens = 128;

export const tokenFlags = {
  /** A word that holds a digit. */
  digit: 1,
  /** A word that carries the meaning of its line (a command's program, a request's method and status): never generalised. */
  anchor: 2,
} as const;

/** One token as callers iterate over them. */
export type Token = { kind: number; start: number; end: number };

/** Struct of arrays: a line's tokens cost no allocation when the same object is filled again. */
export class Tokens {
  length = 0;
  readonly kinds = new Uint8Array(mostTokens);
  readonly flags = new Uint8Array(mostTokens);
  readonly starts = new Int32Array(mostTokens);
  readonly ends = new Int32Array(mostTokens);

  /** End of the last token, 0 where there is none. */
  get lastEnd(): number {
    return this.length === 0 ? 0 : (this.ends[this.length - 1] ?? 0);
  }

  /** Appends a token; whoever calls has checked that there is room. */
  add(kind: number, start: number, end: number, flags: number): void {
    const index = this.length++;
    this.kinds[index] = kind;
    this.flags[index] = flags;
    this.starts[index] = start;
    this.ends[index] = end;
  }

  at(index: number): Token | undefined {
    if (index < 0 || index >= this.length) return undefined;
    return { kind: this.kinds[index] ?? 0, start: this.starts[index] ?? 0, end: this.ends[index] ?? 0 };
  }

  *[Symbol.iterator](): Generator<Token> {
    for (let index = 0; index < this.length; index++) {
      yield { kind: this.kinds[index] ?? 0, start: this.starts[index] ?? 0, end: this.ends[index] ?? 0 };
    }
  }

  /** Text of the token at `index` if it is a word, else null. */
  wordAt(raw: string, index: number): string | null {
    if (index < 0 || index >= this.length || this.kinds[index] !== tokenKinds.word) return null;
    return raw.slice(this.starts[index], this.ends[index]);
  }
}
