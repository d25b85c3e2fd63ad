/** @file What the trainer needs to make a tokenizer, and what it says of it. */
import type { ModelFile } from '../trainerProtocol.ts';

/** Word i is the UTF-16 units `characters[offsets[i] .. offsets[i + 1])` and occurred `counts[i]` times: three buffers, however many words. */
export type CountedWords = { characters: Uint16Array; offsets: Int32Array; counts: Float64Array };

export type TrainTokenizerInput = {
  /** An existing folder; `tokenizer.json` and `tokenizer_config.json` are written here. */
  directory: string;
  /** Text only. Placeholders are no text: they are among `namedTokens`, and no merge reaches across one. */
  words: CountedWords;
  /** Names in the order of their ids, which start at 0. Each is written `<name>`, so that no word of a text can be one. */
  namedTokens: readonly string[];
  /** Which of them begin, end, pad and separate: for the libraries that read the files. */
  roles: { begin: string; end: string; padding: string; separator: string };
  /** Tokens in all: named ones, the 256 bytes, and merges. Fewer where nothing is left to merge. */
  vocabularySize: number;
  /** A pair seen less often is not merged: what is rare stays bytes, and rare text stays out of the file. */
  minimumCount: number;
};

export type TrainTokenizerProgress = { tokens: number; vocabularySize: number; elapsedMs: number };

export type TrainTokenizerOutput = {
  vocabularySize: number;
  /** Distinct words learned from, and those left out because there were too many. */
  words: number;
  wordsLeftOut: number;
  elapsedMs: number;
  files: ModelFile[];
};
