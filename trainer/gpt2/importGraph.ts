/**
 * @file A folder with a language model as one ONNX graph, `input_ids` int64 [batch, sequence] to `logits` f32 [batch, sequence, vocabulary],
 * and its tokenizer: copied and tried. What the graph does inside is its own affair; what it answers is checked.
 */
import { copyFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { readTokenizerFolder } from '../../src/shared/bpe/folder.ts';
import { BpeTokenizer } from '../../src/shared/bpe/tokenizer.ts';
import { formatTokenizerJson } from '../../src/shared/bpe/writeFiles.ts';
import { AppError } from '../../src/shared/errors.ts';
import {
  textModelFiles,
  type ImportTextInput,
  type ImportTextOutput,
  type TextGraphShape,
} from '../../src/shared/textModels.ts';
import type { ModelFile } from '../../src/shared/trainerProtocol.ts';
import { syncDirectory } from '../files/atomic.ts';
import { exists, hashFile, readJson } from '../files/checkpointFolder.ts';
import { isRecord } from '../files/safetensorsHeader.ts';
import { largestTensorBytes } from './config.ts';
import { hashSources, tokenizerNames, writeText } from './textFiles.ts';

/** Tried from the longest on, where config.json does not say how long a text the model reads. */
const contextLengths = [1024, 512, 256, 128, 64, 32, 16];
const mostTokens = 65_536; // an id is one UTF-16 unit in the keys of pieces
/** Logits of equal beginnings may differ by as much: sums in another order. */
const causalTolerance = 1e-3;

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
  const names = (await readdir(from)).filter((name) => name.startsWith(textModelFiles.graph));
  try {
    const files: ModelFile[] = [];
    for (const name of names) files.push(await copyVerified(from, directory, name));
    const shape = await tryGraph(directory, await contextOf(from), new BpeTokenizer(definition).vocabularySize);
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

/** Opens the graph and asks it: names, vocabulary, how long a text it reads, and that it does not look ahead. */
async function tryGraph(
  directory: string,
  contextLength: number | undefined,
  tokenizerSize: number,
): Promise<TextGraphShape> {
  const refuse = (what: string, cause?: unknown): never => {
    throw new AppError('MODEL_INVALID', `model.onnx cannot be used: ${what}.`, { cause });
  };
  const session = await ort.InferenceSession.create(join(directory, textModelFiles.graph), {
    executionProviders: ['cpu'],
    enableCpuMemArena: false,
    enableMemPattern: false,
    logSeverityLevel: 4,
    extra: { session: { disable_prepacking: '1' } },
  }).catch((error: unknown) => refuse(String(error), error));
  try {
    if (session.inputNames.join() !== 'input_ids' || !session.outputNames.includes('logits'))
      refuse(
        `it takes ${session.inputNames.join(', ')} and gives ${session.outputNames.join(', ')}, not input_ids and logits`,
      );
    const ask = async (ids: readonly number[]): Promise<{ V: number; logits: Float32Array }> => {
      const { logits } = await session.run({
        input_ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      });
      const [B, T, V = 0] = logits?.dims ?? [];
      if (!(logits?.data instanceof Float32Array) || B !== 1 || T !== ids.length || logits.dims.length !== 3)
        return refuse(
          `its logits have the shape [${logits?.dims.join()}] of ${logits?.type}, not [1,${ids.length},vocabulary] of float32`,
        );
      if (!logits.data.every(Number.isFinite)) refuse('it answers with infinity or what is no number');
      return { V, logits: logits.data };
    };
    const answer = (ids: readonly number[]): ReturnType<typeof ask> =>
      ask(ids).catch((error: unknown) =>
        error instanceof AppError ? Promise.reject(error) : refuse(String(error), error),
      );
    const { V, logits } = await answer([0, 1, 2, 3]);
    if (V < tokenizerSize || V > mostTokens)
      refuse(`it predicts ${V} tokens, and the tokenizer has ${tokenizerSize}; at most ${mostTokens} are read`);
    const other = await answer([0, 1, 3, 0]);
    for (let i = 0; i < 2 * V; i++)
      if (Math.abs((logits[i] ?? 0) - (other.logits[i] ?? 0)) > causalTolerance)
        refuse('what it says of a token depends on those behind it, so it is no model that predicts the next one');
    const fitting = Math.floor(largestTensorBytes / 4 / V);
    for (const length of contextLength === undefined ? contextLengths : [Math.min(contextLength, fitting)]) {
      if (length > fitting) continue;
      const isRead = await ask(Array.from({ length }, (_, i) => i % V)).then(
        () => true,
        () => false,
      );
      if (isRead) return { form: 'graph', contextLength: length, vocabularySize: V, predictedTokens: V };
    }
    return refuse(`it does not read ${contextLength ?? contextLengths.at(-1)} tokens at once`);
  } finally {
    await session.release();
  }
}
