/** @file A text model's training as a task: what it starts from is read and checked before anything large is allocated. */
import { join } from 'node:path';
import { readTokenizerJson } from '../../src/shared/bpe/readFiles.ts';
import { BpeTokenizer } from '../../src/shared/bpe/tokenizer.ts';
import { AppError } from '../../src/shared/errors.ts';
import { fineTuneRecipe, textRecipe } from '../../src/shared/recipes.ts';
import {
  textModelFiles,
  type TextGraphShape,
  type TextModelShape,
  type TextStart,
  type TrainTextInput,
} from '../../src/shared/textModels.ts';
import { readJson, readText } from '../files/checkpointFolder.ts';
import type { TrainTask } from './task.ts';

const mostShapeBytes = 65_536;
const mostTokenizerBytes = 64 * 2 ** 20;
const layerNormEpsilon = 1e-5; // GPT-2's

export type TextTask = {
  task: TrainTask;
  /** Of the model that comes out. */
  shape: TextModelShape;
  tokenizerJson: string;
};

/** Throws BAD_REQUEST for a model that cannot be trained, MODEL_INVALID or BAD_INPUT for files that are not what they should be. */
export async function textTask(input: Omit<TrainTextInput, 'directory'>): Promise<TextTask> {
  const { start, ...options } = input;
  const folder = start.kind === 'new' ? start.tokenizerDirectory : start.directory;
  const tokenizerJson = await readText(folder, textModelFiles.tokenizer, mostTokenizerBytes);
  const { vocabularySize } = new BpeTokenizer(readTokenizerJson(tokenizerJson));
  const shape = start.kind === 'new' ? newShape(start, vocabularySize) : await storedShape(folder);
  if (vocabularySize > shape.vocabularySize) {
    throw new AppError(
      'MODEL_INVALID',
      `The tokenizer in ${folder} has ids up to ${vocabularySize - 1}, but its model has ${shape.vocabularySize} tokens: they do not belong together.`,
    );
  }
  const recipe = { ...(start.kind === 'new' ? textRecipe : fineTuneRecipe), ...options.recipe };
  const weights = start.kind === 'model' ? [join(folder, textModelFiles.weights)] : [];
  const task: TrainTask = {
    ...options,
    shape,
    recipe,
    unseenRate: 0,
    ...(weights[0] === undefined ? {} : { startWeights: weights[0] }),
    decisiveFiles: [...weights, join(folder, textModelFiles.tokenizer)],
  };
  return { task, shape: { ...shape, predictedTokens: shape.vocabularySize }, tokenizerJson };
}

function newShape({ shape }: TextStart & { kind: 'new' }, vocabularySize: number): TextModelShape {
  const { layers, heads, width, contextLength } = shape;
  const predictedTokens = vocabularySize;
  return {
    form: 'gpt2',
    layers,
    heads,
    width,
    contextLength,
    vocabularySize,
    predictedTokens,
    layerNormEpsilon,
    isHeadTied: true,
  };
}

/** Sizes are checked with the task's others. */
async function storedShape(folder: string): Promise<TextModelShape> {
  const shape = (await readJson(folder, textModelFiles.shape, mostShapeBytes)) as
    TextModelShape | TextGraphShape | null;
  if (shape?.form === 'graph') {
    throw new AppError(
      'BAD_REQUEST',
      `The model in ${folder} came as an ONNX graph, which can be scored with but not trained. Import it from its safetensors.`,
    );
  }
  const predicted = shape?.predictedTokens ?? 0;
  if (
    shape?.form === 'gpt2' &&
    Number.isInteger(predicted) &&
    predicted >= 1 &&
    predicted <= shape.vocabularySize &&
    shape.layerNormEpsilon > 0 &&
    typeof shape.isHeadTied === 'boolean'
  )
    return shape;
  throw new AppError('MODEL_INVALID', `${join(folder, textModelFiles.shape)} is not the shape of a text model.`);
}
