/** @file Batches brought to one of few shapes, for graphs of fixed dimensions. What is added has weight zero. */
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import type { FloatInputs, MicroBatch } from './backend.ts';
import type { BatchArrays } from './batches.ts';

type Shape = { B: number; T: number };

const lengthStep = 16;

/** Lengths in steps of 16, items in powers of two: a graph for each shape that occurs stays affordable. */
export function bucketOf({ B, T }: Shape, { contextLength }: KeyModelShape): Shape {
  return {
    B: 2 ** Math.ceil(Math.log2(B)),
    T: Math.min(contextLength, Math.ceil(T / lengthStep) * lengthStep),
  };
}

export function padArrays({ ids, targets, weights }: BatchArrays, from: Shape, to: Shape): BatchArrays {
  const padded = {
    ids: new BigInt64Array(to.B * to.T),
    targets: new BigInt64Array(to.B * to.T),
    weights: new Float32Array(to.B * to.T),
  };
  for (let row = 0; row < from.B; row++) {
    const [start, end, at] = [row * from.T, (row + 1) * from.T, row * to.T];
    padded.ids.set(ids.subarray(start, end), at);
    padded.targets.set(targets.subarray(start, end), at);
    padded.weights.set(weights.subarray(start, end), at);
  }
  return padded;
}

/** Masks are [B,T,C] or [B,H,T,T]. */
export function padInputs(inputs: MicroBatch['inputs'], from: Shape, to: Shape): FloatInputs {
  if (from.B === to.B && from.T === to.T) return inputs;
  const padded = Object.entries(inputs).map(([name, { dims, data }]) => {
    const wanted = dims.length === 3 ? [to.B, to.T, dims[2] ?? 1] : [to.B, dims[1] ?? 1, to.T, to.T];
    const target = new Float32Array(wanted.reduce((product, n) => product * n, 1));
    copyCorner(data, dims, target, wanted);
    return [name, { dims: wanted, data: target }] as const;
  });
  return Object.fromEntries(padded);
}

/** Row by row of the last axis. */
function copyCorner(source: Float32Array, from: readonly number[], target: Float32Array, to: readonly number[]): void {
  const width = from.at(-1) ?? 1;
  for (let row = 0; row < source.length / width; row++) {
    let [rest, at, stride] = [row, 0, to.at(-1) ?? 1];
    for (let axis = from.length - 2; axis >= 0; axis--) {
      const size = from[axis] ?? 1;
      at += (rest % size) * stride;
      rest = Math.floor(rest / size);
      stride *= to[axis] ?? 1;
    }
    target.set(source.subarray(row * width, (row + 1) * width), at);
  }
}
