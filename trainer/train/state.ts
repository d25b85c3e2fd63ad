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

type Frozen = { specs: readonly ParameterSpec[]; parameters: Float32Array };

/** What is trained, at its first values. `frozen` is fed beside it and never changes. */
export function createState(specs: readonly ParameterSpec[], random: Random, frozen?: Frozen): TrainState {
  const parameters = new Float32Array(parameterCount(specs));
  for (const spec of specs) {
    const { offset, init } = spec;
    if (init === 'ones') parameters.fill(1, offset, offset + spec.size);
    else if (init !== 'zeros') {
      for (let i = offset; i < offset + spec.size; i++)
        parameters[i] = init.deviation * random.normal(randomStreams.init, i);
    }
  }
  return stateOf(specs, parameters, frozen);
}

/** What is trained, at values that are there already: `parameters` itself is changed. */
export function stateOf(specs: readonly ParameterSpec[], parameters: Float32Array, frozen?: Frozen): TrainState {
  const gradients = new Float32Array(parameters.length);
  return {
    parameters,
    gradients,
    firstMoment: new Float32Array(parameters.length),
    secondMoment: new Float32Array(parameters.length),
    parameterTensors: {
      ...(frozen && tensorsByName(frozen.specs, frozen.parameters)),
      ...tensorsByName(specs, parameters),
    },
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
