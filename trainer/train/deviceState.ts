/** @file What is trained, on the device: parameters and moments as GPU tensors, of which each step gives new ones (never in place: trainer.md 5). */
import * as ort from 'onnxruntime-node';
import { buildCopyGraph, stateNames } from '../gpt2/stepGraph.ts';
import type { ParameterSpec } from '../gpt2/spec.ts';
import { tensorView } from './session.ts';

export type DeviceTensors = Map<string, ort.Tensor>;

/** Every node on the GPU, or no session: a node on the CPU would carry state across at each step. */
export function createDeviceSession(model: Uint8Array, onDevice: readonly string[]): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(model, {
    executionProviders: ['webgpu'],
    executionMode: 'sequential',
    enableCpuMemArena: false,
    enableMemPattern: false,
    logSeverityLevel: 3,
    preferredOutputLocation: Object.fromEntries(onDevice.map((name) => [name, 'gpu-buffer' as const])),
    extra: { session: { disable_cpu_ep_fallback: '1' } },
  });
}

/** Moves arrays laid out by `specs` onto the device and off it. `getData` of a GPU tensor ends the process (onnxruntime-node 1.30): a graph copies. */
export class DeviceCopier {
  readonly #specs: readonly ParameterSpec[];
  readonly #up: ort.InferenceSession;
  readonly #down: ort.InferenceSession;

  private constructor(specs: readonly ParameterSpec[], up: ort.InferenceSession, down: ort.InferenceSession) {
    this.#specs = specs;
    this.#up = up;
    this.#down = down;
  }

  static async create(specs: readonly ParameterSpec[]): Promise<DeviceCopier> {
    const names = specs.map(({ name }) => stateNames.next(name));
    const [up, down] = [buildCopyGraph(specs), buildCopyGraph(specs)];
    return new DeviceCopier(specs, await createDeviceSession(up, names), await createDeviceSession(down, []));
  }

  async upload(array: Float32Array): Promise<DeviceTensors> {
    const feeds = this.#specs.map(
      ({ name, dims, offset, size }) => [name, tensorView(array.subarray(offset, offset + size), dims)] as const,
    );
    const copied = await this.#up.run(Object.fromEntries(feeds));
    return new Map(this.#specs.map(({ name }) => [name, present(copied, stateNames.next(name))]));
  }

  async download(tensors: DeviceTensors, into: Float32Array): Promise<void> {
    const copied = await this.#down.run(Object.fromEntries(tensors));
    for (const { name, offset } of this.#specs) {
      into.set(present(copied, stateNames.next(name)).data as Float32Array, offset);
    }
  }

  async release(): Promise<void> {
    await this.#up.release();
    await this.#down.release();
  }
}

export function dispose(tensors: DeviceTensors): void {
  for (const tensor of tensors.values()) tensor.dispose();
}

export function present(tensors: ort.InferenceSession.OnnxValueMapType, name: string): ort.Tensor {
  const tensor = tensors[name];
  if (!tensor) throw new Error(`The graph has no output ${name}.`);
  return tensor;
}
