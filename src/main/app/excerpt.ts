/** @file What a line says as lists show it: its writer, and the text from what surprised on. */
import type { ParsedLine, Span } from '../../shared/lines.ts';
import { writerOf } from '../ingest/parser.ts';
import { tokenize } from '../text/mask.ts';
import { tokenFlags, type Tokens } from '../text/tokens.ts';

const mostChars = 120;
/** A beginning so near before what surprised is kept: what follows it is still in view. */
const mostBefore = 24;

/** The program that wrote the line with a colon; nothing where the message names it itself. */
function writerBefore(raw: string, parsed: ParsedLine): string {
  const { process, kind, message } = parsed;
  const isWithin = process !== null && process.start >= message.start && process.end <= message.end;
  const writer = kind === null && isWithin ? '' : writerOf(raw, parsed);
  return writer === '' ? '' : `${writer}: `;
}

/** The message whole behind its writer; `aside`: what stands before it comes to the point, for where there is little room. */
export function messageBehindWriter(
  raw: string,
  parsed: ParsedLine,
  mostLong: number,
): { text: string; aside: Span | null } {
  const { message } = parsed;
  const writer = writerBefore(raw, parsed);
  const end = Math.min(message.end, message.start + mostLong);
  const skipped = spokenFrom(raw, tokenize(raw, message), message) - message.start;
  return {
    text: writer + raw.slice(message.start, end),
    aside: skipped > 0 ? { start: writer.length, end: writer.length + skipped } : null,
  };
}

/** `surpriseAt`: where in the line what surprised begins; null where its words are usual. Hostile text, cut. */
export function excerptOf(raw: string, parsed: ParsedLine, surpriseAt: number | null): string {
  const { message } = parsed;
  const start = outOfPair(raw, startOf(raw, message, surpriseAt));
  const end = outOfPair(raw, Math.min(message.end, start + mostChars));
  const text = raw.slice(start, end).trimStart();
  return `${writerBefore(raw, parsed)}${start > message.start ? '…' : ''}${text}${end < message.end ? '…' : ''}`;
}

function startOf(raw: string, message: Span, surpriseAt: number | null): number {
  const spoken = spokenFrom(raw, tokenize(raw, message), message);
  if (surpriseAt === null || surpriseAt < message.start) return spoken;
  const near = [message.start, spoken].find((start) => start <= surpriseAt && surpriseAt - start <= mostBefore);
  return near ?? wordStart(raw, surpriseAt, message.start);
}

/** Where the message comes to the point: the command that was run, the request that was made; otherwise its beginning. */
function spokenFrom(raw: string, { length, flags, starts, ends }: Tokens, { start: from }: Span): number {
  for (let index = 0; index < length; index++) {
    if (((flags[index] ?? 0) & tokenFlags.anchor) === 0) continue;
    const start = starts[index] ?? from;
    if (start - from <= mostBefore) return from;
    const isInDirectory = raw[start - 1] === '/' && ends[index - 1] === start - 1;
    return isInDirectory ? (starts[index - 1] ?? start) : start;
  }
  return from;
}

/** The start of the word that is written around a place, or the place itself where that is far. */
function wordStart(raw: string, place: number, from: number): number {
  for (let start = place; start > from && place - start <= mostBefore; start--)
    if (/[\s"'=]/.test(raw[start - 1] ?? '')) return start;
  return place;
}

/** Half a surrogate pair would be a character of its own. */
function outOfPair(text: string, offset: number): number {
  const before = text.charCodeAt(offset - 1);
  const after = text.charCodeAt(offset);
  const isInside = before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
  return isInside ? offset - 1 : offset;
}
