/** @file A tokenizer from the folder of a model. Used where files are read: never in the renderer. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import type { BpeDefinition } from './definition.ts';
import { readTokenizerJson, readVocabularyAndMerges } from './readFiles.ts';

/** The largest in use have some 20 MB. */
const mostBytes = 64 * 2 ** 20;

/** Reads `tokenizer.json`, or `vocab.json` and `merges.txt` where there is none. Throws BAD_INPUT. */
export async function readTokenizerFolder(directory: string): Promise<BpeDefinition> {
  const json = await readText(directory, 'tokenizer.json');
  if (json !== undefined) return readTokenizerJson(json);
  const vocabulary = await readText(directory, 'vocab.json');
  const merges = await readText(directory, 'merges.txt');
  if (vocabulary === undefined || merges === undefined) {
    throw new AppError(
      'BAD_INPUT',
      `There is no tokenizer in ${directory}: it needs tokenizer.json, or vocab.json and merges.txt.`,
    );
  }
  return readVocabularyAndMerges(vocabulary, merges);
}

/** undefined: there is no such file. */
async function readText(directory: string, name: string): Promise<string | undefined> {
  const path = join(directory, name);
  const found = await stat(path).catch(() => undefined);
  if (!found) return undefined;
  if (!found.isFile() || found.size > mostBytes)
    throw new AppError('BAD_INPUT', `${path} is no file of at most ${mostBytes / 2 ** 20} MB, so no tokenizer.`);
  return readFile(path, 'utf8');
}
