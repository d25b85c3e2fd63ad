/**
 * @file The contents of a tokenizer's files to its definition: `tokenizer.json`, or GPT-2's `vocab.json` and `merges.txt`. Byte-level BPE
 * with GPT-2's pattern; everything else is refused by the name of the setting that is not supported. Files come from elsewhere: nothing
 * in them is taken for granted.
 */
import { AppError } from '../errors.ts';
import { byteCharacters } from './alphabet.ts';
import type { BpeDefinition, NamedToken } from './definition.ts';

/** Ids beyond this are taken for damage: the largest vocabularies have a quarter of it. */
const mostTokens = 2 ** 20;

type Values = Record<string, unknown>;

/** Throws BAD_INPUT. */
export function readTokenizerJson(json: string): BpeDefinition {
  const file = objectOf(parse(json, 'tokenizer.json'), 'tokenizer.json');
  const model = objectOf(file['model'], 'its model');
  requireValue(model['type'], ['BPE', undefined], 'model', 'type');
  requireValue(file['normalizer'], [null, undefined], 'tokenizer', 'normalizer');
  // An unknown token may be named: with a token for every byte nothing is unknown.
  for (const setting of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix'])
    requireValue(model[setting], [null, undefined, '', 0], 'model', setting);
  for (const setting of ['byte_fallback', 'ignore_merges'])
    requireValue(model[setting], [false, undefined], 'model', setting);
  const preTokenizer = objectOf(file['pre_tokenizer'], 'its pre_tokenizer');
  requireValue(preTokenizer['type'], ['ByteLevel'], 'pre_tokenizer', 'type');
  requireValue(preTokenizer['use_regex'], [true, undefined], 'pre_tokenizer', 'use_regex');
  const decoder = objectOf(file['decoder'] ?? { type: 'ByteLevel' }, 'its decoder');
  requireValue(decoder['type'], ['ByteLevel'], 'decoder', 'type');
  checkPostProcessor(objectOf(file['post_processor'] ?? { type: 'ByteLevel' }, 'its post_processor'));
  const vocabulary = vocabularyOf(model['vocab']);
  const merges = mergesOf(model['merges']);
  const added = arrayOf(file['added_tokens'] ?? [], 'added_tokens').map(addedToken);
  const addPrefixSpace = preTokenizer['add_prefix_space'] === true;
  return { vocabulary, merges, named: namedTokens(vocabulary, merges, added), addPrefixSpace };
}

/** Throws BAD_INPUT. What neither bytes nor merges make is a named token, as GPT-2's `<|endoftext|>`. */
export function readVocabularyAndMerges(vocabularyJson: string, mergesText: string): BpeDefinition {
  const vocabulary = vocabularyOf(parse(vocabularyJson, 'vocab.json'));
  const lines = mergesText.split(/\r?\n/).filter((line, index) => line !== '' && !(index === 0 && line[0] === '#'));
  const merges = mergesOf(lines);
  return { vocabulary, merges, named: namedTokens(vocabulary, merges, []), addPrefixSpace: false };
}

function refuse(reason: string): never {
  throw new AppError('BAD_INPUT', `The tokenizer cannot be used: ${reason}`);
}

function parse(json: string, name: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new AppError('BAD_INPUT', `${name} is not JSON. Is the file whole?`, { cause: error });
  }
}

function objectOf(value: unknown, name: string): Values {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Values;
  return refuse(`${name} is not an object.`);
}

function arrayOf(value: unknown, name: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(`${name} is not a list.`);
}

function requireValue(value: unknown, allowed: readonly unknown[], part: string, setting: string): void {
  if (allowed.includes(value)) return;
  const found = (JSON.stringify(value) ?? 'nothing').slice(0, 60);
  const wanted = JSON.stringify(allowed[0]);
  refuse(`${setting} of its ${part} is ${found}; only ${wanted} is supported (byte-level BPE as in GPT-2).`);
}

/** One that only trims offsets, or a template that adds nothing to the text (as transformers writes it for GPT-2 from release 5 on). */
function checkPostProcessor(processor: Values): void {
  if (processor['type'] === 'TemplateProcessing') {
    const single = arrayOf(processor['single'], 'the template of its post_processor');
    if (single.length === 1 && 'Sequence' in objectOf(single[0], 'the template of its post_processor')) return;
    refuse('its post_processor adds tokens to a text; only one that adds none is supported.');
  }
  requireValue(processor['type'], ['ByteLevel'], 'post_processor', 'type');
}

function tokenId(value: unknown, token: string): number {
  const isId = Number.isInteger(value) && (value as number) >= 0 && (value as number) < mostTokens;
  return isId ? (value as number) : refuse(`the id of "${token.slice(0, 60)}" is not a number below ${mostTokens}.`);
}

function vocabularyOf(value: unknown): Map<string, number> {
  const vocabulary = new Map<string, number>();
  const seen = new Set<number>();
  for (const [token, found] of Object.entries(objectOf(value, 'its vocabulary'))) {
    const id = tokenId(found, token);
    if (seen.has(id)) refuse(`two tokens have the id ${id}.`);
    seen.add(id);
    vocabulary.set(token, id);
  }
  return vocabulary;
}

/** Written as "left right", or as a pair. */
function mergesOf(value: unknown): (readonly [string, string])[] {
  return arrayOf(value, 'its list of merges').map((merge, index) => {
    const parts: readonly unknown[] = typeof merge === 'string' ? merge.split(' ') : arrayOf(merge, 'a merge');
    const [left, right] = parts;
    if (parts.length !== 2 || typeof left !== 'string' || typeof right !== 'string' || left === '' || right === '')
      refuse(`merge ${index + 1} is not two tokens.`);
    return [left as string, right as string] as const;
  });
}

function addedToken(value: unknown): NamedToken {
  const token = objectOf(value, 'an added token');
  const name = token['content'];
  if (typeof name !== 'string' || name === '') return refuse('an added token has no content.');
  // One that stands for ordinary text would have to be found in it; here text never becomes a named token.
  if (token['special'] !== true && !/^[<[].+[>\]]$/s.test(name))
    refuse(
      `"${name.slice(0, 60)}" is an added token for ordinary text; only special ones, or written <name>, are supported.`,
    );
  return { name, id: tokenId(token['id'], name) };
}

function namedTokens(
  vocabulary: ReadonlyMap<string, number>,
  merges: readonly (readonly [string, string])[],
  added: readonly NamedToken[],
): NamedToken[] {
  const made = new Set([...byteCharacters, ...merges.map(([left, right]) => left + right)]);
  const named = new Map<string, number>();
  for (const [token, id] of vocabulary) if (!made.has(token)) named.set(token, id);
  const used = new Map([...vocabulary].map(([token, id]) => [id, token]));
  for (const { name, id } of added) {
    const holder = used.get(id);
    if (made.has(name) || (holder !== undefined && holder !== name))
      refuse(`the added token "${name.slice(0, 60)}" takes the place of another.`);
    used.set(id, name);
    named.set(name, id);
  }
  return [...named].map(([name, id]) => ({ name, id }));
}
