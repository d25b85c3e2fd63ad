/** @file The state of one scan of a message: what is left of it, the tokens so far, and what the last word says of the next. */
import type { Span } from '../../shared/lines.ts';
import { tokenKinds } from './kinds.ts';
import { lead } from './people.ts';
import { mostTokens, type Tokens } from './tokens.ts';

/** Characters of a message that are looked at; the rest is one `tail` token. */
export const mostCharacters = 16_384;
/** A longer word is no word. */
export const longestWord = 128;
/** Most tokens that are added between two looks at the room that is left. */
const mostStepTokens = 4;

export class Scan {
  readonly raw: string;
  readonly start: number;
  /** End of what is looked at, and of the message. */
  readonly limit: number;
  readonly end: number;
  readonly out: Tokens;
  /** The message is the text of a JSON value: `\n` and the like are escapes. */
  readonly escaped: boolean;
  position: number;
  lead: number = lead.none;
  leadEnd = 0;
  /** Where the room for tokens ended, or -1. */
  fullAt = -1;

  constructor(raw: string, span: Span, out: Tokens) {
    this.raw = raw;
    this.start = Math.max(0, span.start);
    this.end = Math.min(raw.length, span.end);
    this.limit = Math.min(this.end, this.start + mostCharacters);
    this.out = out;
    this.position = this.start;
    this.escaped = this.start > 0 && raw.charCodeAt(this.start - 1) === 34 && raw.charCodeAt(0) === 123;
  }

  /** Whether there is room for what one step can add, and the tail; else remembers where the tail begins. */
  hasRoom(start: number): boolean {
    if (this.out.length < mostTokens - mostStepTokens - 1) return true;
    if (this.fullAt < 0) this.fullAt = start;
    return false;
  }

  word(start: number, end: number, flags: number): void {
    this.out.add(end - start > longestWord ? tokenKinds.long : tokenKinds.word, start, end, flags);
  }

  add(kind: number, start: number, end: number, flags: number): void {
    this.out.add(kind, start, end, flags);
  }

  setLead(value: number, end: number): void {
    this.lead = value;
    this.leadEnd = end;
  }
}
