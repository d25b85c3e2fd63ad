/** @file Linear maps in whole numbers: weights of seven bits by column, inputs of eight bits by a range that is known beforehand. */
import { dim, fixed, type Graph, type Value } from '../onnx/graph.ts';
import type { Range } from './ranges.ts';

/**
 * Weights are from -64 to 64. Processors with AVX2 and no VNNI add pairs of products of an unsigned and a signed byte in 16 bits, which
 * 2 * 255 * 64 = 32,640 just fits and eight bits of weight do not: with seven the products are the same on all of them. The eighth bit was
 * not missed: mean difference from float32 on learned models 0.003 nat with either (lab's log), 0.005 and 0.004 (HDFS).
 */
export const largestWeight = 64;
const largestInput = 255;

/** Column j of the matrix is about `values` times `scales[j]`. */
export type QuantisedMatrix = { values: Int8Array; scales: Float32Array };

/** `weight` is [K,M], row by row. Each value is right to half its column's scale. */
export function quantiseColumns(weight: Float32Array, M: number): QuantisedMatrix {
  const scales = new Float32Array(M);
  for (let i = 0; i < weight.length; i++) scales[i % M] = Math.max(scales[i % M] ?? 0, Math.abs(weight[i] ?? 0));
  for (let j = 0; j < M; j++) scales[j] = scaleOf(scales[j] ?? 0);
  const values = Int8Array.from(weight, (value, i) => Math.round(value / (scales[i % M] ?? 1)));
  return { values, scales };
}

/** Of a column whose largest magnitude this is. One of zeros, or of what float32 cannot divide any more, counts as zeros. */
function scaleOf(largest: number): number {
  return largest > 1e-30 ? largest / largestWeight : 1;
}

/** A number x is about `scale` times (q - `zero`), q from 0 to 255; 0 is exact. */
export type InputScale = { scale: number; zero: number };

export function inputScale({ low, high }: Range): InputScale {
  if (low === -high) return { scale: high / 127, zero: 128 };
  const scale = (high - low) / largestInput;
  return { scale, zero: Math.round(-low / scale) };
}

/** `x` [N,K] times `weight` [K,M] plus `bias` [M], for `x` within `range`. The CPU alone has this operator. */
export function quantisedLinear(
  graph: Graph,
  name: string,
  { x, range, weight, bias }: { x: Value; range: Range; weight: Float32Array; bias: Float32Array },
): Value {
  const M = bias.length;
  const { values, scales } = quantiseColumns(weight, M);
  const { scale, zero } = inputScale(range);
  const [step, origin] = [graph.scalar(scale), graph.byte(zero)];
  const rounded = graph.node('QuantizeLinear', [x, step, origin], { type: 'uint8', dims: x.dims });
  return graph.node(
    'com.microsoft.MatMulIntegerToFloat',
    [
      rounded,
      graph.integerWeight(`${name}.weight`, values, [fixed(dim(x, -1)), M]),
      step,
      graph.weight(`${name}.scale`, scales, [M]),
      origin,
      graph.signedByte(0),
      graph.weight(`${name}.bias`, bias, [M]),
    ],
    { type: 'float32', dims: [dim(x, 0), M] },
  );
}
