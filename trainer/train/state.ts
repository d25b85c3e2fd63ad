/** @file Everything an optimiser step changes, in flat arrays of which the tensors fed to ONNX Runtime are views. */
import type * as ort from 'onnxruntime-node';
import { parameterCount, type ParameterSpec } from '../gpt2/spec.ts';
import type { AdamwState } from './adamw.ts';
import { randomStreams, type Random } from './random.ts';
import { tensorView } from './session.ts';

export type TrainState = AdamwState & {
  gradients: Float32Array;
  /** Views of `parameters`, and of what is frozen, by name: feeds. */
  parameterTensors: Record<string, ort.Tensor>;
  /** Views of `gradients`, in the order of the specs: fetches. */
  gradientTensors: ort.Tensor[];
};

/** What is trained, at its first values; all zero without `random`. `frozen` is fed beside it and never changes. */
export function createState(
  specs: readonly ParameterSpec[],
  random: Random | null,
  frozen: { specs: readonly ParameterSpec[]; parameters: Float32Array } = {
    specs: [],
    parameters: new Float32Array(0),
  },
): TrainState {
  const size = parameterCount(specs);
  const parameters = new Float32Array(size);
  const gradients = new Float32Array(size);
  if (random) setFirstValues(parameters, specs, random);
  return {
    parameters,
    gradients,
    firstMoment: new Float32Array(size),
    secondMoment: new Float32Array(size),
    parameterTensors: { ...tensorsByName(frozen.specs, frozen.parameters), ...tensorsByName(specs, parameters) },
    gradientTensors: specs.map((spec) => view(gradients, spec)),
  };
}

/** Views of `parameters` by name: feeds. */
export function tensorsByName(specs: readonly ParameterSpec[], parameters: Float32Array): Record<string, ort.Tensor> {
  return Object.fromEntries(specs.map((spec) => [spec.name, view(parameters, spec)]));
}

function view(array: Float32Array, { offset, size, dims }: ParameterSpec): ort.Tensor {
  return tensorView(array.subarray(offset, offset + size), dims);
}

function setFirstValues(parameters: Float32Array, specs: readonly ParameterSpec[], random: Random): void {
  for (const { offset, size, init } of specs) {
    if (init === 'ones') parameters.fill(1, offset, offset + size);
    else if (init !== 'zeros') {
      for (let i = offset; i < offset + size; i++)
        parameters[i] = init.deviation * random.normal(randomStreams.init, i);
    }
  }
}
