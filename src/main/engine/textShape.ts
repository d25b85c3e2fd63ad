/** @file What a text model's folder says it holds. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import { textModelFiles, type TextGraphShape, type TextModelShape } from '../../shared/textModels.ts';

const sizes = ['contextLength', 'vocabularySize', 'predictedTokens'];
const sizesOfGpt2 = [...sizes, 'layers', 'heads', 'width'];

/** Throws MODEL_INVALID. */
export async function readTextShape(directory: string): Promise<TextModelShape | TextGraphShape> {
  const path = join(directory, textModelFiles.shape);
  try {
    const shape = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    if (shape.form !== 'gpt2' && shape.form !== 'graph') throw new Error('it is not the shape of a text model');
    for (const name of shape.form === 'gpt2' ? sizesOfGpt2 : sizes) {
      if (!Number.isSafeInteger(shape[name]) || Number(shape[name]) < 1) throw new Error(`it has no ${name}`);
    }
    return shape as TextModelShape | TextGraphShape;
  } catch (error) {
    throw new AppError('MODEL_INVALID', `${path} cannot be used: ${(error as Error).message}.`, { cause: error });
  }
}
