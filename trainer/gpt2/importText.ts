/** @file A GPT-2 checkpoint folder to a text model's folder: checked, widened to float32, its vocabulary extended, verified. */
import { AppError } from '../../src/shared/errors.ts';
import type { BpeDefinition } from '../../src/shared/bpe/definition.ts';
import { readForeignTokenizer } from '../../src/shared/bpe/libraryCheck.ts';
import { BpeTokenizer } from '../../src/shared/bpe/tokenizer.ts';
import { formatTokenizerJson } from '../../src/shared/bpe/writeFiles.ts';
import type { ImportTextInput, ImportTextOutput, TextModelShape } from '../../src/shared/textModels.ts';
import { Checkpoint, readJson, type FoundTensor } from '../files/checkpointFolder.ts';
import { ColumnStatistics } from './addedRows.ts';
import { importGraph, isGraphFolder } from './importGraph.ts';
import { largestTensorBytes, readConfig } from './config.ts';
import { embeddingName, gpt2Parameters, headName, parameterCount } from './spec.ts';
import { hashSources, tokenizerNames } from './textFiles.ts';
import { writeTextModel, type TextModelContent } from './textFolder.ts';
import { matchTensors } from './textWeights.ts';

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
    const tokenizerJson = formatTokenizerJson(tokenizer.definition);
    const values = readTensors({ ...input, shape, added: tokenizer.added, tensors }, context);
    const files = await writeTextModel(directory, { shape, tokenizerJson, values });
    return {
      shape,
      parameterCount: parameterCount(gpt2Parameters(shape)),
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

type Reading = ImportTextInput & { shape: TextModelShape; added: number; tensors: ReadonlyMap<string, FoundTensor> };

/** Every tensor in float32; the tables of the vocabulary with rows for the new tokens. */
function readTensors(
  { shape, added, tensors, seed }: Reading,
  { signal, progress }: Context,
): TextModelContent['values'] {
  const totalBytes = 4 * parameterCount(gpt2Parameters(shape));
  let doneBytes = 0;
  return async function* ({ name }) {
    const found = tensors.get(name);
    if (!found) throw new Error(`${name} was not matched.`);
    const extended = name === embeddingName || name === headName ? new ColumnStatistics(shape.width) : undefined;
    for await (const values of found.file.floats(found.entry)) {
      if (signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
      extended?.add(values);
      yield values;
      doneBytes += values.byteLength;
      progress({ doneBytes, totalBytes });
    }
    if (extended && added > 0) yield extended.rows(added, seed);
  };
}
