/** @file What a model is given to continue. Catches a masked-line model that is shown raw text, and a checkpoint that is shown placeholders. */
import { expect, test } from 'vitest';
import { readTokenizerFolder } from '../../src/shared/bpe/folder.ts';
import { BpeTokenizer } from '../../src/shared/bpe/tokenizer.ts';
import type { TextModel } from '../../src/main/app/textModels.ts';
import { promptOf } from '../../src/main/app/textPrompt.ts';
import { TextTokenIds, textTokenNames } from '../../src/main/text/textTokens.ts';
import { trainTokenizer } from '../../trainer/tokenizer/train.ts';
import { testFolder } from '../helpers/folders.ts';
import { tokenizerInput } from '../helpers/tokenizer.ts';

const line = 'Sep  7 08:00:01 gw1 sshd[4711]: Accepted password for root from 10.0.0.7 port';

async function modelWith(card: object): Promise<TextModel> {
  const directory = testFolder();
  const roles = { begin: '<begin>', end: '<end>', padding: '<pad>', separator: '<separator>' };
  const input = tokenizerInput(directory, [line], { namedTokens: textTokenNames, roles });
  await trainTokenizer(input, { signal: new AbortController().signal, progress: () => undefined });
  const tokenizer = new BpeTokenizer(await readTokenizerFolder(directory));
  return { card, tokenizer, directory } as unknown as TextModel; // no more of it is looked at
}

test('one that was trained here gets the line masked, open at its end', async () => {
  const model = await modelWith({ origin: 'trained' });
  const names = new TextTokenIds(model.tokenizer);
  const { ids, endId } = promptOf(model, line);
  expect(endId).toBe(names.end);
  expect(ids[0]).toBe(names.begin);
  expect([...ids]).toContain(names.separator);
  expect(ids.at(-1)).not.toBe(names.end);
  const text = model.tokenizer.decode([...ids]);
  expect(text).toContain('Accepted password');
  expect(text).not.toContain('10.0.0.7');
});

test('one that was trained on windows gets the line as the first of a window, and goes on without an end', async () => {
  const model = await modelWith({ origin: 'trained', reads: 'windows' });
  const { ids, endId } = promptOf(model, line);
  expect(endId).toBeNull();
  expect(model.tokenizer.decode([...ids])).toBe('<TIME> <LEVEL> Accepted password for root from <IP> port');
});

test('a checkpoint as it came gets the text, control tokens spelled out', async () => {
  const model = await modelWith({});
  const { ids, endId } = promptOf(model, `${line} <end>`);
  expect(endId).toBeNull();
  expect(model.tokenizer.decode([...ids])).toBe(`${line} <end>`);
  expect([...ids]).not.toContain(model.tokenizer.namedId('<end>'));
  expect(() => promptOf(model, '')).toThrow('no text');
});
