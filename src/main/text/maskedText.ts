/** @file A masked line as one string, for what reads characters: each placeholder is a character that no text has; with where each character stands. */
import { fineKindOf } from './fineKinds.ts';
import { tokenKinds } from './kinds.ts';
import { eachPiece, mostLineChars, type TextLine } from './maskedLine.ts';
import type { Tokens } from './tokens.ts';

/** Private use area: what a text has there becomes U+FFFD. */
const firstPlaceholder = 0xe000;
const separator = firstPlaceholder + 255;
const privateUse = /[\ue000-\uf8ff]/g;

export type MaskedText = {
  text: string;
  /** Character i of `text` stands for `starts[i] .. ends[i]` of the raw line. */
  starts: Int32Array;
  ends: Int32Array;
};

/** `tokens` are those of the message. What wrote the line, a separator, the message. */
export function maskedText(raw: string, { process, message }: TextLine, tokens: Tokens): MaskedText {
  const limit = mostLineChars;
  const most = Math.min(raw.length, limit) + 2 * tokens.length + 2;
  const [starts, ends] = [new Int32Array(most), new Int32Array(most)];
  const parts: string[] = [];
  let length = 0;
  const add = (kind: number, start: number, end: number): void => {
    const characters = kind === tokenKinds.word ? Math.min(end - start, most - length) : 1;
    if (length + characters > most || characters <= 0) return;
    for (let index = 0; index < characters; index++) {
      starts[length + index] = start + index;
      ends[length + index] = kind === tokenKinds.word ? start + index + 1 : end;
    }
    length += characters;
    parts.push(
      kind === tokenKinds.word
        ? raw.slice(start, start + characters).replace(privateUse, '\ufffd')
        : String.fromCharCode(firstPlaceholder + fineKindOf(kind, raw, start, end)),
    );
  };
  if (process) {
    add(tokenKinds.word, process.start, process.end);
    starts[length] = ends[length] = message.start;
    parts.push(String.fromCharCode(separator));
    length++;
  }
  eachPiece(raw, message, tokens, add);
  return { text: parts.join(''), starts: starts.subarray(0, length), ends: ends.subarray(0, length) };
}
