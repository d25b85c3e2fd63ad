/** @file A GPT-2 checkpoint folder to a text model's folder: checked, widened to float32, its vocabulary extended, verified. */
import { AppError } from '../../src/shared/errors.ts';
import type { BpeDefinition } from '../../src/shared/bpe/definition.ts';
import { readForeignTokenizer } from '../../src/shared/bpe/libraryCheck.ts';
import { BpeTokenizer } from '../../src/shared/bpe/tokenizer.ts';
import { formatTokenizerJson } from '../../src/shared/bpe/writeFiles.ts';
import {
  textModelFiles,
  type ImportTextInput,
  type ImportTextOutput,
  type TextModelShape,
} from '../../src/shared/textModels.ts';
import type { ModelFile } from '../../src/shared/trainerProtocol.ts';
import { syncDirectory } from '../files/atomic.ts';
import { Checkpoint, hashFile, readJson, type FoundTensor } from '../files/checkpointFolder.ts';
import { TensorWriter } from '../files/tensorWriter.ts';
import { ColumnStatistics } from './addedRows.ts';
import { importGraph, isGraphFolder } from './importGraph.ts';
import { largestTensorBytes, readConfig } from './config.ts';
import { hashSources, tokenizerNames, writeGraphs, writeText } from './textFiles.ts';
import { embeddingName, headName, matchTensors, textParameters } from './textWeights.ts';

const largestConfigBytes = 1024 * 1024;

type Context = { signal: AbortSignal; progress: (value: { doneBytes: number; totalBytes: number }) => void };

/** Throws MODEL_INVALID or BAD_INPUT with the file and what is wrong with it. The checkpoint's folder is only read. */
export async function importText(input: ImportTextInput, context: Context): Promise<ImportTextOutput> {
  const { from, directory } = input;
  if (await isGraphFolder(from)) return importGraph(input);
  const given = readConfig(await readJson(from, 'config.json', largestConfigBytes));
  const tokenizer = extendTokenizer(await readForeignTokenizer(from), given.predictedTokens, input.addedTokens);
  const shape: TextModelShape = { ...given, vocabularySize: given.predictedTokens + tokenizer.added };
  if (4 * shape.vocabularySize * shape.width > largestTensorBytes || shape.vocabularySize > 65_536)
    throw new AppError(
      'MODEL_INVALID',
      `config.json: vocab_size ${given.vocabularySize} leaves no room for new tokens.`,
    );
  const checkpoint = await Checkpoint.open(from);
  try {
    const tensors = matchTensors(checkpoint, given);
    const weights = await copyWeights({ ...input, given, shape, tensors }, context);
    const files: ModelFile[] = [
      weights,
      await writeText(directory, textModelFiles.tokenizer, formatTokenizerJson(tokenizer.definition)),
      ...(await writeGraphs(directory, shape)),
      // Last: where it exists, the model is whole.
      await writeText(directory, textModelFiles.shape, `${JSON.stringify(shape, null, 2)}\n`),
    ];
    await syncDirectory(directory);
    await verify(directory, weights);
    return {
      shape,
      parameterCount: textParameters(shape).reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0),
      sourceTypes: [...new Set([...tensors.values()].map(({ entry }) => entry.type))].sort(),
      sourceFiles: await hashSources(from, ['config.json', ...checkpoint.fileNames, ...tokenizerNames]),
      files,
    };
  } finally {
    await checkpoint.close();
  }
}

/** New tokens come behind the model's rows, which may be more than the tokenizer has tokens. */
function extendTokenizer(
  definition: BpeDefinition,
  rows: number,
  names: readonly string[],
): { definition: BpeDefinition; added: number } {
  const { vocabularySize } = new BpeTokenizer(definition);
  if (vocabularySize > rows) {
    throw new AppError(
      'MODEL_INVALID',
      `The tokenizer has ids up to ${vocabularySize - 1}, but config.json says vocab_size ${rows}: they do not belong together.`,
    );
  }
  const known = new Set(definition.named.map(({ name }) => name));
  const missing = [...new Set(names)].filter((name) => !known.has(name) && !definition.vocabulary.has(name));
  const added = missing.map((name, index) => ({ name, id: rows + index }));
  return { definition: { ...definition, named: [...definition.named, ...added] }, added: added.length };
}

/** Every tensor in float32 and in our order; the tables of the vocabulary with rows for the new tokens. */
async function copyWeights(
  plan: ImportTextInput & { given: TextModelShape; shape: TextModelShape; tensors: ReadonlyMap<string, FoundTensor> },
  { signal, progress }: Context,
): Promise<ModelFile> {
  const { given, shape, tensors, directory, seed } = plan;
  const parameters = textParameters(shape);
  const totalBytes = 4 * parameters.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0);
  let doneBytes = 0;
  const writer = await TensorWriter.create(directory, textModelFiles.weights, parameters);
  try {
    for (const { name } of parameters) {
      const found = tensors.get(name);
      if (!found) throw new Error(`${name} was not matched.`);
      const extended = name === embeddingName || name === headName ? new ColumnStatistics(shape.width) : undefined;
      for await (const values of found.file.floats(found.entry)) {
        if (signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
        extended?.add(values);
        await writer.write(values);
        doneBytes += values.byteLength;
        progress({ doneBytes, totalBytes });
      }
      const added = shape.vocabularySize - given.vocabularySize;
      if (extended && added > 0) await writer.write(extended.rows(added, seed));
    }
    return await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** What lies on the disk now is what was written. */
async function verify(directory: string, weights: ModelFile): Promise<void> {
  const { sha256 } = await hashFile(directory, weights.name);
  if (sha256 !== weights.sha256)
    throw new AppError('BAD_INPUT', `${weights.name} reads back differently from how it was written. Check the disk.`);
}
