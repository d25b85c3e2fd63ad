/**
 * @file One optimiser step as one graph, for WebGPU: loss, gradients, clipping by their global norm and AdamW, all of it on the device.
 * Parameters and moments go in and come out under other names; nothing of the model's size crosses to the host.
 */
import type { LoraOptions } from '../../src/shared/trainerProtocol.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import { differentiate } from './graphs.ts';
import type { NetworkShape, ParameterSpec } from './spec.ts';

/** Names of a parameter's inputs and outputs. */
export const stateNames = {
  firstMoment: (name: string) => `m.${name}`,
  secondMoment: (name: string) => `v.${name}`,
  sum: (name: string) => `sum.${name}`,
  next: (name: string) => `next.${name}`,
};

export type StepGraphOptions = {
  specs: readonly ParameterSpec[];
  lora?: LoraOptions | undefined;
  withDropout: boolean;
  adamw: { beta1: number; beta2: number; epsilon: number; maxGradientNorm: number };
  /**
   * `step`: a whole step from one micro-batch. `add`: gradients added to sums that go in and come out. `last`: a step from such sums and
   * the last micro-batch. `loss`: the loss alone.
   */
  kind: 'step' | 'add' | 'last' | 'loss';
};

/**
 * Inputs: those of `tokenInputs` as columns [B*T,1], masks, parameters; with sums those; for a step the moments and the scalars stepSize,
 * secondCorrection, keep (what decay leaves of a parameter that decays). Outputs: loss, and what changed.
 */
export function buildStepGraph(
  shape: NetworkShape,
  [B, T]: readonly [number, number],
  options: StepGraphOptions,
): Uint8Array {
  const { specs, lora, withDropout, kind } = options;
  const graph = new Graph(kind, 'webgpu');
  const { loss, trained, gradients } = differentiate(graph, shape, [B, T], {
    withGradients: kind !== 'loss',
    withDropout: withDropout && kind !== 'loss',
    lora,
  });
  graph.output(loss, 'loss');
  if (kind === 'loss') return graph.toBytes();
  const gradientOf = ({ name, dims }: ParameterSpec): Value => {
    const gradient = gradients.get(name);
    if (!gradient) throw new Error(`${name} has no gradient.`);
    if (kind === 'step') return gradient;
    return graph.binary('Add', gradient, graph.input(stateNames.sum(name), 'float32', dims));
  };
  const sums = new Map(specs.map((spec) => [spec.name, gradientOf(spec)]));
  if (kind === 'add') {
    for (const [name, sum] of sums) graph.output(sum, stateNames.next(stateNames.sum(name)));
    return graph.toBytes();
  }
  update(graph, specs, trained, sums, options.adamw);
  return graph.toBytes();
}

function update(
  g: Graph,
  specs: readonly ParameterSpec[],
  trained: ReadonlyMap<string, Value>,
  gradients: ReadonlyMap<string, Value>,
  { beta1, beta2, epsilon, maxGradientNorm }: StepGraphOptions['adamw'],
): void {
  const scalar = (name: string): Value => g.input(name, 'float32', []);
  const [stepSize, secondCorrection, keep] = [scalar('stepSize'), scalar('secondCorrection'), scalar('keep')];
  const squares = [...gradients.values()].map((gradient) => g.sumAll(g.binary('Mul', gradient, gradient)));
  const norm = g.unary(
    'Sqrt',
    squares.reduce((a, b) => g.binary('Add', a, b)),
  );
  // No larger than 1, also where the norm is 0.
  const clip = g.binary(
    'Min',
    g.scalar(1),
    g.binary('Div', g.scalar(maxGradientNorm), g.binary('Add', norm, g.scalar(1e-30))),
  );
  g.output(norm, 'norm');
  const mix = (old: Value, fresh: Value, share: number): Value =>
    g.binary('Add', g.binary('Mul', old, g.scalar(share)), g.binary('Mul', fresh, g.scalar(1 - share)));
  for (const { name, dims, decays } of specs) {
    const [parameter, raw] = [trained.get(name), gradients.get(name)];
    if (!parameter || !raw) throw new Error(`${name} is not trained.`);
    const gradient = g.binary('Mul', raw, clip);
    const first = mix(g.input(stateNames.firstMoment(name), 'float32', dims), gradient, beta1);
    const second = mix(
      g.input(stateNames.secondMoment(name), 'float32', dims),
      g.binary('Mul', gradient, gradient),
      beta2,
    );
    const root = g.binary('Add', g.binary('Mul', g.unary('Sqrt', second), secondCorrection), g.scalar(epsilon));
    const change = g.binary('Div', g.binary('Mul', first, stepSize), root);
    const next = g.binary('Sub', decays ? g.binary('Mul', parameter, keep) : parameter, change);
    g.output(next, stateNames.next(name));
    g.output(first, stateNames.next(stateNames.firstMoment(name)));
    g.output(second, stateNames.next(stateNames.secondMoment(name)));
  }
}

/** Copies each of `specs` from input to output `next.…`: how state comes onto the device and off it again. */
export function buildCopyGraph(specs: readonly ParameterSpec[]): Uint8Array {
  const graph = new Graph('copy', 'webgpu');
  for (const { name, dims } of specs) graph.output(graph.input(name, 'float32', dims), stateNames.next(name));
  return graph.toBytes();
}
