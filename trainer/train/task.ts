/** @file What a training run is given, whatever kind of model is trained. */
import { keyModelRecipe } from '../../src/shared/recipes.ts';
import type { TrainInput, TrainRecipe } from '../../src/shared/trainerProtocol.ts';
import type { NetworkShape } from '../gpt2/spec.ts';

export type TrainTask = Omit<TrainInput, 'directory' | 'shape' | 'recipe'> & {
  shape: NetworkShape;
  recipe: TrainRecipe;
  /** Files that decide what comes out: with another content in one of them, it is another training. */
  decisiveFiles: readonly string[];
};

/** Of event keys. */
export function keyTask(input: Omit<TrainInput, 'directory'>): TrainTask {
  const recipe = { ...keyModelRecipe, ...input.recipe };
  return { ...input, recipe, decisiveFiles: input.startWeights === undefined ? [] : [input.startWeights] };
}

/** No tensor of logits [B*T,V] passes this many elements: 128 MB. */
const mostLogits = 2 ** 25;

/** Most tokens of a micro-batch, but for a longer piece that is one by itself. */
export function batchTokensOf({ recipe, shape }: TrainTask): number {
  return Math.max(1, Math.min(recipe.batchTokens, Math.floor(mostLogits / shape.vocabularySize)));
}

/**
 * The longest piece. A model that is new must learn all places of its context; one that is started from knows them, and a piece is no longer than
 * a micro-batch, which bounds the memory: attention over the 1,024 places of GPT-2 takes four times as much as over 512.
 */
export function pieceTokensOf(task: TrainTask): number {
  const { contextLength } = task.shape;
  return task.startWeights === undefined ? contextLength : Math.min(contextLength, batchTokensOf(task));
}
