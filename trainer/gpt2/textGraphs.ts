/** @file The ONNX graphs of a text model, whose weights stay in the safetensors file beside them. The forward pass is `graphs.ts`'s. */
import type { TextModelShape } from '../../src/shared/textModels.ts';
import { Tape } from '../onnx/autodiff.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import type { FileRange } from '../onnx/writer.ts';
import { hiddenStates, lookup, type Weights } from './graphs.ts';
import { gpt2Parameters, headOf } from './spec.ts';

/** Where a parameter's data lies. */
export type WeightPlaces = (name: string) => FileRange;

/** Input ids [B,T] int64; output hidden [N,C], N = B*T. */
export function buildBody(shape: TextModelShape, places: WeightPlaces): Uint8Array {
  const graph = new Graph('body');
  const ids = graph.input('ids', 'int64', ['B', 'T']);
  const hidden = hiddenStates(new Tape(graph, shape.layerNormEpsilon), shape, bodyWeights(graph, shape, places), ids);
  graph.output(hidden, 'hidden');
  return graph.toBytes();
}

/** Inputs hidden [N,C] and targets [N,1] int64; output logProbability [N,1], natural. */
export function buildHead(shape: TextModelShape, places: WeightPlaces): Uint8Array {
  const graph = new Graph('head');
  const hidden = graph.input('hidden', 'float32', ['N', shape.width]);
  const targets = graph.input('targets', 'int64', ['N', 1]);
  const logits = logitsOf(graph, shape, headWeight(graph, shape, places), hidden);
  const logSoftmax = graph.node('LogSoftmax', [logits], logits, { axis: -1 });
  const column = { type: 'float32', dims: ['N', 1] } as const;
  graph.output(graph.node('GatherElements', [logSoftmax, targets], column, { axis: -1 }), 'logProbability');
  return graph.toBytes();
}

/** Input hidden [N,C]; output logits [N,predicted]. */
export function buildNext(shape: TextModelShape, places: WeightPlaces): Uint8Array {
  const graph = new Graph('next');
  const hidden = graph.input('hidden', 'float32', ['N', shape.width]);
  graph.output(logitsOf(graph, shape, headWeight(graph, shape, places), hidden), 'logits');
  return graph.toBytes();
}

/** For other programs: input_ids [batch_size,sequence] int64 to logits [batch_size,sequence,vocabulary]. */
export function buildPublished(shape: TextModelShape, places: WeightPlaces): Uint8Array {
  const graph = new Graph('gpt2');
  const ids = graph.input('input_ids', 'int64', ['batch_size', 'sequence']);
  const weights = bodyWeights(graph, shape, places);
  const hidden = hiddenStates(new Tape(graph, shape.layerNormEpsilon), shape, weights, ids);
  const head = shape.isHeadTied ? weights(headOf(shape)) : headWeight(graph, shape, places);
  const logits = logitsOf(graph, shape, head, hidden);
  graph.output(graph.reshape(logits, ['batch_size', 'sequence', shape.predictedTokens]), 'logits');
  return graph.toBytes();
}

function logitsOf(graph: Graph, shape: TextModelShape, head: Value, hidden: Value): Value {
  return new Tape(graph, shape.layerNormEpsilon).tiedHead(hidden, head);
}

function bodyWeights(graph: Graph, shape: TextModelShape, places: WeightPlaces): Weights {
  const ofBody = gpt2Parameters({ ...shape, isHeadTied: true });
  return lookup(new Map(ofBody.map(({ name, dims }) => [name, graph.fileWeight(name, dims, places(name))])));
}

/** The rows of the predicted tokens, which come first. */
function headWeight(graph: Graph, shape: TextModelShape, places: WeightPlaces): Value {
  const { predictedTokens: V, width: C } = shape;
  const name = headOf(shape);
  return graph.fileWeight(name, [V, C], { ...places(name), sizeBytes: 4 * V * C });
}
