/**
 * @file The ONNX graphs of a GPT-2 model: one forward pass, used for gradients, for validation loss, for scoring and for explaining,
 * so that what is trained and what is scored cannot drift apart. Pre-LN, tanh gelu, tied head, learned positions.
 */
import { labelTokens } from '../../src/shared/classify.ts';
import type { KeyModelShape, LoraOptions } from '../../src/shared/trainerProtocol.ts';
import { Tape } from '../onnx/autodiff.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import type { Dim } from '../onnx/writer.ts';
import { dropoutSites } from './dropoutSites.ts';
import { adapterName, addedName, frozenParameters, loraParameters } from './lora.ts';
import { quantisedLinear } from './quantise.ts';
import { withUnitRanges } from './ranges.ts';
import {
  classifierHead,
  embeddingName,
  gpt2Parameters,
  headOf,
  parametersByName,
  type NetworkShape,
  type ParameterSpec,
} from './spec.ts';

export type Weights = (name: string) => Value;

/** Added to the attention scores of later tokens. Not -Infinity: 0 * -Infinity in a gradient would be NaN. */
const masked = -1e9;

/** Multiplies activations, in their own shape or flattened to [N,C], with the mask of a `DropoutSite`. */
type Drop = (name: string, a: Value) => Value;

/** What training does to the forward pass. `adapt` may add to the output `y` of the linear map `name` of `x`. */
type Changes = {
  drop: Drop;
  adapt: (name: string, x: Value, y: Value) => Value;
  /** Embeddings of ids, [..,C]. */
  embed: ((ids: Value) => Value) | null;
  /** The dimensions [B,T] where the ids come as a column [N,1]. */
  batch?: readonly [Dim, Dim];
  /** Every place sees every other, not only those before it. */
  seesAll?: boolean;
};
const unchanged: Changes = { drop: (_name, a) => a, adapt: (_name, _x, y) => y, embed: null };

/** Final hidden states [N,C] of `ids` [B,T]. */
export function hiddenStates(
  tape: Tape,
  shape: KeyModelShape,
  weights: Weights,
  ids: Value,
  { drop, adapt, embed, batch, seesAll = false }: Changes = unchanged,
): Value {
  const { layers, heads: H, width: C } = shape;
  const [B, T] = batch ?? [ids.dims[0] ?? 1, ids.dims[1] ?? 1];
  const D = C / H;
  const N = tape.graph.joined('N', [B, T]);
  const mask = seesAll ? null : causalMask(tape.graph, T);
  const rows = embed ? embed(ids) : tape.gatherRows(weights(embeddingName), ids);
  const embedded = tape.addToEachItem(
    batch ? tape.reshape(rows, [B, T, C]) : rows,
    tape.firstRows(weights('wpe.weight'), T),
  );
  let x = drop('embedding', tape.reshape(embedded, [N, C]));
  const byHead = (a: Value): Value => tape.transpose(tape.reshape(a, [B, T, H, D]), [0, 2, 1, 3]);
  for (let layer = 0; layer < layers; layer++) {
    const w = (name: string): Value => weights(`h.${layer}.${name}`);
    const linear = (name: string, a: Value): Value =>
      adapt(`h.${layer}.${name}`, a, tape.linear(a, w(`${name}.weight`), w(`${name}.bias`)));
    const normal = tape.layerNorm(x, w('ln_1.weight'), w('ln_1.bias'));
    const [query, key, value] = tape.split(linear('attn.c_attn', normal), 3);
    if (!query || !key || !value) throw new Error('Split has three outputs.');
    // Scaling the queries is cheaper than scaling the [B,H,T,T] scores, and the same.
    const scores = tape.matmulTransposed(byHead(tape.scale(query, 1 / Math.sqrt(D))), byHead(key));
    const attention = drop(`${layer}.attention`, tape.softmax(mask ? tape.addConstant(scores, mask) : scores));
    const mixed = tape.transpose(tape.matmul(attention, byHead(value)), [0, 2, 1, 3]);
    const attended = linear('attn.c_proj', tape.reshape(mixed, [N, C]));
    x = tape.add(x, drop(`${layer}.attended`, attended));
    const inner = linear('mlp.c_fc', tape.layerNorm(x, w('ln_2.weight'), w('ln_2.bias')));
    const outer = linear('mlp.c_proj', tape.gelu(inner));
    x = tape.add(x, drop(`${layer}.mlp`, outer));
  }
  return tape.layerNorm(x, weights('ln_f.weight'), weights('ln_f.bias'));
}

/** [T,T]: 0 up to the diagonal, `masked` above. */
function causalMask(graph: Graph, T: Dim): Value {
  return graph.node(
    'Trilu',
    [graph.filled(masked, [T, T]), graph.integers([1])],
    { type: 'float32', dims: [T, T] },
    { upper: 1 },
  );
}

/** Where a training graph's results are found. */
export type TrainingGraph = {
  model: Uint8Array;
  lossName: string;
  /** Output names of the gradients, in the order of what is trained: `gpt2Parameters`, or `loraParameters`. Empty without gradients. */
  gradientNames: string[];
};

export type TrainingGraphOptions = { withGradients: boolean; withDropout?: boolean; lora?: LoraOptions | undefined };

/**
 * Inputs: every parameter under its own name, with LoRA what is trained beside them too, the tokens as `tokenInputs` gives them [B,T], with
 * dropout a mask for each site. Outputs: loss = sum weights * -ln p(target) and, if asked for, its gradient for everything that is trained.
 */
export function buildTrainingGraph(
  shape: NetworkShape,
  dims: readonly [Dim, Dim],
  options: TrainingGraphOptions,
): TrainingGraph {
  const graph = new Graph('gpt2');
  const { loss, gradients } = differentiate(graph, shape, dims, options);
  return {
    lossName: graph.output(loss, 'loss'),
    gradientNames: [...gradients.values()].map((gradient) => graph.output(gradient)),
    model: graph.toBytes(),
  };
}

/** Emits the loss and the gradients of what is trained, by parameter. For WebGPU what comes by token are columns [N,1]. */
export function differentiate(
  graph: Graph,
  shape: NetworkShape,
  [B, T]: readonly [Dim, Dim],
  { withGradients, withDropout = false, lora }: TrainingGraphOptions,
): { loss: Value; trained: ReadonlyMap<string, Value>; gradients: ReadonlyMap<string, Value> } {
  const tape = new Tape(graph, shape.layerNormEpsilon);
  const isColumn = graph.target === 'webgpu';
  const tokenDims = isColumn ? [graph.joined('N', [B, T]), 1] : [B, T];
  const ids = graph.input('ids', 'int64', tokenDims);
  const targets = graph.input('targets', 'int64', tokenDims);
  const weights = graph.input('weights', 'float32', tokenDims);
  const inputsOf = (specs: readonly ParameterSpec[], isTrained: boolean): Map<string, Value> =>
    new Map(
      specs.map(({ name, dims }) => {
        const value = graph.input(name, 'float32', dims);
        return [name, withGradients && isTrained ? tape.parameter(value) : value];
      }),
    );
  const model = inputsOf(lora ? frozenParameters(shape) : gpt2Parameters(shape), !lora);
  const adapters = lora && inputsOf(loraParameters(shape, lora), true);
  const parameter = lookup(model);
  const added = (table: string): Value | undefined => adapters?.get(addedName(table));
  const addedRows = added(embeddingName);
  const hidden = hiddenStates(tape, shape, parameter, ids, {
    drop: withDropout ? dropInputs(tape, shape) : unchanged.drop,
    adapt: lora && adapters ? addAdapters(tape, lora, adapters) : unchanged.adapt,
    embed: addedRows ? embedBoth(tape, parameter(embeddingName), addedRows, tokenDims) : null,
    ...(isColumn ? { batch: [B, T] } : {}),
    seesAll: shape.isClassifier === true,
  });
  const N = hidden.dims[0] ?? 'N';
  const addedHead = added(headOf(shape));
  const tokenLoss = (): Value => {
    const known = tape.tiedHead(hidden, parameter(headOf(shape)));
    const logits = addedHead ? tape.besides(known, tape.tiedHead(hidden, addedHead)) : known;
    const column = (a: Value): Value => (isColumn ? a : graph.reshape(a, [N, 1]));
    return tape.weightedLoss(logits, column(targets), column(weights)).loss;
  };
  const loss = shape.isClassifier
    ? labelLoss(tape, windowLogit(tape, shape, parameter, hidden, B), targets, weights)
    : tokenLoss();
  const trained = adapters ?? model;
  const gradients = withGradients ? tape.backward(loss, [...trained.values()]) : [];
  const names = [...trained.keys()];
  return { loss, trained, gradients: new Map(gradients.map((gradient, i) => [names[i] ?? '', gradient])) };
}

/** One logit per sequence, [B,1], from the `hidden` states [N,C] of all its places. */
export function windowLogit(
  tape: Tape,
  { contextLength: P, width: C }: NetworkShape,
  weights: Weights,
  hidden: Value,
  B: Dim,
): Value {
  const pooled = tape.meanOfPlaces(tape.reshape(hidden, [B, P, C]));
  return tape.linear(pooled, weights(classifierHead.weight), weights(classifierHead.bias));
}

/** The label is the last target, and what a sequence weighs is the sum of its places. */
function labelLoss(tape: Tape, logit: Value, targets: Value, weights: Value): Value {
  const { graph } = tape;
  const last = graph.node(
    'Gather',
    [targets, graph.integers([-1])],
    { type: 'int64', dims: [targets.dims[0] ?? 'B', 1] },
    { axis: 1 },
  );
  const isAnomalous = graph.node('Equal', [last, graph.integers([labelTokens.anomalous])], {
    type: 'bool',
    dims: last.dims,
  });
  const labels = graph.node('Cast', [isAnomalous], { type: 'float32', dims: last.dims }, { to: 1 });
  return tape.binaryLoss(logit, labels, graph.reduce('ReduceSum', weights, 1, true));
}

/** Embeddings out of two tables; no table is put together from both, which would be the step's largest copy. Inputs as `tokenInputs` says. */
function embedBoth(tape: Tape, known: Value, added: Value, tokenDims: readonly Dim[]): Changes['embed'] {
  const { graph } = tape;
  const addedIds = graph.input('addedIds', 'int64', tokenDims);
  const isAdded = graph.reshape(graph.input('isAdded', 'float32', tokenDims), [...tokenDims, 1]);
  const isKnown = graph.binary('Sub', graph.scalar(1), isAdded);
  return (ids) =>
    tape.add(
      tape.scaleRows(tape.gatherRows(known, ids), isKnown),
      tape.scaleRows(tape.gatherRows(added, addedIds), isAdded),
    );
}

function addAdapters(tape: Tape, lora: LoraOptions, adapters: ReadonlyMap<string, Value>): Changes['adapt'] {
  return (name, x, y) => {
    const [A, B] = [adapters.get(adapterName(name, 'A')), adapters.get(adapterName(name, 'B'))];
    if (!A || !B) return y;
    return tape.add(y, tape.product(tape.scale(tape.product(x, A), lora.alpha / lora.rank), B));
  };
}

function dropInputs(tape: Tape, shape: KeyModelShape): Drop {
  const { graph } = tape;
  const masks = new Map(dropoutSites(shape).map(({ name, dims }) => [name, graph.input(name, 'float32', dims)]));
  return (name, a) => {
    const mask = masks.get(`dropout.${name}`);
    if (!mask) throw new Error(`There is no dropout at ${name}.`);
    return tape.multiplyConstant(a, graph.reshape(mask, a.dims));
  };
}

/**
 * Inputs ids and targets [B,T] int64; output logProbability [B,T], natural. No mask input: padding goes to the right, and a causal
 * model's answers do not depend on what comes later.
 */
export function buildScoreModel(shape: KeyModelShape, parameters: Float32Array): Uint8Array {
  return scoreModel(new Graph('score'), shape, parameters, unchanged.adapt);
}

/**
 * The same with the linear maps of the blocks in whole numbers, for the CPU. The head stays in float32: it is as fast where a vocabulary
 * is small, and rounding it costs much (BGL: rank correlation 0.955 instead of 0.998).
 */
export function buildInt8ScoreModel(shape: KeyModelShape, parameters: Float32Array): Uint8Array {
  const { parameters: folded, ranges } = withUnitRanges(shape, parameters);
  const find = parametersByName(shape, folded);
  const graph = new Graph('score-int8');
  // What `adapt` replaces is asked for by no output, so it is not written.
  return scoreModel(graph, shape, folded, (name, x) => {
    const range = ranges.get(name);
    if (!range) throw new Error(`The inputs of ${name} have no range.`);
    return quantisedLinear(graph, `${name}.int8`, {
      x,
      range,
      weight: find(`${name}.weight`),
      bias: find(`${name}.bias`),
    });
  });
}

function scoreModel(graph: Graph, shape: KeyModelShape, parameters: Float32Array, adapt: Changes['adapt']): Uint8Array {
  const tape = new Tape(graph);
  const ids = graph.input('ids', 'int64', ['B', 'T']);
  const targets = graph.input('targets', 'int64', ['B', 'T']);
  const weights = storedWeights(graph, shape, parameters);
  const hidden = hiddenStates(tape, shape, weights, ids, { ...unchanged, adapt });
  const logits = tape.tiedHead(hidden, weights('wte.weight'));
  const logSoftmax = graph.node('LogSoftmax', [logits], logits, { axis: -1 });
  const column = { type: 'float32', dims: ['N', 1] } as const;
  const chosen = graph.node('GatherElements', [logSoftmax, graph.reshape(targets, ['N', 1])], column, { axis: -1 });
  graph.output(graph.reshape(chosen, ['B', 'T']), 'logProbability');
  return graph.toBytes();
}

/**
 * Inputs ids [B,T] int64, rows [K] int64 (indices into the B*T hidden states), top [1] int64. Outputs topIds [K,top] int64 and
 * topLogProbability [K,top], natural, most probable first. Only the asked rows go through the output head.
 */
export function buildExplainModel(shape: KeyModelShape, parameters: Float32Array): Uint8Array {
  const graph = new Graph('explain');
  const tape = new Tape(graph);
  const ids = graph.input('ids', 'int64', ['B', 'T']);
  const rows = graph.input('rows', 'int64', ['K']);
  const top = graph.input('top', 'int64', [1]);
  const weights = storedWeights(graph, shape, parameters);
  const hidden = hiddenStates(tape, shape, weights, ids);
  const asked = graph.node('Gather', [hidden, rows], { type: 'float32', dims: ['K', shape.width] }, { axis: 0 });
  const logits = tape.tiedHead(asked, weights('wte.weight'));
  const logSoftmax = graph.node('LogSoftmax', [logits], logits, { axis: -1 });
  const { ids: topIds, logProbability } = topOf(graph, logSoftmax, top, 'K');
  graph.output(topIds, 'topIds');
  graph.output(logProbability, 'topLogProbability');
  return graph.toBytes();
}

/** The `top` most probable of each of `rows` rows of log-probabilities, most probable first. */
export function topOf(graph: Graph, logSoftmax: Value, top: Value, rows: Dim): { ids: Value; logProbability: Value } {
  const dims = [rows, 'top'];
  const values = { type: 'float32', dims } as const;
  const [logProbability, ids] = graph.nodes('TopK', [logSoftmax, top], [values, { type: 'int64', dims }], { axis: -1 });
  if (!logProbability || !ids) throw new Error('TopK has two outputs.');
  return { ids, logProbability };
}

export function storedWeights(graph: Graph, shape: NetworkShape, parameters: Float32Array): Weights {
  const specs = gpt2Parameters(shape);
  return lookup(
    new Map(
      specs.map(({ name, dims, offset, size }) => [
        name,
        graph.weight(name, parameters.subarray(offset, offset + size), dims),
      ]),
    ),
  );
}

export function lookup(values: ReadonlyMap<string, Value>): Weights {
  return (name) => {
    const value = values.get(name);
    if (!value) throw new Error(`The model has no parameter ${name}.`);
    return value;
  };
}
