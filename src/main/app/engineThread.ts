/** @file The engine thread as the app sees it: started when it is first needed, and again after it ended, with the models it had. */
import type { EngineMethods, LoadInput } from '../../shared/engineProtocol.ts';
import { connectPort, type CallOptions, type Client, type Port } from '../../shared/port.ts';

export class EngineThread implements Client<EngineMethods> {
  readonly #start: () => Port;
  #running: { client: Client<EngineMethods>; loaded: Set<string> } | undefined;
  /** Models that were loaded once and not given back since. */
  readonly #models = new Map<string, LoadInput>();

  /** `start` starts a thread and gives its port. */
  constructor(start: () => Port) {
    this.#start = start;
  }

  /** Requests under way when the thread ends fail with PROCESS_GONE; the next one is answered by a new thread. */
  async call<K extends keyof EngineMethods & string>(
    method: K,
    input: EngineMethods[K]['input'],
    options?: CallOptions<EngineMethods[K] extends { progress: infer P } ? P : never>,
  ): Promise<EngineMethods[K]['output']> {
    const { client, loaded } = (this.#running ??= this.#open());
    if (method === 'load') {
      const output = await client.call(method, input, options);
      const model = input as LoadInput;
      this.#models.set(model.modelId, model);
      loaded.add(model.modelId);
      return output;
    }
    const { modelId } = (input ?? {}) as { modelId?: string };
    const model = modelId === undefined ? undefined : this.#models.get(modelId);
    if (method === 'unload' && modelId !== undefined) this.#models.delete(modelId);
    else if (model && !loaded.has(model.modelId)) {
      await client.call('load', model);
      loaded.add(model.modelId);
    }
    return client.call(method, input, options);
  }

  #open(): { client: Client<EngineMethods>; loaded: Set<string> } {
    const port = this.#start();
    const running = { client: connectPort<EngineMethods>(port, 'engine'), loaded: new Set<string>() };
    port.onGone(() => {
      if (this.#running === running) this.#running = undefined;
    });
    return running;
  }
}
