/** @file A key model's files as the engine reads them: the right ones, of a size it can hold, for the shape that was registered. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScoreGraph } from '../../shared/engineProtocol.ts';
import { AppError } from '../../shared/errors.ts';
import type { KeyModelShape } from '../../shared/trainerProtocol.ts';
import type { GraphFile } from './graphs.ts';

/** Far above any key model; what is larger is not ours, and must not be read into memory. */
const largestFileBytes = 1024 ** 3;
/** One allocation of 2 GiB ends an Electron process, and some come in twice the size of what they are for. */
const largestTensorBytes = 512 * 1024 ** 2;

const scoreFiles: Record<ScoreGraph, string> = { f32: 'score.onnx', int8: 'score-int8.onnx' };

/** Throws MODEL_INVALID, naming the file, where one is missing, too large or not for this shape. */
export async function readModelFiles(
  directory: string,
  shape: KeyModelShape,
  graph: ScoreGraph = 'f32',
): Promise<{ score: GraphFile; explain: GraphFile }> {
  await checkShape(join(directory, 'shape.json'), shape);
  const [score, explain] = [join(directory, scoreFiles[graph]), join(directory, 'explain.onnx')];
  return {
    score: { path: score, bytes: await readModelFile(score) },
    explain: { path: explain, bytes: await readModelFile(explain) },
  };
}

/** The folder says itself what it holds; where that is not what was asked for, models were mixed up. */
async function checkShape(path: string, shape: KeyModelShape): Promise<void> {
  let stored: unknown;
  try {
    stored = JSON.parse(new TextDecoder().decode(await readModelFile(path)));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('MODEL_INVALID', `${path} is not JSON.`, { cause: error });
  }
  const found = new Map(typeof stored === 'object' && stored !== null ? Object.entries(stored) : []);
  for (const [name, value] of Object.entries(shape)) {
    if (found.get(name) === value) continue;
    throw new AppError(
      'MODEL_INVALID',
      `${path} says ${name} ${String(found.get(name))}; the model was registered with ${value}.`,
    );
  }
  if (largestTensorOf(shape) > largestTensorBytes) {
    throw new AppError(
      'MODEL_INVALID',
      `${path} describes a model too large to score: one table of it needs more than 512 MB.`,
    );
  }
}

/** The largest tensor in bytes when one sequence of full length is scored: a weight table, the logits, or the attention scores. */
export function largestTensorOf({ width: C, contextLength: T, vocabularySize: V, heads: H }: KeyModelShape): number {
  return 4 * Math.max(V * C, 4 * C * C, T * C, T * V, H * T * T, 4 * T * C);
}

/** Throws MODEL_INVALID, naming the file, where it cannot be read or is too large. */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > largestFileBytes) throw new Error(`it has ${size} bytes`);
    return await readFile(path);
  } catch (error) {
    throw new AppError(
      'MODEL_INVALID',
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
