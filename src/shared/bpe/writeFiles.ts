/** @file A tokenizer's definition as the files that Hugging Face's libraries load: `tokenizer.json` and `tokenizer_config.json`. */
import type { BpeDefinition } from './definition.ts';

/** What the tokens of a kind of model are called there. Only names that the tokenizer has. */
export type TokenRoles = {
  bos_token?: string;
  eos_token?: string;
  pad_token?: string;
  sep_token?: string;
  unk_token?: string;
};

export function formatTokenizerJson({ vocabulary, merges, named, addPrefixSpace }: BpeDefinition): string {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: addPrefixSpace, trim_offsets: true, use_regex: true };
  const file = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...named].sort((a, b) => a.id - b.id).map(({ name, id }) => ({ id, content: name, ...addedFlags })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: { ...byteLevel, trim_offsets: false },
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries([...vocabulary].sort(([, a], [, b]) => a - b)),
      // As one string: older releases of the libraries know no other form.
      merges: merges.map(([left, right]) => `${left} ${right}`),
    },
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

export function formatTokenizerConfig({ named, addPrefixSpace }: BpeDefinition, roles: TokenRoles): string {
  const inRole = new Set(Object.values(roles));
  const sorted = [...named].sort((a, b) => a.id - b.id);
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    ...roles,
    additional_special_tokens: sorted.map(({ name }) => name).filter((name) => !inRole.has(name)),
    add_prefix_space: addPrefixSpace,
    // Otherwise decoding takes away the blank before punctuation.
    clean_up_tokenization_spaces: false,
    added_tokens_decoder: Object.fromEntries(sorted.map(({ name, id }) => [id, { content: name, ...addedFlags }])),
  };
  return `${JSON.stringify(config, null, 1)}\n`;
}

const addedFlags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
