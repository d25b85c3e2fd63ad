/** @file Tokenizer files from elsewhere: what is read, what is refused and with which words, and that what is written is read again. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BpeDefinition } from '../../../src/shared/bpe/definition.ts';
import { readTokenizerFolder } from '../../../src/shared/bpe/folder.ts';
import { readForeignTokenizer } from '../../../src/shared/bpe/libraryCheck.ts';
import { readTokenizerJson, readVocabularyAndMerges } from '../../../src/shared/bpe/readFiles.ts';
import { BpeTokenizer } from '../../../src/shared/bpe/tokenizer.ts';
import { formatTokenizerConfig, formatTokenizerJson } from '../../../src/shared/bpe/writeFiles.ts';
import { fileFolder, testFolder } from '../../helpers/folders.ts';
import { hardTexts, sampleLines } from '../../helpers/sampleLines.ts';
import { readJson, trainOn } from '../../helpers/tokenizer.ts';

type Json = Record<string, unknown>;

const directory = fileFolder();
let definition: BpeDefinition;

beforeAll(async () => {
  await trainOn(directory, sampleLines, 500);
  definition = await readTokenizerFolder(directory);
});

function encodeAll(tokenizer: BpeTokenizer): number[][] {
  return [...sampleLines, ...hardTexts].map((text) => {
    const { ids, length } = tokenizer.encode(text);
    return [...ids.subarray(0, length)];
  });
}

/** The trained file with `change` made to it. */
function changed(change: (file: Json, model: Json) => void): string {
  const file = readJson(directory, 'tokenizer.json');
  change(file, file['model'] as Json);
  return JSON.stringify(file);
}

describe('is read', () => {
  it('with merges as pairs as well as strings', () => {
    const pairs = changed((_, model) => {
      model['merges'] = (model['merges'] as string[]).map((merge) => merge.split(' '));
    });
    expect(readTokenizerJson(pairs)).toEqual(definition);
  });

  it('as transformers 5 saves a GPT-2 tokenizer: a template that adds nothing, an unknown token, tokens added by hand', () => {
    const saved = changed((file, model) => {
      model['unk_token'] = '<|endoftext|>';
      file['post_processor'] = { type: 'TemplateProcessing', single: [{ Sequence: { id: 'A', type_id: 0 } }] };
      (file['added_tokens'] as Json[]).push({ id: 700, content: '<USER>', normalized: true, special: false });
    });
    const read = readTokenizerJson(saved);
    expect(read).toEqual({ ...definition, named: [...definition.named, { name: '<USER>', id: 700 }] });
  });

  it('or refused, whatever stands in it (a crash, an exception without a code)', () => {
    const settings = fc.constantFrom(
      'model',
      'vocab',
      'merges',
      'added_tokens',
      'pre_tokenizer',
      'post_processor',
      'decoder',
      'normalizer',
    );
    fc.assert(
      fc.property(settings, fc.nat(3), fc.jsonValue(), (setting, index, value) => {
        const text = changed((file, model) => {
          const owner = setting in model ? model : file;
          const list = owner[setting];
          if (Array.isArray(list) && index > 0) list[index] = value;
          else owner[setting] = value;
        });
        try {
          expect(new BpeTokenizer(readTokenizerJson(text)).vocabularySize).toBeGreaterThan(255);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_INPUT' });
        }
      }),
    );
  });

  it('from vocab.json and merges.txt in GPT-2’s form, with `<|endoftext|>` as a named token', async () => {
    const folder = testFolder();
    const named = new Set(definition.named.map(({ name }) => name));
    const texts = [...definition.vocabulary]
      .sort(([, a], [, b]) => a - b)
      .flatMap(([token]) => (named.has(token) ? [] : [token]));
    const vocabulary = Object.fromEntries([...texts, '<|endoftext|>'].map((token, id) => [token, id]));
    writeFileSync(join(folder, 'vocab.json'), JSON.stringify(vocabulary));
    const merges = definition.merges.map(([left, right]) => `${left} ${right}`);
    writeFileSync(join(folder, 'merges.txt'), ['#version: 0.2', ...merges, ''].join('\n'));
    const tokenizer = new BpeTokenizer(await readTokenizerFolder(folder));
    expect(tokenizer.namedId('<|endoftext|>')).toBe(texts.length);
    const shift = definition.named.length;
    expect(encodeAll(tokenizer)).toEqual(
      encodeAll(new BpeTokenizer(definition)).map((ids) => ids.map((id) => id - shift)),
    );
  });

  it('with a first merge that starts with # (taken for the version line)', () => {
    const vocabulary = Object.fromEntries(
      [...definition.vocabulary.keys(), '##', '###'].map((token, id) => [token, id]),
    );
    const { merges } = readVocabularyAndMerges(JSON.stringify(vocabulary), '#version: 0.2\n# #\n## #\n');
    expect(merges).toEqual([
      ['#', '#'],
      ['##', '#'],
    ]);
  });
});

describe('is written', () => {
  it('so that it reads the same again', () => {
    expect(readTokenizerJson(formatTokenizerJson(definition))).toEqual(definition);
    expect(formatTokenizerJson(definition)).toBe(readFileSync(join(directory, 'tokenizer.json'), 'utf8'));
  });

  it('with names added behind the last id, without touching the others', () => {
    const id = new BpeTokenizer(definition).vocabularySize;
    const more = { ...definition, named: [...definition.named, { name: '<extra>', id }] };
    const tokenizer = new BpeTokenizer(readTokenizerJson(formatTokenizerJson(more)));
    expect(tokenizer.vocabularySize).toBe(id + 1);
    expect(tokenizer.namedId('<extra>')).toBe(id);
    expect(encodeAll(tokenizer)).toEqual(encodeAll(new BpeTokenizer(definition)));
    expect(JSON.parse(formatTokenizerConfig(more, { bos_token: '<begin>' }))).toMatchObject({
      bos_token: '<begin>',
      clean_up_tokenization_spaces: false,
      added_tokens_decoder: { [id]: { content: '<extra>', special: true } },
    });
  });
});

describe('a tokenizer from elsewhere', () => {
  const write = (text: string): string => {
    const folder = testFolder();
    writeFileSync(join(folder, 'tokenizer.json'), text);
    return folder;
  };

  it('is taken where the library reads the same, from either kind of files', async () => {
    expect(await readForeignTokenizer(directory)).toEqual(definition);
  });

  it('is refused where the library reads otherwise (a setting that nobody here knows)', async () => {
    const other = write(
      changed((_, model) => {
        model['continuing_subword_suffix'] = '@@';
      }),
    );
    await expect(readForeignTokenizer(other)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('not supported') as string,
    });
  });
});

describe('is refused', () => {
  const cases: [string, string, (file: Json, model: Json) => void][] = [
    ['another model', 'type of its model is "WordPiece"', (_, model) => (model['type'] = 'WordPiece')],
    ['a normalizer', 'normalizer of its tokenizer', (file) => (file['normalizer'] = { type: 'NFC' })],
    ['byte fallback', 'byte_fallback', (_, model) => (model['byte_fallback'] = true)],
    ['whole words before merges', 'ignore_merges', (_, model) => (model['ignore_merges'] = true)],
    ['random merges', 'dropout', (_, model) => (model['dropout'] = 0.1)],
    ['word ends', 'end_of_word_suffix', (_, model) => (model['end_of_word_suffix'] = '</w>')],
    ['another pre-tokenizer', '"Metaspace"', (file) => (file['pre_tokenizer'] = { type: 'Metaspace' })],
    ['no pre-tokenizer', 'pre_tokenizer', (file) => (file['pre_tokenizer'] = null)],
    ['another pattern', 'use_regex', (file) => (file['pre_tokenizer'] = { type: 'ByteLevel', use_regex: false })],
    [
      'tokens that a post-processor puts in',
      'adds tokens',
      (file) =>
        (file['post_processor'] = { type: 'TemplateProcessing', single: [{ SpecialToken: {} }, { Sequence: {} }] }),
    ],
    ['another post-processor', 'post_processor', (file) => (file['post_processor'] = { type: 'RobertaProcessing' })],
    ['another decoder', 'decoder', (file) => (file['decoder'] = { type: 'WordPiece' })],
    [
      'an added token that is text',
      'ordinary text',
      (file) => (file['added_tokens'] = [{ id: 900, content: '  ', special: false }]),
    ],
    [
      'an added token in the place of another',
      'place of another',
      (file) => (file['added_tokens'] = [{ id: 300, content: '<x>', special: true }]),
    ],
    ['a merge of three', 'merge 1', (_, model) => (model['merges'] = ['a b c'])],
    ['a merge that is no text', 'merge 1', (_, model) => (model['merges'] = [[1, 2]])],
    ['an id twice', 'two tokens have the id', (_, model) => Object.assign(model['vocab'] as Json, { zz: 1 })],
    [
      'an id out of all bounds',
      'is not a number below',
      (_, model) => Object.assign(model['vocab'] as Json, { zz: 1e9 }),
    ],
    [
      'an id that is no number',
      'is not a number below',
      (_, model) => Object.assign(model['vocab'] as Json, { zz: '7' }),
    ],
    ['a list for a vocabulary', 'is not an object', (_, model) => (model['vocab'] = [])],
  ];

  it.each(cases)('%s', (_, words, change) => {
    expect(() => readTokenizerJson(changed(change))).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', message: expect.stringContaining(words) as string }) as Error,
    );
  });

  it('a vocabulary that lacks a byte, or what a merge makes (text that would vanish)', () => {
    const without = (token: string): string =>
      changed((_, model) => {
        delete (model['vocab'] as Json)[token];
      });
    expect(() => new BpeTokenizer(readTokenizerJson(without('Ġ')))).toThrow('lacks "Ġ"');
    const [left, right] = definition.merges[5] ?? ['', ''];
    expect(() => new BpeTokenizer(readTokenizerJson(without(left + right)))).toThrow('lacks');
  });

  it('a file cut short, a folder without a tokenizer, a folder where a file should be', async () => {
    const text = readFileSync(join(directory, 'tokenizer.json'), 'utf8');
    expect(() => readTokenizerJson(text.slice(0, 5000))).toThrow('is not JSON');
    await expect(readTokenizerFolder(testFolder())).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});
