/** @file Where GPT-2 drops activations in training. */
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import type { Dim } from '../onnx/writer.ts';

/** A place where GPT-2 drops activations: a graph input of this name and shape. */
export type DropoutSite = { name: string; dims: readonly Dim[] };

/** In a fixed order; the place in it is part of what a mask is drawn by. `T2` is T again: keys beside queries. */
export function dropoutSites({ layers, heads, width }: KeyModelShape): DropoutSite[] {
  const perToken = ['B', 'T', width];
  return [
    { name: 'dropout.embedding', dims: perToken },
    ...Array.from({ length: layers }, (_, layer) => [
      { name: `dropout.${layer}.attention`, dims: ['B', heads, 'T', 'T2'] },
      { name: `dropout.${layer}.attended`, dims: perToken },
      { name: `dropout.${layer}.mlp`, dims: perToken },
    ]).flat(),
  ];
}
