/** @file An ONNX graph that is said to be a language model, asked whether it is one: what goes in, what comes out, and from what. */
import * as ort from 'onnxruntime-node';
import { AppError } from '../../src/shared/errors.ts';
import type { TextGraphShape } from '../../src/shared/textModels.ts';
import { largestTensorBytes } from './config.ts';

/** Tried from the longest on, where nothing says how long a text the model reads. */
const contextLengths = [1024, 512, 256, 128, 64, 32, 16];
const mostTokens = 65_536; // an id is one UTF-16 unit in the keys of pieces
/** Logits of equal beginnings may differ by as much: sums in another order. */
const causalTolerance = 1e-3;

type Answer = { vocabularySize: number; logits: Float32Array };

/** Throws MODEL_INVALID with what is wrong with the graph. `contextLength` is what its folder says, if it says so. */
export async function tryGraph(
  path: string,
  contextLength: number | undefined,
  tokenizerSize: number,
): Promise<TextGraphShape> {
  const session = await open(path);
  try {
    const { inputNames, outputNames } = session;
    if (inputNames.join() !== 'input_ids' || !outputNames.includes('logits'))
      refuse(`it takes ${inputNames.join(', ')} and gives ${outputNames.join(', ')}, not input_ids and logits`);
    const first = await ask(session, [0, 1, 2, 3]);
    const { vocabularySize } = first;
    if (vocabularySize < tokenizerSize || vocabularySize > mostTokens) {
      refuse(
        `it predicts ${vocabularySize} tokens, and the tokenizer has ${tokenizerSize}; at most ${mostTokens} are read`,
      );
    }
    checkCausal(first, await ask(session, [0, 1, 3, 0]));
    const length = await longestRead(session, vocabularySize, contextLength);
    return { form: 'graph', contextLength: length, vocabularySize, predictedTokens: vocabularySize };
  } finally {
    await session.release();
  }
}

function refuse(what: string, cause?: unknown): never {
  throw new AppError('MODEL_INVALID', `model.onnx cannot be used: ${what}.`, { cause });
}

/** By path: the weights may lie beside it. ONNX Runtime refuses those that lie elsewhere. */
async function open(path: string): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(path, {
      executionProviders: ['cpu'],
      enableCpuMemArena: false,
      enableMemPattern: false,
      logSeverityLevel: 4,
      extra: { session: { disable_prepacking: '1' } },
    });
  } catch (error) {
    return refuse(String(error), error);
  }
}

async function ask(session: ort.InferenceSession, ids: readonly number[]): Promise<Answer> {
  const input = new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
  const { logits } = await session.run({ input_ids: input }).catch((error: unknown) => refuse(String(error), error));
  const [B, T, V = 0] = logits?.dims ?? [];
  if (!(logits?.data instanceof Float32Array) || B !== 1 || T !== ids.length || logits.dims.length !== 3) {
    const found = `[${logits?.dims.join()}] of ${logits?.type}`;
    return refuse(`its logits have the shape ${found}, not [1,${ids.length},vocabulary] of float32`);
  }
  if (!logits.data.every(Number.isFinite)) refuse('it answers with infinity or what is no number');
  return { vocabularySize: V, logits: logits.data };
}

/** Both were asked the same two tokens first. Padding to the right and windows rely on it that only what comes before counts. */
function checkCausal(one: Answer, other: Answer): void {
  const shared = one.logits.subarray(0, 2 * one.vocabularySize);
  if (shared.every((value, i) => Math.abs(value - (other.logits[i] ?? NaN)) <= causalTolerance)) return;
  refuse('what it says of a token depends on those behind it, so it is no model that predicts the next one');
}

async function longestRead(session: ort.InferenceSession, V: number, given: number | undefined): Promise<number> {
  const fitting = Math.floor(largestTensorBytes / 4 / V);
  const lengths = given === undefined ? contextLengths : [Math.min(given, fitting)];
  for (const length of lengths.filter((candidate) => candidate <= fitting)) {
    const ids = Array.from({ length }, (_, i) => i % V);
    if (await ask(session, ids).catch(() => undefined)) return length;
  }
  return refuse(`it does not read ${lengths.at(-1)} tokens at once`);
}
