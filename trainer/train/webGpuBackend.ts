/**
 * @file Training through ONNX Runtime's WebGPU provider: one graph per step, the state on the device. Repeats itself up to rounding, not to
 * the byte: the device adds up in any order.
 */
import type * as ort from 'onnxruntime-node';
import { firstAddedToken, frozenParameters } from '../gpt2/lora.ts';
import { buildStepGraph, stateNames, type StepGraphOptions } from '../gpt2/stepGraph.ts';
import type { Backend, BackendOptions, MicroBatch, StepOptions } from './backend.ts';
import type { Batch, BatchArrays } from './batches.ts';
import { createDeviceSession, DeviceCopier, dispose, present, type DeviceTensors } from './deviceState.ts';
import { bucketOf, padArrays, padInputs } from './padding.ts';
import { tensorView } from './session.ts';
import { tokenInputs } from './tokenInputs.ts';

type Kind = StepGraphOptions['kind'];
type State = { parameters: DeviceTensors; firstMoment: DeviceTensors; secondMoment: DeviceTensors };

export class WebGpuBackend implements Backend {
  readonly #options: BackendOptions;
  readonly #copier: DeviceCopier;
  /** What is not trained, uploaded once. */
  readonly #frozen: { copier: DeviceCopier; tensors: DeviceTensors } | undefined;
  readonly #sessions = new Map<string, ort.InferenceSession>();
  #state: State | undefined;

  private constructor(
    options: BackendOptions,
    copier: DeviceCopier,
    frozen: { copier: DeviceCopier; tensors: DeviceTensors } | undefined,
  ) {
    this.#options = options;
    this.#copier = copier;
    this.#frozen = frozen;
  }

  /** Throws where there is no adapter, or one on which a node has no kernel. */
  static async create(options: BackendOptions): Promise<WebGpuBackend> {
    const { shape, specs, frozen } = options;
    const copier = await DeviceCopier.create(specs);
    const frozenCopier = frozen && (await DeviceCopier.create(frozenParameters(shape)));
    const uploaded = frozen && frozenCopier ? await frozenCopier.upload(frozen) : new Map<string, ort.Tensor>();
    // The memory of what a session gave goes with the session: every one is kept as long as its outputs.
    const backend = new WebGpuBackend(options, copier, frozenCopier && { copier: frozenCopier, tensors: uploaded });
    await backend.upload();
    return backend;
  }

  async step({ batches, fill, step, learningRate, between }: StepOptions): Promise<number> {
    let sums: DeviceTensors | undefined;
    let loss = 0;
    try {
      for (const [index, batch] of batches.entries()) {
        if (index > 0) await between();
        const isLast = index === batches.length - 1;
        if (!sums && !isLast) sums = await this.#copier.upload(new Float32Array(this.#options.state.parameters.length));
        const kind: Kind = !isLast ? 'add' : sums ? 'last' : 'step';
        const results = await this.#run(kind, batch, fill(batch, index), sums, { step, learningRate });
        loss += (present(results, 'loss').data as Float32Array)[0] ?? NaN;
        if (isLast) {
          const isFinite = Number.isFinite((present(results, 'norm').data as Float32Array)[0]);
          this.#take(results, isFinite);
          if (!isFinite) loss = NaN;
        } else {
          const next = this.#named(results, stateNames.sum);
          if (sums) dispose(sums);
          sums = next;
        }
      }
    } finally {
      if (sums) dispose(sums);
    }
    return loss;
  }

  async loss(batch: Batch, arrays: BatchArrays): Promise<number> {
    const results = await this.#run('loss', batch, { ...arrays, inputs: {} });
    return (present(results, 'loss').data as Float32Array)[0] ?? NaN;
  }

  async download(): Promise<void> {
    const { state } = this.#options;
    const device = this.#current();
    await this.#copier.download(device.parameters, state.parameters);
    await this.#copier.download(device.firstMoment, state.firstMoment);
    await this.#copier.download(device.secondMoment, state.secondMoment);
  }

  async upload(): Promise<void> {
    const { state } = this.#options;
    const fresh = {
      parameters: await this.#copier.upload(state.parameters),
      firstMoment: await this.#copier.upload(state.firstMoment),
      secondMoment: await this.#copier.upload(state.secondMoment),
    };
    this.#drop();
    this.#state = fresh;
  }

  async release(): Promise<void> {
    this.#drop();
    if (this.#frozen) dispose(this.#frozen.tensors);
    await this.#frozen?.copier.release();
    await this.#copier.release();
    for (const session of this.#sessions.values()) await session.release();
  }

  #current(): State {
    if (!this.#state) throw new Error('The state is on the device from the start on.');
    return this.#state;
  }

  #drop(): void {
    for (const tensors of Object.values(this.#state ?? {})) dispose(tensors);
    this.#state = undefined;
  }

  /** The state that a step gave takes the place of that which it was given, unless its gradients were not finite. */
  #take(results: ort.InferenceSession.OnnxValueMapType, isFinite: boolean): void {
    const fresh = {
      parameters: this.#named(results, (name) => name),
      firstMoment: this.#named(results, stateNames.firstMoment),
      secondMoment: this.#named(results, stateNames.secondMoment),
    };
    if (!isFinite) {
      for (const tensors of Object.values(fresh)) dispose(tensors);
      return;
    }
    this.#drop();
    this.#state = fresh;
  }

  #named(results: ort.InferenceSession.OnnxValueMapType, nameOf: (name: string) => string): DeviceTensors {
    return new Map(this.#options.specs.map(({ name }) => [name, present(results, stateNames.next(nameOf(name)))]));
  }

  async #run(
    kind: Kind,
    batch: Batch,
    { inputs, ...arrays }: MicroBatch,
    sums?: DeviceTensors,
    rates?: { step: number; learningRate: number },
  ): Promise<ort.InferenceSession.OnnxValueMapType> {
    const { shape, lora, adamw } = this.#options;
    const bucket = bucketOf(batch, shape);
    const column = [bucket.B * bucket.T, 1];
    const { parameters, firstMoment, secondMoment } = this.#current();
    const feeds: Record<string, ort.Tensor> = {
      ...Object.fromEntries(this.#frozen?.tensors ?? []),
      ...Object.fromEntries(parameters),
      ...tokenInputs(padArrays(arrays, batch, bucket), column, firstAddedToken(shape, lora)),
    };
    for (const [name, { data, dims }] of Object.entries(padInputs(inputs, batch, bucket))) {
      feeds[name] = tensorView(data, dims);
    }
    for (const [name, tensor] of sums ?? []) feeds[stateNames.sum(name)] = tensor;
    if (rates && kind !== 'add') {
      for (const [name, tensor] of firstMoment) feeds[stateNames.firstMoment(name)] = tensor;
      for (const [name, tensor] of secondMoment) feeds[stateNames.secondMoment(name)] = tensor;
      const { step, learningRate } = rates;
      const scalars = {
        stepSize: learningRate / (1 - adamw.beta1 ** step),
        secondCorrection: 1 / Math.sqrt(1 - adamw.beta2 ** step),
        keep: 1 - learningRate * adamw.weightDecay,
      };
      for (const [name, value] of Object.entries(scalars)) feeds[name] = tensorView(Float32Array.of(value), []);
    }
    // All outputs, always: of a subset, 1.30 takes the places of others' for theirs.
    return (await this.#session(kind, bucket)).run(feeds);
  }

  async #session(kind: Kind, { B, T }: { B: number; T: number }): Promise<ort.InferenceSession> {
    const key = `${kind} ${B} ${T}`;
    const known = this.#sessions.get(key);
    if (known) return known;
    const { shape, specs, lora, adamw, withDropout } = this.#options;
    const model = buildStepGraph(shape, [B, T], { specs, lora, adamw, withDropout, kind });
    const session = await createDeviceSession(model, this.#deviceOutputs(kind));
    this.#sessions.set(key, session);
    return session;
  }

  #deviceOutputs(kind: Kind): string[] {
    const { specs } = this.#options;
    const kinds = { step: 'state', last: 'state', add: 'sums', loss: 'none' } as const;
    const outputs = {
      state: ({ name }: { name: string }) => [name, stateNames.firstMoment(name), stateNames.secondMoment(name)],
      sums: ({ name }: { name: string }) => [stateNames.sum(name)],
      none: () => [],
    }[kinds[kind]];
    return specs.flatMap(outputs).map(stateNames.next);
  }
}
