/** @file What makes a byte-level BPE tokenizer, whatever files it came from. */

export type NamedToken = { name: string; id: number };

export type BpeDefinition = {
  /** Token, written in the byte alphabet, to id. Includes named tokens where the model numbers them among the others. */
  vocabulary: ReadonlyMap<string, number>;
  /** In order of preference. */
  merges: readonly (readonly [left: string, right: string])[];
  /** Tokens that stand for something and not for text: they enter by position only, never because a text spells their name. */
  named: readonly NamedToken[];
  /** A text that does not start with a space is read as if it did. */
  addPrefixSpace: boolean;
};
