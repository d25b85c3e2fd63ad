/** @file The graph that shows how a key model came to its answers: what it expected everywhere, and where each head looked. Never used to score. */
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { Tape } from '../onnx/autodiff.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import { hiddenStates, storedWeights, topOf } from './graphs.ts';

/**
 * Inputs ids and targets [1,T] int64, top [1] int64. Outputs logProbability [1,T] of the targets, topIds and topLogProbability [T,top] of
 * what comes after each id, most probable first, and for each layer attention.i [1,H,T,T]: row t is what t looked at, and sums to one.
 */
export function buildEvidenceModel(shape: KeyModelShape, parameters: Float32Array): Uint8Array {
  const graph = new Graph('evidence');
  const tape = new Tape(graph);
  const ids = graph.input('ids', 'int64', [1, 'T']);
  const targets = graph.input('targets', 'int64', [1, 'T']);
  const top = graph.input('top', 'int64', [1]);
  const weights = storedWeights(graph, shape, parameters);
  const attention: Value[] = [];
  const hidden = hiddenStates(tape, shape, weights, ids, {
    // Nothing is dropped: these are the places where the attention of a layer passes by.
    drop: (name, a) => {
      if (name.endsWith('.attention')) attention.push(a);
      return a;
    },
    adapt: (_name, _x, y) => y,
    embed: null,
  });
  const logits = tape.tiedHead(hidden, weights('wte.weight'));
  const logSoftmax = graph.node('LogSoftmax', [logits], logits, { axis: -1 });
  const column = { type: 'float32', dims: ['T', 1] } as const;
  const chosen = graph.node('GatherElements', [logSoftmax, graph.reshape(targets, ['T', 1])], column, { axis: -1 });
  graph.output(graph.reshape(chosen, [1, 'T']), 'logProbability');
  const { logProbability, ids: topIds } = topOf(graph, logSoftmax, top, 'T');
  graph.output(topIds, 'topIds');
  graph.output(logProbability, 'topLogProbability');
  attention.forEach((a, layer) => graph.output(a, `attention.${layer}`));
  return graph.toBytes();
}
