/** @file The graph that a classifier of windows answers with. */
import { Tape } from '../onnx/autodiff.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import { hiddenStates, storedWeights, windowLogit } from '../gpt2/graphs.ts';
import type { NetworkShape } from '../gpt2/spec.ts';

/**
 * Input ids [B,P] int64. Outputs logit [B], above 0 where an anomaly is likelier than not before calibration, and for each layer
 * attention.i [B,H,P,P]: row t is what place t looked at, and sums to one.
 */
export function buildClassifyModel(shape: NetworkShape, parameters: Float32Array): Uint8Array {
  const graph = new Graph('classify');
  const tape = new Tape(graph);
  const ids = graph.input('ids', 'int64', ['B', shape.contextLength]);
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
    seesAll: true,
  });
  graph.output(graph.reshape(windowLogit(tape, shape, weights, hidden, 'B'), ['B']), 'logit');
  attention.forEach((a, layer) => graph.output(a, `attention.${layer}`));
  return graph.toBytes();
}
