/**
 * @file Reverse-mode differentiation over an ONNX graph. Each primitive emits its forward nodes and, in the same place, states its
 * vector-Jacobian product as nodes of the same graph. A graph built for inference uses the same primitives and never calls `backward`.
 */
import { dim, expectEqual, fixed, type Graph, type Value } from './graph.ts';
import type { Dim } from './writer.ts';

/** Given dLoss/dOutput, emits dLoss/dInput for each input, in order; `null` where an input needs no gradient. */
type Vjp = (outputGradient: Value) => readonly (Value | null)[];
type Step = { output: Value; inputs: readonly Value[]; vjp: Vjp };

const defaultLayerNormEpsilon = 1e-5;
/** gelu_tanh(x) = x * sigmoid(k1 x + k3 x^3). */
const geluLinear = 2 * Math.sqrt(2 / Math.PI);
const geluCubic = geluLinear * 0.044715;

export class Tape {
  readonly graph: Graph;
  readonly #layerNormEpsilon: number;
  readonly #steps: Step[] = [];
  readonly #differentiable = new Set<string>();

  constructor(graph: Graph, layerNormEpsilon = defaultLayerNormEpsilon) {
    this.graph = graph;
    this.#layerNormEpsilon = layerNormEpsilon;
  }

  /** Declares that gradients are wanted for `value`. */
  parameter(value: Value): Value {
    this.#differentiable.add(value.name);
    return value;
  }

  /** Emits the gradient of the scalar `loss` with respect to each of `parameters`, in that order. */
  backward(loss: Value, parameters: readonly Value[]): Value[] {
    const gradients = new Map<string, Value>([[loss.name, this.graph.scalar(1)]]);
    for (const { output, inputs, vjp } of this.#steps.toReversed()) {
      const outputGradient = gradients.get(output.name);
      if (!outputGradient) continue; // the loss does not depend on this output
      vjp(outputGradient).forEach((gradient, index) => {
        const input = inputs[index];
        if (!gradient || !input || !this.#differentiable.has(input.name)) return;
        expectEqual(`Gradient of ${input.name}`, gradient.dims, input.dims);
        const sum = gradients.get(input.name);
        gradients.set(input.name, sum ? this.graph.binary('Add', sum, gradient) : gradient);
      });
    }
    return parameters.map((parameter) => gradients.get(parameter.name) ?? this.graph.filled(0, parameter.dims));
  }

  #record(output: Value, inputs: readonly Value[], vjp: Vjp): Value {
    if (!inputs.some(({ name }) => this.#differentiable.has(name))) return output;
    this.#differentiable.add(output.name);
    this.#steps.push({ output, inputs, vjp });
    return output;
  }

  /** Sum of two equal shapes. */
  add(a: Value, b: Value): Value {
    expectEqual('Add', a.dims, b.dims);
    return this.#record(this.graph.binary('Add', a, b), [a, b], (d) => [d, d]);
  }

  /** `rows` [T,C] added to every batch item of `a` [B,T,C]. */
  addToEachItem(a: Value, rows: Value): Value {
    const g = this.graph;
    return this.#record(g.binary('Add', a, rows), [a, rows], (d) => [d, g.reduce('ReduceSum', d, 0, false)]);
  }

  /** `a` plus a constant that broadcasts onto it. */
  addConstant(a: Value, constant: Value): Value {
    return this.#record(this.graph.binary('Add', a, constant), [a], (d) => [d]);
  }

  /** `a` times a constant of the same shape. */
  multiplyConstant(a: Value, constant: Value): Value {
    const g = this.graph;
    expectEqual('Mul', a.dims, constant.dims);
    return this.#record(g.binary('Mul', a, constant), [a], (d) => [g.binary('Mul', d, constant)]);
  }

  /** Each row of `a` [..,C] times its number in `factors` [..,1], which are constants. */
  scaleRows(a: Value, factors: Value): Value {
    const g = this.graph;
    expectEqual('Row factors', factors.dims, [...a.dims.slice(0, -1), 1]);
    return this.#record(g.binary('Mul', a, factors), [a], (d) => [g.binary('Mul', d, factors)]);
  }

  /** `a` [N,K] and `b` [N,M] side by side: [N,K+M]. */
  besides(a: Value, b: Value): Value {
    const g = this.graph;
    const [K, M] = [fixed(dim(a, 1)), fixed(dim(b, 1))];
    return this.#record(g.concat([a, b], 1), [a, b], (d) => [g.columns(d, 0, K), g.columns(d, K, K + M)]);
  }

  scale(a: Value, factor: number): Value {
    const g = this.graph;
    return this.#record(g.binary('Mul', a, g.scalar(factor)), [a], (d) => [g.binary('Mul', d, g.scalar(factor))]);
  }

  /** Rows of `table` [V,C] at `ids` [B,T]: [B,T,C]. For WebGPU `ids` is [N,1]: it cannot reshape integers. */
  gatherRows(table: Value, ids: Value): Value {
    const g = this.graph;
    const dims = [...ids.dims, dim(table, 1)];
    return this.#record(g.node('Gather', [table, ids], { type: 'float32', dims }), [table], (d) => {
      // ScatterElements rather than ScatterND: with two threads ONNX Runtime's ScatterND adds up repeated rows in another order on every
      // run (measured, 1.30; see microsoft/onnxruntime#18048), and one seed would no longer give one model.
      // WebGPU's adds up in any order either way.
      const N = g.joined('N', ids.dims);
      if (g.target === 'webgpu') {
        const inputs = [g.filled(0, table.dims), ids, g.reshape(d, [N, dim(table, 1)])];
        return [g.node('ScatterND', inputs, table, { reduction: 'add' })];
      }
      const rows = g.expand(g.reshape(ids, [N, 1]), [N, dim(table, 1)]);
      const inputs = [g.filled(0, table.dims), rows, g.reshape(d, rows.dims)];
      return [g.node('ScatterElements', inputs, table, { axis: 0, reduction: 'add' })];
    });
  }

  /** The first `count` rows of `table` [P,C]. */
  firstRows(table: Value, count: Dim): Value {
    const g = this.graph;
    const dims = [count, dim(table, 1)];
    const inputs = [table, g.integers([0]), g.size(count), g.integers([0])];
    return this.#record(g.node('Slice', inputs, { type: 'float32', dims }), [table], (d) => {
      const rest = g.binary('Sub', g.size(dim(table, 0)), g.size(count));
      const padding = g.concat([g.integers([0, 0]), rest, g.integers([0])], 0); // rows before, columns before, rows after, columns after
      return [g.node('Pad', [d, padding], table)];
    });
  }

  reshape(a: Value, dims: readonly Dim[]): Value {
    const g = this.graph;
    return this.#record(g.reshape(a, dims), [a], (d) => [g.reshape(d, a.dims)]);
  }

  transpose(a: Value, perm: readonly number[]): Value {
    const g = this.graph;
    const inverse = perm.map((_, axis) => perm.indexOf(axis));
    return this.#record(g.transpose(a, perm), [a], (d) => [g.transpose(d, inverse)]);
  }

  /** `a` [N,K] times `weight` [K,M] plus `bias` [M]: Hugging Face's Conv1D. */
  linear(a: Value, weight: Value, bias: Value): Value {
    const g = this.graph;
    return this.#record(g.gemm(a, weight, { bias }), [a, weight, bias], (d) => [
      g.gemm(d, weight, { transB: true }),
      g.gemm(a, d, { transA: true }),
      g.reduce('ReduceSum', d, 0, false),
    ]);
  }

  /** `a` [N,K] times `b` [K,M]. */
  product(a: Value, b: Value): Value {
    const g = this.graph;
    return this.#record(g.gemm(a, b), [a, b], (d) => [g.gemm(d, b, { transB: true }), g.gemm(a, d, { transA: true })]);
  }

  /** `a` [N,C] times the transpose of `table` [V,C]: the tied output head. */
  tiedHead(a: Value, table: Value): Value {
    const g = this.graph;
    return this.#record(g.gemm(a, table, { transB: true }), [a, table], (d) => [
      g.gemm(d, table),
      g.gemm(d, a, { transA: true }),
    ]);
  }

  /** Batched `a` [..,M,K] times `b` [..,K,N]. ONNX Runtime fuses the transposes of these products into them. */
  matmul(a: Value, b: Value): Value {
    const g = this.graph;
    return this.#record(g.matmul(a, b), [a, b], (d) => [g.matmul(d, g.swapLast(b)), g.matmul(g.swapLast(a), d)]);
  }

  /** Batched `a` [..,M,K] times the transpose of `b` [..,N,K]. */
  matmulTransposed(a: Value, b: Value): Value {
    const g = this.graph;
    return this.#record(g.matmul(a, g.swapLast(b)), [a, b], (d) => [g.matmul(d, b), g.matmul(g.swapLast(d), a)]);
  }

  /** Layer normalisation of each row of `a` [N,C], then `gain` [C] and `bias` [C]. */
  layerNorm(a: Value, gain: Value, bias: Value): Value {
    const g = this.graph;
    const statistics = { type: a.type, dims: [...a.dims.slice(0, -1), 1] };
    const [output, mean, inverseDeviation] = g.nodes(
      'LayerNormalization',
      [a, gain, bias],
      [a, statistics, statistics],
      {
        axis: -1,
        epsilon: { float: this.#layerNormEpsilon },
      },
    );
    if (!output || !mean || !inverseDeviation) throw new Error('LayerNormalization has three outputs.');
    return this.#record(output, [a, gain, bias], (d) => {
      // With n = (a - mean) / deviation: dInput = (d gain - mean(d gain) - n mean(d gain n)) / deviation, means over the width.
      // The means are products with gain / width: one pass each instead of a multiplication and a reduction.
      const width = fixed(dim(a, -1));
      const meanGain = g.reshape(g.binary('Mul', gain, g.scalar(1 / width)), [width, 1]);
      const normal = g.binary('Mul', g.binary('Sub', a, mean), inverseDeviation);
      const along = g.binary('Mul', d, normal);
      const shift = g.binary('Add', g.binary('Mul', normal, g.gemm(along, meanGain)), g.gemm(d, meanGain));
      const dInput = g.binary('Mul', g.binary('Sub', g.binary('Mul', d, gain), shift), inverseDeviation);
      return [dInput, g.reduce('ReduceSum', along, 0, false), g.reduce('ReduceSum', d, 0, false)];
    });
  }

  /** GPT-2's gelu (tanh form). */
  gelu(a: Value): Value {
    const g = this.graph;
    return this.#record(g.node('Gelu', [a], a, { approximate: 'tanh' }), [a], (d) => {
      const k1 = g.scalar(geluLinear);
      // polynomial = k1 + k3 x^2, so the sigmoid's argument is x * polynomial and its derivative 3 * polynomial - 2 k1.
      const polynomial = g.binary('Add', g.binary('Mul', g.binary('Mul', a, a), g.scalar(geluCubic)), k1);
      const gate = g.unary('Sigmoid', g.binary('Mul', a, polynomial));
      const slope = g.binary('Sub', g.binary('Mul', polynomial, g.scalar(3)), g.scalar(2 * geluLinear));
      const output = g.binary('Mul', a, gate);
      const curve = g.binary('Mul', g.binary('Mul', output, g.binary('Sub', g.scalar(1), gate)), slope);
      return [g.binary('Mul', d, g.binary('Add', gate, curve))];
    });
  }

  softmax(a: Value): Value {
    const g = this.graph;
    const output = g.node('Softmax', [a], a, { axis: -1 });
    return this.#record(output, [a], (d) => {
      const weighted = g.binary('Mul', d, output);
      return [g.binary('Sub', weighted, g.binary('Mul', output, g.reduce('ReduceSum', weighted, -1, true)))];
    });
  }

  /** Splits the last axis in `count` equal parts. Their gradients must all exist: every part has to be used. */
  split(a: Value, count: number): Value[] {
    const g = this.graph;
    const dims = [...a.dims.slice(0, -1), fixed(dim(a, -1)) / count];
    const outputs = Array.from({ length: count }, () => ({ type: a.type, dims }));
    const parts = g.nodes('Split', [a], outputs, { axis: -1, num_outputs: count });
    // The parts come from one node but are recorded one by one, so the joint gradient is emitted when the first part is reached,
    // which in reverse order is the last of them.
    const pending: Value[] = [];
    parts.forEach((value, index) => {
      this.#record(value, [a], (d) => {
        pending.unshift(d);
        return [index > 0 ? null : g.concat(pending, -1)];
      });
    });
    return parts;
  }

  /**
   * Natural log-probability of `targets` [N,1] under `logits` [N,V], and sum_i weights_i * -logProbability_i for `weights` [N,1].
   * Where all weights of a row are zero the row has no gradient: that is how padding drops out.
   */
  weightedLoss(logits: Value, targets: Value, weights: Value): { loss: Value; logProbability: Value } {
    const g = this.graph;
    const logSoftmax = g.logSoftmax(logits);
    const logProbability = g.node(
      'GatherElements',
      [logSoftmax, targets],
      { type: 'float32', dims: targets.dims },
      { axis: -1 },
    );
    const minusWeights = g.unary('Neg', weights);
    const loss = g.sumAll(g.binary('Mul', logProbability, minusWeights));
    this.#record(loss, [logits], () => {
      // d(loss) is 1: the loss, or a sum with it, is the end of every tape. softmax - one-hot, each row times its weight.
      const weighted = g.binary('Mul', g.unary('Exp', logSoftmax), weights);
      return [g.node('ScatterElements', [weighted, targets, minusWeights], logits, { axis: -1, reduction: 'add' })];
    });
    return { loss, logProbability };
  }

  /** Mean over the places of each item of `a` [B,T,C], T known: [B,C]. */
  meanOfPlaces(a: Value): Value {
    const g = this.graph;
    const [B, T, C] = [dim(a, 0), fixed(dim(a, 1)), dim(a, 2)];
    return this.#record(g.reduce('ReduceMean', a, 1, false), [a], (d) => [
      g.expand(g.reshape(g.binary('Mul', d, g.scalar(1 / T)), [B, 1, C]), a.dims),
    ]);
  }

  /** sum_i weights_i * -ln of the probability that sigmoid(`logits`) gives `labels`, 0 or 1. All [N,1]. */
  binaryLoss(logits: Value, labels: Value, weights: Value): Value {
    const g = this.graph;
    expectEqual('Binary loss', logits.dims, labels.dims);
    expectEqual('Binary loss weights', logits.dims, weights.dims);
    const nats = g.binary('Sub', g.unary('Softplus', logits), g.binary('Mul', labels, logits));
    const loss = g.sumAll(g.binary('Mul', nats, weights));
    // As with `weightedLoss`, d(loss) is 1.
    return this.#record(loss, [logits], () => [
      g.binary('Mul', g.binary('Sub', g.unary('Sigmoid', logits), labels), weights),
    ]);
  }

  /** sum_i weights_i * cross entropy of row i of `probabilities` [N,V] with `logits` [N,V]. The probabilities of a row sum to 1. */
  crossEntropy(logits: Value, probabilities: Value, weights: Value): Value {
    const g = this.graph;
    expectEqual('Cross entropy', logits.dims, probabilities.dims);
    const logSoftmax = g.logSoftmax(logits);
    const expected = g.reduce('ReduceSum', g.binary('Mul', probabilities, logSoftmax), -1, true);
    const loss = g.sumAll(g.binary('Mul', expected, g.unary('Neg', weights)));
    // As with `weightedLoss`, d(loss) is 1.
    return this.#record(loss, [logits], () => [
      g.binary('Mul', g.binary('Sub', g.unary('Exp', logSoftmax), probabilities), weights),
    ]);
  }
}
