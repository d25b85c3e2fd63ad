/**
 * @file A typed graph builder: every value knows its element type and dimensions, so that a wrong shape fails while building,
 * in TypeScript, and not inside ONNX Runtime. Holds the plain operators; `autodiff.ts` gives them derivatives.
 */
import {
  writeModel,
  type Attribute,
  type Dim,
  type ElementType,
  type FileRange,
  type Initializer,
  type Node,
  type ValueInfo,
} from './writer.ts';

export type Value = ValueInfo;
type ConstantData = Float32Array | BigInt64Array | Uint8Array | Int8Array;
type OutputSpec = { type: ElementType; dims: readonly Dim[] };

/** WebGPU has no kernels for some operators; a graph for it is built of others, and of fixed dimensions. */
export type Target = 'any' | 'webgpu';

export class Graph {
  readonly target: Target;
  readonly #name: string;
  readonly #nodes: Node[] = [];
  readonly #initializers: Initializer[] = [];
  readonly #inputs: Value[] = [];
  readonly #outputs: Value[] = [];
  readonly #constants = new Map<string, Value>();
  /** For each dimension name, an int64 [1] value that holds its size at run time. */
  readonly #dimensionSizes = new Map<string, Value>();
  #nextId = 0;

  constructor(name: string, target: Target = 'any') {
    this.#name = name;
    this.target = target;
  }

  /** A graph input. Each named dimension it brings can from now on be used in `reshape`. */
  input(name: string, type: ElementType, dims: readonly Dim[]): Value {
    const value: Value = { name, type, dims };
    this.#inputs.push(value);
    dims.forEach((dim, axis) => {
      if (typeof dim === 'number' || this.#dimensionSizes.has(dim)) return;
      this.#dimensionSizes.set(
        dim,
        this.node('Shape', [value], { type: 'int64', dims: [1] }, { start: axis, end: axis + 1 }),
      );
    });
    return value;
  }

  /** A weight stored in the model file. `data` is copied when the model is written. */
  weight(name: string, data: Float32Array, dims: readonly number[]): Value {
    return this.#initializer(name, 'float32', dims, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  /** A weight of whole numbers from -128 to 127. */
  integerWeight(name: string, data: Int8Array, dims: readonly number[]): Value {
    return this.#initializer(name, 'int8', dims, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  /** A weight that stays in a file beside the model's. */
  fileWeight(name: string, dims: readonly number[], range: FileRange): Value {
    return this.#initializer(name, 'float32', dims, range);
  }

  scalar(value: number): Value {
    return this.#constant(`f${value}`, 'float32', [], Float32Array.of(value));
  }

  byte(value: number): Value {
    return this.#constant(`u${value}`, 'uint8', [], Uint8Array.of(value));
  }

  signedByte(value: number): Value {
    return this.#constant(`s${value}`, 'int8', [], Int8Array.of(value));
  }

  integers(values: readonly number[]): Value {
    return this.#constant(`i${values.join()}`, 'int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  /** Makes the value a graph output. Under its own name it costs nothing; under a given one, a copy (an Identity node). */
  output(value: Value, name?: string): string {
    if (name !== undefined) this.#nodes.push({ op: 'Identity', inputs: [value.name], outputs: [name], attributes: {} });
    const outputName = name ?? value.name;
    if (!this.#outputs.some((other) => other.name === outputName)) this.#outputs.push({ ...value, name: outputName });
    return outputName;
  }

  nodes(
    op: string,
    inputs: readonly Value[],
    outputs: readonly OutputSpec[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const values = outputs.map(({ type, dims }) => ({ name: `v${this.#nextId++}`, type, dims }));
    this.#nodes.push({
      op,
      inputs: inputs.map(({ name }) => name),
      outputs: values.map(({ name }) => name),
      attributes,
    });
    return values;
  }

  node(
    op: string,
    inputs: readonly Value[],
    output: OutputSpec,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    return first(this.nodes(op, inputs, [output], attributes));
  }

  toBytes(): Uint8Array {
    const nodes = this.#neededNodes();
    const read = new Set([...nodes.flatMap(({ inputs }) => inputs), ...this.#outputs.map(({ name }) => name)]);
    return writeModel({
      name: this.#name,
      nodes,
      initializers: this.#initializers.filter(({ name }) => read.has(name)),
      inputs: this.#inputs,
      outputs: this.#outputs,
    });
  }

  /** Those that an output depends on. Gradients of what is not trained are emitted with the others; ONNX Runtime would compute them. */
  #neededNodes(): Node[] {
    const needed = new Set(this.#outputs.map(({ name }) => name));
    const nodes: Node[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (!node.outputs.some((name) => needed.has(name))) continue;
      for (const name of node.inputs) needed.add(name);
      nodes.push(node);
    }
    return nodes.reverse();
  }

  // Operators. Dimensions are checked where a mistake would otherwise pass silently, that is, wherever ONNX would broadcast.

  unary(op: 'Exp' | 'Log' | 'Neg' | 'Sigmoid' | 'Softplus' | 'Sqrt', a: Value): Value {
    return this.node(op, [a], a);
  }

  binary(op: 'Add' | 'Sub' | 'Mul' | 'Div' | 'Min', a: Value, b: Value): Value {
    return this.node(op, [a, b], { type: a.type, dims: broadcast(a.dims, b.dims) });
  }

  /** `a` [M,K] times `b` [K,N], each read transposed if asked, plus `c` [N]. */
  gemm(a: Value, b: Value, options: { transA?: boolean; transB?: boolean; bias?: Value } = {}): Value {
    const { transA = false, transB = false, bias } = options;
    const [rows, innerA] = transA ? [dim(a, 1), dim(a, 0)] : [dim(a, 0), dim(a, 1)];
    const [innerB, columns] = transB ? [dim(b, 1), dim(b, 0)] : [dim(b, 0), dim(b, 1)];
    expectEqual('Gemm', [innerA], [innerB]);
    if (bias) expectEqual('Gemm bias', bias.dims, [columns]);
    const inputs = bias ? [a, b, bias] : [a, b];
    return this.node(
      'Gemm',
      inputs,
      { type: a.type, dims: [rows, columns] },
      { transA: Number(transA), transB: Number(transB) },
    );
  }

  /** Batched product over equal leading dimensions. */
  matmul(a: Value, b: Value): Value {
    expectEqual('MatMul batch', a.dims.slice(0, -2), b.dims.slice(0, -2));
    expectEqual('MatMul', [dim(a, -1)], [dim(b, -2)]);
    return this.node('MatMul', [a, b], { type: a.type, dims: [...a.dims.slice(0, -1), dim(b, -1)] });
  }

  transpose(a: Value, perm: readonly number[]): Value {
    return this.node('Transpose', [a], { type: a.type, dims: perm.map((axis) => dim(a, axis)) }, { perm });
  }

  /** The last two axes exchanged. */
  swapLast(a: Value): Value {
    const rank = a.dims.length;
    return this.transpose(a, [...a.dims.keys()].slice(0, -2).concat(rank - 1, rank - 2));
  }

  /** A single named dimension is whatever is left; several take their sizes from where they were introduced. */
  reshape(a: Value, dims: readonly Dim[]): Value {
    const named = dims.filter((size) => typeof size === 'string').length;
    const shape =
      named > 1 ? this.#sizes(dims) : this.integers(dims.map((size) => (typeof size === 'number' ? size : -1)));
    return this.node('Reshape', [a, shape], { type: a.type, dims });
  }

  reduce(op: 'ReduceSum' | 'ReduceMean' | 'ReduceMax', a: Value, axis: number, keepDimension: boolean): Value {
    const at = axis < 0 ? a.dims.length + axis : axis;
    const dims = keepDimension ? a.dims.with(at, 1) : a.dims.toSpliced(at, 1);
    return this.node(op, [a, this.integers([at])], { type: a.type, dims }, { keepdims: Number(keepDimension) });
  }

  /** Along the last axis. */
  logSoftmax(a: Value): Value {
    if (this.target === 'any') return this.node('LogSoftmax', [a], a, { axis: -1 });
    const shifted = this.binary('Sub', a, this.reduce('ReduceMax', a, -1, true));
    return this.binary(
      'Sub',
      shifted,
      this.unary('Log', this.reduce('ReduceSum', this.unary('Exp', shifted), -1, true)),
    );
  }

  /** Sum of everything, a scalar. */
  sumAll(a: Value): Value {
    return this.node('ReduceSum', [a], { type: a.type, dims: [] }, { keepdims: 0 });
  }

  concat(values: readonly Value[], axis: number): Value {
    const dims = first(values).dims.with(
      axis,
      values.reduce((total, value) => total + fixed(dim(value, axis)), 0),
    );
    return this.node('Concat', values, { type: first(values).type, dims }, { axis });
  }

  /** Columns `from` to `to` of `a` [N,K]. */
  columns(a: Value, from: number, to: number): Value {
    const inputs = [a, this.integers([from]), this.integers([to]), this.integers([1])];
    return this.node('Slice', inputs, { type: a.type, dims: a.dims.with(1, to - from) });
  }

  /** The size of a dimension as an int64 [1] value. */
  size(of: Dim): Value {
    if (typeof of === 'number') return this.integers([of]);
    const value = this.#dimensionSizes.get(of);
    if (!value) throw new Error(`No graph input has a dimension named ${of}.`);
    return value;
  }

  /** The dimension that joins `parts`: their product if all are numbers, or else `name`, known from now on. */
  joined(name: string, parts: readonly Dim[]): Dim {
    if (parts.every((part) => typeof part === 'number')) return parts.reduce((product, part) => product * part, 1);
    if (!this.#dimensionSizes.has(name)) {
      const product = parts.map((part) => this.size(part)).reduce((a, b) => this.binary('Mul', a, b));
      this.#dimensionSizes.set(name, product);
    }
    return name;
  }

  /** `a`, repeated along its dimensions of size 1 (and new leading ones) until it has `dims`. */
  expand(a: Value, dims: readonly Dim[]): Value {
    return this.node('Expand', [a, this.#sizes(dims)], { type: a.type, dims });
  }

  /** `value` in every element. */
  filled(value: number, dims: readonly Dim[]): Value {
    return this.expand(this.scalar(value), dims);
  }

  #sizes(dims: readonly Dim[]): Value {
    if (dims.every((size) => typeof size === 'number')) return this.integers(dims);
    return this.node(
      'Concat',
      dims.map((size) => this.size(size)),
      { type: 'int64', dims: [dims.length] },
      { axis: 0 },
    );
  }

  #constant(key: string, type: ElementType, dims: readonly number[], data: ConstantData): Value {
    const known = this.#constants.get(key);
    if (known) return known;
    const value = this.#initializer(`c${this.#nextId++}`, type, dims, new Uint8Array(data.buffer));
    this.#constants.set(key, value);
    return value;
  }

  #initializer(name: string, type: ElementType, dims: readonly number[], data: Initializer['data']): Value {
    this.#initializers.push({ name, type, dims, data });
    return { name, type, dims };
  }
}

/** The size at `axis`, counted from the end when negative. */
export function dim(value: Value, axis: number): Dim {
  const size = value.dims.at(axis);
  if (size === undefined) throw new Error(`Value ${value.name} [${value.dims.join()}] has no axis ${axis}.`);
  return size;
}

export function fixed(size: Dim): number {
  if (typeof size !== 'number') throw new Error(`Dimension ${size} must be known when the graph is built.`);
  return size;
}

export function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error('Expected at least one item.');
  return item;
}

export function expectEqual(what: string, a: readonly Dim[], b: readonly Dim[]): void {
  if (a.length !== b.length || a.some((size, axis) => size !== b[axis])) {
    throw new Error(`${what}: dimensions [${a.join()}] and [${b.join()}] differ.`);
  }
}

function broadcast(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new Error(`[${a.join()}] and [${b.join()}] do not broadcast.`);
    return left === 1 ? right : left;
  });
}
