/** @file The tokens of a batch as the training graph is fed with them. */
import type * as ort from 'onnxruntime-node';
import type { BatchArrays } from './batches.ts';
import { tensorView } from './session.ts';

/**
 * `ids`, `targets`, `weights`, each of `dims`. Where tokens from `firstAdded` on have a table of their own, `addedIds` and `isAdded` say
 * which rows of it they are, and `ids` is 0 in their places: told here, since WebGPU has no arithmetic of integers.
 */
export function tokenInputs(
  { ids, targets, weights }: BatchArrays,
  dims: readonly number[],
  firstAdded: number | null,
): Record<string, ort.Tensor> {
  const common = { targets: tensorView(targets, dims), weights: tensorView(weights, dims) };
  if (firstAdded === null) return { ...common, ids: tensorView(ids, dims) };
  const known = ids.slice();
  const addedIds = new BigInt64Array(ids.length);
  const isAdded = new Float32Array(ids.length);
  const first = BigInt(firstAdded);
  ids.forEach((id, i) => {
    if (id < first) return;
    known[i] = 0n;
    addedIds[i] = id - first;
    isAdded[i] = 1;
  });
  return {
    ...common,
    ids: tensorView(known, dims),
    addedIds: tensorView(addedIds, dims),
    isAdded: tensorView(isAdded, dims),
  };
}
