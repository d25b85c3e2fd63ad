/**
 * @file A masked line as the text model reads it: `<begin>`, its level, what wrote it, `<separator>`, its message with placeholders in the
 * place of values, `<end>`. The text between placeholders is kept as it stands, blanks and brackets too; so are paths, queries and URLs
 * (`openValues.ts`).
 */
import { Encoded } from '../../shared/bpe/encoded.ts';
import type { BpeTokenizer } from '../../shared/bpe/tokenizer.ts';
import type { WordCounts } from '../../shared/bpe/wordCounts.ts';
import type { ParsedLine, Span } from '../../shared/lines.ts';
import { fineKindOf } from './fineKinds.ts';
import { tokenKinds } from './kinds.ts';
import { eachMasked, isOpen } from './openValues.ts';
import { TextTokenIds } from './textTokens.ts';
import type { Tokens } from './tokens.ts';

/** The parts of a parsed line that the text model sees. */
export type TextLine = Pick<ParsedLine, 'severity' | 'process' | 'message'>;

/** `kind` is `word` for text, else that of a placeholder. */
type Visit = (kind: number, start: number, end: number) => void;

/** Of a longer line the text model reads the beginning: what is behind would be one line's weight many times over. */
export const mostLineChars = 4000;

/** The message from its start to its end: text, placeholder, text and so on; no piece is empty. */
export function eachPiece(raw: string, message: Span, tokens: Tokens, visit: Visit): void {
  const { length, kinds, starts, ends } = tokens;
  let from = message.start;
  const placeholder: Visit = (kind, start, end) => {
    if (start > from) visit(tokenKinds.word, from, start);
    visit(kind, start, end);
    from = end;
  };
  for (let token = 0; token < length; token++) {
    const kind = kinds[token] ?? 0;
    if (kind === tokenKinds.word) continue;
    const [start, end] = [starts[token] ?? 0, ends[token] ?? 0];
    if (isOpen(kind)) eachMasked(raw, start, end, placeholder);
    else placeholder(kind, start, end);
  }
  if (message.end > from) visit(tokenKinds.word, from, message.end);
}

/** Counts the words that `MaskedLineEncoder` would encode: what a tokenizer for such lines is trained on. */
export function countWords(raw: string, line: TextLine, tokens: Tokens, counts: WordCounts, times = 1): void {
  if (line.process) counts.add(raw, line.process.start, line.process.end, times);
  eachPiece(raw, line.message, tokens, (kind, start, end) => {
    if (kind === tokenKinds.word) counts.add(raw, start, end, times);
  });
}

export class MaskedLineEncoder {
  readonly ids: TextTokenIds;
  readonly #tokenizer: BpeTokenizer;

  /** Throws MODEL_INVALID for a tokenizer without the names of `textTokens.ts`. */
  constructor(tokenizer: BpeTokenizer) {
    this.#tokenizer = tokenizer;
    this.ids = new TextTokenIds(tokenizer);
  }

  /**
   * Appends a line. `tokens` are those of its message. Spans are offsets into `raw`: those of the message cover it without gap or overlap,
   * tokens that stand for nothing written have an empty one.
   */
  encode(raw: string, line: TextLine, tokens: Tokens, into: Encoded = new Encoded()): Encoded {
    const { ids } = this;
    const tokenizer = this.#tokenizer;
    const { severity, process, message } = line;
    const start = process?.start ?? message.start;
    into.add(ids.begin, start, start);
    if (severity !== null) into.add(ids.level(severity), start, start);
    if (process) tokenizer.encode(raw, into, process.start, process.end);
    into.add(ids.separator, message.start, message.start);
    eachPiece(raw, message, tokens, (kind, from, to) => {
      if (kind === tokenKinds.word) tokenizer.encode(raw, into, from, to);
      else into.add(ids.kind(fineKindOf(kind, raw, from, to)), from, to);
    });
    into.add(ids.end, message.end, message.end);
    return into;
  }
}
