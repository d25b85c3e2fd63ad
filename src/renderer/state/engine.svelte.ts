/** @file What runs the models: the providers, how each did, which is pinned. */
import type { ProviderName } from '../../shared/engineProtocol.ts';
import type { EngineReport } from '../../shared/engineReport.ts';
import type { Transport } from '../transport/transport.ts';
import { Remote } from './remote.svelte.ts';

export class EngineState {
  readonly report: Remote<EngineReport>;
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.report = new Remote(() => transport.request('engine.get', {}));
  }

  /** Null: the fastest that agrees. */
  async pin(provider: ProviderName | null): Promise<void> {
    this.report.put(await this.#transport.request('engine.pin', { provider }));
  }

  async tryAgain(): Promise<void> {
    this.report.put(await this.#transport.request('engine.try', {}));
  }

  diagnostics(): Promise<{ fileName: string; mediaType: string; text: string }> {
    return this.#transport.request('diagnostics.get', {});
  }
}
