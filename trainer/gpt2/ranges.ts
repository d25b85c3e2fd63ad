/**
 * @file How large the inputs of a model's linear maps become, from its weights alone. A layer norm gives rows of mean 0 and deviation 1; what
 * follows from one linearly is bounded by its length (Cauchy and Schwarz), attention mixes values and cannot exceed them, gelu(x) does not
 * exceed x. Ranges taken from each batch, as ONNX Runtime's dynamic quantisation has them, would let a token's bits depend on what it is
 * scored together with; ranges taken from data would need the data.
 */
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { parametersByName } from './spec.ts';

/**
 * In standard deviations. Up to width 36 nothing goes beyond; in wider models what does is cut to it. Measured on learned models: with 8, or
 * with the square root of the width, which nothing can exceed, the differences from float32 are larger, on anomalous sessions too
 * (HDFS, width 256, mean in nat over 17,893 events of labelled sessions: 0.0213 without the cut, 0.0098 with 8, 0.0079 with 6).
 */
const widestDeviation = 6;

/** gelu is nowhere below this. */
const leastGelu = -0.1701;

export type Range = { low: number; high: number };

/** Parameters in the layout of `gpt2Parameters`; the range of the inputs of each linear map by its name, e.g. `h.0.mlp.c_fc`. */
export type RangedModel = { parameters: Float32Array; ranges: ReadonlyMap<string, Range> };

const unitRange: Range = { low: -1, high: 1 };

/**
 * The same function with other weights: what a layer norm gives and what attention mixes is divided by its bound, channel by channel, and
 * the weights that it meets are multiplied by it. One scale for all channels then fits each of them.
 */
export function withUnitRanges(shape: KeyModelShape, parameters: Float32Array): RangedModel {
  const { layers, width: C } = shape;
  const folded = Float32Array.from(parameters);
  const ranges = new Map<string, Range>();
  const find = parametersByName(shape, folded);
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string): Float32Array => find(`h.${layer}.${name}`);
    const afterNorm = (norm: string, linear: string): Float64Array => {
      const [gain, shift] = [at(`${norm}.weight`), at(`${norm}.bias`)];
      const [weight, bias] = [at(`${linear}.weight`), at(`${linear}.bias`)];
      const outputs = outputBounds(gain, shift, weight, bias);
      const inputs = Float64Array.from(gain, (g, c) =>
        positive(Math.min(Math.sqrt(C), widestDeviation) * Math.abs(g) + Math.abs(shift[c] ?? 0)),
      );
      multiply(gain, (c) => 1 / (inputs[c] ?? 1));
      multiply(shift, (c) => 1 / (inputs[c] ?? 1));
      multiply(weight, (i) => inputs[Math.floor(i / bias.length)] ?? 1);
      ranges.set(`h.${layer}.${linear}`, unitRange);
      return outputs;
    };
    // The last third of c_attn's columns are the values; scaling them scales what attention mixes.
    const values = afterNorm('ln_1', 'attn.c_attn')
      .subarray(2 * C)
      .map(positive);
    const valueOf = (column: number): number => (column < 2 * C ? 1 : (values[column - 2 * C] ?? 1));
    multiply(at('attn.c_attn.weight'), (i) => 1 / valueOf(i % (3 * C)));
    multiply(at('attn.c_attn.bias'), (column) => 1 / valueOf(column));
    multiply(at('attn.c_proj.weight'), (i) => values[Math.floor(i / C)] ?? 1);
    ranges.set(`h.${layer}.attn.c_proj`, unitRange);
    const inner = afterNorm('ln_2', 'mlp.c_fc');
    ranges.set(`h.${layer}.mlp.c_proj`, { low: leastGelu, high: positive(Math.max(...inner)) });
  }
  return { parameters: folded, ranges };
}

/**
 * The range of each output j of a linear map after a layer norm: n (g W_j) + s W_j + b_j, where n has mean 0 and length sqrt(C), and hence a
 * deviation, over directions, of the length of what is left of g W_j without its mean. `weight` is [C,M].
 */
function outputBounds(gain: Float32Array, shift: Float32Array, weight: Float32Array, bias: Float32Array): Float64Array {
  const [C, M] = [gain.length, bias.length];
  return Float64Array.from(bias, (b, j) => {
    let [sum, squares, offset] = [0, 0, b];
    for (let c = 0; c < C; c++) {
      const w = weight[c * M + j] ?? 0;
      const scaled = (gain[c] ?? 0) * w;
      sum += scaled;
      squares += scaled ** 2;
      offset += (shift[c] ?? 0) * w;
    }
    return Math.min(Math.sqrt(C), widestDeviation) * Math.sqrt(Math.max(0, squares - sum ** 2 / C)) + Math.abs(offset);
  });
}

/** A channel that is always 0 needs no scale. */
function positive(bound: number): number {
  return bound > 0 ? bound : 1;
}

function multiply(values: Float32Array, factorAt: (index: number) => number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * factorAt(i);
}
