/**
 * @file The byte-level BPE encoder, for training and scoring alike. `@huggingface/tokenizers` defines what it gives; this one is faster,
 * gives spans, and reads every text as text: `<|endoftext|>` or `<IP>` written in a log line are ordinary characters.
 */
import { AppError } from '../errors.ts';
import { byteCharacters, bytesOfToken } from './alphabet.ts';
import type { BpeDefinition } from './definition.ts';
import { Encoded } from './encoded.ts';
import { Merger } from './merger.ts';
import { MergeTable } from './mergeTable.ts';
import { WordCache } from './wordCache.ts';
import { endOfWord } from './words.ts';

const space = 32;

export class BpeTokenizer {
  /** One more than the highest id. */
  readonly vocabularySize: number;
  readonly #named: ReadonlyMap<string, number>;
  readonly #bytes: (Uint8Array | undefined)[] = [];
  readonly #addPrefixSpace: boolean;
  readonly #merger: Merger;
  readonly #cache = new WordCache();

  /** Throws BAD_INPUT where the vocabulary lacks a byte or what a merge needs. */
  constructor(definition: BpeDefinition) {
    const { vocabulary, merges, named } = definition;
    const idOf = (token: string, of: string): number => {
      const id = vocabulary.get(token);
      if (id === undefined) throw new AppError('BAD_INPUT', `The tokenizer's vocabulary lacks "${token}"${of}.`);
      return id;
    };
    const byteIds = Int32Array.from(byteCharacters, (character) => idOf(character, ', the character of a byte'));
    const pairs = merges.map(([left, right], index) => {
      const of = `, which merge ${index + 1} needs`;
      return { left: idOf(left, of), right: idOf(right, of), result: idOf(left + right, of) };
    });
    this.#merger = new Merger(new MergeTable(pairs), byteIds);
    this.#addPrefixSpace = definition.addPrefixSpace;
    for (const [token, id] of vocabulary) this.#bytes[id] = bytesOfToken(token);
    for (const { name, id } of named) this.#bytes[id] = new TextEncoder().encode(name);
    this.#named = new Map(named.map(({ name, id }) => [name, id]));
    this.vocabularySize = this.#bytes.length;
  }

  /** Id of a named token; undefined where the tokenizer has none of that name. */
  namedId(name: string): number | undefined {
    return this.#named.get(name);
  }

  /** Whether an id stands for a token: a model may have rows for more. */
  has(id: number): boolean {
    return this.#bytes[id] !== undefined;
  }

  /** Appends the tokens of the text [start, end) to `into`. Their spans follow each other without gap or overlap. */
  encode(text: string, into: Encoded = new Encoded(), start = 0, end = text.length): Encoded {
    if (this.#addPrefixSpace && start < end && text.charCodeAt(start) !== space) {
      const first = into.length;
      this.#encodeWords(` ${text.slice(start, end)}`, 0, end - start + 1, into);
      for (let token = first; token < into.length; token++) {
        into.starts[token] = Math.max(start, (into.starts[token] ?? 0) + start - 1);
        into.ends[token] = Math.max(start, (into.ends[token] ?? 0) + start - 1);
      }
    } else this.#encodeWords(text, start, end, into);
    return into;
  }

  #encodeWords(text: string, start: number, end: number, into: Encoded): void {
    const textEnd = Math.min(end, text.length);
    for (let position = start; position < textEnd;) {
      const wordEnd = endOfWord(text, position, textEnd);
      if (!this.#cache.read(text, position, wordEnd, into)) {
        const first = into.length;
        this.#merger.merge(text, position, wordEnd, into);
        this.#cache.keep(text, position, wordEnd, into, first);
      }
      position = wordEnd;
    }
  }

  /** The text of tokens; named ones are written as their names. Bytes that are no UTF-8 become U+FFFD. Throws BAD_INPUT for an unknown id. */
  decode(ids: Iterable<number>): string {
    const parts: Uint8Array[] = [];
    for (const id of ids) {
      const bytes = this.#bytes[id];
      if (!bytes) throw new AppError('BAD_INPUT', `The tokenizer has no token ${id}.`);
      parts.push(bytes);
    }
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let length = 0;
    for (const part of parts) {
      all.set(part, length);
      length += part.length;
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(all);
  }
}
