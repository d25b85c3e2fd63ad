/** @file Events as line detectors read them: parsed, masked, and in the text model's tokens where one reads lines. */
import { Encoded } from '../../../shared/bpe/encoded.ts';
import type { BpeTokenizer } from '../../../shared/bpe/tokenizer.ts';
import type { SourceFormat, TimeAssumption } from '../../../shared/lines.ts';
import { createLineParser } from '../../ingest/parser.ts';
import { tokenize } from '../../text/mask.ts';
import { MaskedLineEncoder, mostLineChars } from '../../text/maskedLine.ts';
import { maskedText, type MaskedText } from '../../text/maskedText.ts';
import { Tokens } from '../../text/tokens.ts';

/** What is read of an event: the beginning, as its line hash is of that. */
export type RawLine = { raw: string; format: SourceFormat; assumption: TimeAssumption };

export type ReadLine = {
  masked: MaskedText;
  /** Null where no text model reads lines. Good until the next line is read. */
  encoded: Encoded | null;
};

export class LineReader {
  readonly #encoder: MaskedLineEncoder | null;
  readonly #tokens = new Tokens();
  readonly #encoded = new Encoded();
  #parser: { of: string; parse: ReturnType<typeof createLineParser> } | undefined;

  /** Throws MODEL_INVALID for a tokenizer that was never prepared for masked lines. */
  constructor(tokenizer: BpeTokenizer | null) {
    this.#encoder = tokenizer && new MaskedLineEncoder(tokenizer);
  }

  read({ raw: whole, format, assumption }: RawLine): ReadLine {
    const of = `${format} ${assumption.year} ${assumption.zone}`;
    if (this.#parser?.of !== of)
      this.#parser = { of, parse: createLineParser(format === 'sequences' ? 'plain' : format, assumption) };
    const raw = whole.length > mostLineChars ? whole.slice(0, mostLineChars) : whole;
    const line = this.#parser.parse(raw);
    const tokens = tokenize(raw, line.message, this.#tokens);
    return {
      masked: maskedText(raw, line, tokens),
      encoded: this.#encoder && this.#encoder.encode(raw, line, tokens, this.#encoded.clear()),
    };
  }
}
