/** @file The graphs of training by reward: what a model says of given tokens, what it would say next, and how to move it near a reference. */
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { Tape } from '../onnx/autodiff.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import { hiddenStates, lookup, type TrainingGraph, type Weights } from './graphs.ts';
import { gpt2Parameters } from './spec.ts';

function parameterInputs(tape: Tape, shape: KeyModelShape, isTrained: boolean): Map<string, Value> {
  return new Map(
    gpt2Parameters(shape).map(({ name, dims }) => {
      const value = tape.graph.input(name, 'float32', dims);
      return [name, isTrained ? tape.parameter(value) : value];
    }),
  );
}

function logitsOf(tape: Tape, shape: KeyModelShape, weights: Weights, ids: Value): Value {
  return tape.tiedHead(hiddenStates(tape, shape, weights, ids), weights('wte.weight'));
}

/**
 * ids, targets [B,T] to surprise [N,1] in nats and rank [N,1] (how many tokens are more probable than the target), or to
 * probabilities [N,V].
 */
export function buildObserveGraph(shape: KeyModelShape, what: 'targets' | 'probabilities'): Uint8Array {
  const graph = new Graph('observe');
  const tape = new Tape(graph);
  const ids = graph.input('ids', 'int64', ['B', 'T']);
  const logits = logitsOf(tape, shape, lookup(parameterInputs(tape, shape, false)), ids);
  if (what === 'probabilities') {
    graph.output(graph.node('Softmax', [logits], logits, { axis: -1 }), 'probabilities');
    return graph.toBytes();
  }
  const targets = graph.input('targets', 'int64', ['B', 'T']);
  const column = graph.reshape(targets, [logits.dims[0] ?? 'N', 1]);
  const logSoftmax = graph.node('LogSoftmax', [logits], logits, { axis: -1 });
  const chosen = graph.node(
    'GatherElements',
    [logSoftmax, column],
    { type: 'float32', dims: column.dims },
    { axis: -1 },
  );
  const isAbove = graph.node('Greater', [logSoftmax, chosen], { type: 'bool', dims: logits.dims });
  const above = graph.node('Cast', [isAbove], logits, { to: 1 });
  graph.output(graph.unary('Neg', chosen), 'surprise');
  graph.output(graph.reduce('ReduceSum', above, -1, true), 'rank');
  return graph.toBytes();
}

/** ids [B,T], row [1] int64, noise [B,V] to next [B] int64: the most probable token after position `row`, `noise` added to the logits. */
export function buildNextGraph(shape: KeyModelShape): Uint8Array {
  const { width: C, vocabularySize: V } = shape;
  const graph = new Graph('next');
  const tape = new Tape(graph);
  const ids = graph.input('ids', 'int64', ['B', 'T']);
  const row = graph.input('row', 'int64', [1]);
  const noise = graph.input('noise', 'float32', ['B', V]);
  const weights = lookup(parameterInputs(tape, shape, false));
  const hidden = graph.reshape(hiddenStates(tape, shape, weights, ids), ['B', 'T', C]);
  const asked = graph.node('Gather', [hidden, row], { type: 'float32', dims: ['B', 1, C] }, { axis: 1 });
  const logits = tape.tiedHead(graph.reshape(asked, ['B', C]), weights('wte.weight'));
  const next = graph.node(
    'ArgMax',
    [graph.binary('Add', logits, noise)],
    { type: 'int64', dims: ['B'] },
    {
      axis: -1,
      keepdims: 0,
    },
  );
  graph.output(next, 'next');
  return graph.toBytes();
}

/**
 * As the training graph, with two inputs more: reference [N,V], probabilities, and closeness [B,T]. The loss has, besides
 * sum weights * -ln p(target), sum closeness * cross entropy of the reference with p: the KL divergence from it, but for a constant.
 */
export function buildReferenceGraph(shape: KeyModelShape): TrainingGraph {
  const graph = new Graph('reference');
  const tape = new Tape(graph);
  const ids = graph.input('ids', 'int64', ['B', 'T']);
  const targets = graph.input('targets', 'int64', ['B', 'T']);
  const weights = graph.input('weights', 'float32', ['B', 'T']);
  const closeness = graph.input('closeness', 'float32', ['B', 'T']);
  const parameters = parameterInputs(tape, shape, true);
  const logits = logitsOf(tape, shape, lookup(parameters), ids);
  const N = logits.dims[0] ?? 'N';
  const reference = graph.reshape(graph.input('reference', 'float32', ['R', shape.vocabularySize]), logits.dims);
  const { loss } = tape.weightedLoss(logits, graph.reshape(targets, [N, 1]), graph.reshape(weights, [N, 1]));
  const total = tape.add(loss, tape.crossEntropy(logits, reference, graph.reshape(closeness, [N, 1])));
  const gradients = tape.backward(total, [...parameters.values()]);
  return {
    lossName: graph.output(total, 'loss'),
    gradientNames: gradients.map((gradient) => graph.output(gradient)),
    model: graph.toBytes(),
  };
}
