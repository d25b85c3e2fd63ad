/**
 * @file How a text model is given a line to go on with. One that was trained here has read masked lines, and is given one, without its end, or
 * windows of lines, and is given the first of one; a checkpoint as it was imported has read text, and is given text.
 */
import { Encoded } from '../../shared/bpe/encoded.ts';
import type { BpeTokenizer } from '../../shared/bpe/tokenizer.ts';
import { AppError } from '../../shared/errors.ts';
import type { ParsedLine } from '../../shared/lines.ts';
import { tutorialLine } from '../detect/tutorial/window.ts';
import { detectFormat } from '../ingest/detect.ts';
import { createLineParser } from '../ingest/parser.ts';
import { MaskedLineEncoder } from '../text/maskedLine.ts';
import { tokenize } from '../text/mask.ts';
import { readsOf } from './textModelCard.ts';
import type { TextModel } from './textModels.ts';

const endOfText = '<|endoftext|>';

/** `endId` ends what the model writes. Throws BAD_REQUEST where there is nothing to go on from. */
export function promptOf({ card, tokenizer }: TextModel, text: string): { ids: Int32Array; endId: number | null } {
  const reads = readsOf(card);
  if (reads === 'lines') return maskedPrompt(tokenizer, text);
  if (reads === 'windows') return { ids: idsOf(tokenizer, windowLine(text)), endId: null };
  const endId = tokenizer.namedId(endOfText) ?? null;
  const ids = idsOf(tokenizer, text);
  if (ids.length > 0) return { ids, endId };
  // GPT-2's texts begin behind the end of another.
  if (endId !== null) return { ids: Int32Array.of(endId), endId };
  throw new AppError('BAD_REQUEST', 'There is no text to continue.');
}

/** A line alone tells its format; nothing of the time that it leaves out is read. */
const assumption = { year: 2000, zone: 'UTC' };

function maskedPrompt(tokenizer: BpeTokenizer, text: string): { ids: Int32Array; endId: number } {
  const encoder = new MaskedLineEncoder(tokenizer);
  const line = parsed(text);
  const { ids, length } = encoder.encode(text, line, tokenize(text, line.message));
  return { ids: ids.slice(0, length - 1), endId: encoder.ids.end };
}

function windowLine(text: string): string {
  const { severity, message } = parsed(text);
  return tutorialLine(severity, text.slice(message.start, message.end));
}

function parsed(text: string): ParsedLine {
  return createLineParser(detectFormat([text]).format, assumption)(text);
}

/** Text is text: a line that spells `<|endoftext|>` holds these characters. */
export function idsOf(tokenizer: BpeTokenizer, text: string): Int32Array {
  const { ids, length } = tokenizer.encode(text, new Encoded());
  return ids.slice(0, length);
}
