/** @file The model registry and the thresholds: what is in use, what was, and how to go back. */
import type { Budget, Model, Threshold } from '../../shared/domain.ts';
import type { Transport } from '../transport/transport.ts';
import { Remote } from './remote.svelte.ts';

export class ModelsState {
  readonly models: Remote<Model[]>;
  readonly thresholds: Remote<Threshold[]>;
  selectedId = $state<string | null>(null);
  readonly list = $derived.by(() => this.models.value ?? []);
  readonly inUse = $derived(this.list.find((model) => model.state === 'in_use') ?? null);
  readonly selected = $derived(
    this.list.find((model) => model.id === this.selectedId) ?? this.inUse ?? this.list[0] ?? null,
  );
  readonly current = $derived.by(() => this.thresholds.value?.find((threshold) => threshold.isCurrent) ?? null);
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.models = new Remote(() => transport.request('models.list', {}));
    this.thresholds = new Remote(() => transport.request('thresholds.list', {}));
  }

  async load(): Promise<void> {
    await Promise.all([this.models.load(), this.thresholds.load()]);
  }

  async use(modelId: string): Promise<void> {
    this.models.value = await this.#transport.request('models.use', { modelId });
    await this.thresholds.load();
  }

  async setBudget(budget: Budget): Promise<Threshold> {
    const made = await this.#transport.request('thresholds.set_budget', { budget });
    await this.thresholds.load();
    return made;
  }

  async revert(version: number): Promise<Threshold> {
    const made = await this.#transport.request('thresholds.revert', { version });
    await this.thresholds.load();
    return made;
  }
}
