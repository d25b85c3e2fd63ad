/** @file A masked line as one string, for what reads characters: each placeholder is a character that no text has; with where each character stands. */
import { fineKindOf } from './fineKinds.ts';
import { tokenKinds } from './kinds.ts';
import { eachPiece, type TextLine } from './maskedLine.ts';
import type { Tokens } from './tokens.ts';

/** Private use area: what a text has there becomes U+FFFD. */
const firstPlaceholder = 0xe000;
const separator = String.fromCharCode(firstPlaceholder + 255);
const privateUse = /[\ue000-\uf8ff]/g;

export type MaskedText = {
  text: string;
  /** Character i of `text` stands for `starts[i] .. ends[i]` of the raw line; the separator for nothing. */
  starts: number[];
  ends: number[];
};

/** What wrote the line, a separator, the message. `tokens` are those of the message. */
export function maskedText(raw: string, { process, message }: TextLine, tokens: Tokens): MaskedText {
  const masked: MaskedText = { text: '', starts: [], ends: [] };
  const { starts, ends } = masked;
  const add = (kind: number, start: number, end: number): void => {
    if (kind !== tokenKinds.word) {
      masked.text += String.fromCharCode(firstPlaceholder + fineKindOf(kind, raw, start, end));
      starts.push(start);
      ends.push(end);
      return;
    }
    masked.text += raw.slice(start, end).replace(privateUse, '\ufffd');
    for (let index = start; index < end; index++) {
      starts.push(index);
      ends.push(index + 1);
    }
  };
  if (process) {
    add(tokenKinds.word, process.start, process.end);
    masked.text += separator;
    starts.push(message.start);
    ends.push(message.start);
  }
  eachPiece(raw, message, tokens, add);
  return masked;
}
