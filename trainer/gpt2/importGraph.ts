/**
 * @file A folder with a language model as one ONNX graph, `input_ids` int64 [batch, sequence] to `logits` f32 [batch, sequence, vocabulary],
 * and its tokenizer: copied and tried. What the graph does inside is its own affair; what it answers is checked.
 */
import { copyFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readTokenizerFolder } from '../../src/shared/bpe/folder.ts';
import { BpeTokenizer } from '../../src/shared/bpe/tokenizer.ts';
import { formatTokenizerJson } from '../../src/shared/bpe/writeFiles.ts';
import { AppError } from '../../src/shared/errors.ts';
import { textModelFiles, type ImportTextInput, type ImportTextOutput } from '../../src/shared/textModels.ts';
import type { ModelFile } from '../../src/shared/trainerProtocol.ts';
import { syncDirectory } from '../files/atomic.ts';
import { exists, hashFile, readJson } from '../files/checkpointFolder.ts';
import { isRecord } from '../files/safetensorsHeader.ts';
import { tryGraph } from './graphTrial.ts';
import { hashSources, tokenizerNames, writeText } from './textFiles.ts';

/** Weights come first: a folder that has both is imported from them. */
export async function isGraphFolder(from: string): Promise<boolean> {
  if (!(await exists(join(from, textModelFiles.graph)))) return false;
  for (const name of ['model.safetensors', 'model.safetensors.index.json'])
    if (await exists(join(from, name))) return false;
  return true;
}

/** Throws MODEL_INVALID or BAD_INPUT with the reason; the folder is then as it was. */
export async function importGraph({ from, directory }: ImportTextInput): Promise<ImportTextOutput> {
  const definition = await readTokenizerFolder(from);
  // External data lies beside the graph under a name that starts as its own; a graph that wants other files fails to load.
  const names: string[] = [];
  for (const name of await readdir(from))
    if (name.startsWith(textModelFiles.graph) && (await stat(join(from, name))).isFile()) names.push(name);
  try {
    const files: ModelFile[] = [];
    for (const name of names) files.push(await copyVerified(from, directory, name));
    const { vocabularySize } = new BpeTokenizer(definition);
    const shape = await tryGraph(join(directory, textModelFiles.graph), await contextOf(from), vocabularySize);
    files.push(
      await writeText(directory, textModelFiles.tokenizer, formatTokenizerJson(definition)),
      await writeText(directory, textModelFiles.shape, `${JSON.stringify(shape, null, 2)}\n`),
    );
    await syncDirectory(directory);
    const sourceFiles = await hashSources(from, ['config.json', ...names, ...tokenizerNames]);
    return { shape, parameterCount: 0, sourceTypes: ['ONNX graph'], sourceFiles, files };
  } catch (error) {
    for (const name of await readdir(directory)) await rm(join(directory, name), { force: true });
    throw error;
  }
}

async function copyVerified(from: string, to: string, name: string): Promise<ModelFile> {
  await copyFile(join(from, name), join(to, name));
  const [source, copy] = [await hashFile(from, name), await hashFile(to, name)];
  if (source.sha256 !== copy.sha256)
    throw new AppError('BAD_INPUT', `${name} changed while it was copied, or reads back differently. Try again.`);
  return copy;
}

async function contextOf(from: string): Promise<number | undefined> {
  if (!(await exists(join(from, 'config.json')))) return undefined;
  const config = await readJson(from, 'config.json', 1024 * 1024);
  const given = isRecord(config) ? (config.n_positions ?? config.n_ctx ?? config.max_position_embeddings) : undefined;
  return typeof given === 'number' && Number.isInteger(given) && given >= 2 && given <= 16_384 ? given : undefined;
}
