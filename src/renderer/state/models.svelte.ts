/** @file The model registry and the thresholds: what is in use, what was, how to go back, and which two models are looked at side by side. */
import type { Budget, RunShare, Threshold } from '../../shared/thresholds.ts';
import type { Model } from '../../shared/models.ts';
import type { Preset } from '../../shared/presets.ts';
import type { TextReads } from '../../shared/textModels.ts';
import type { Transport } from '../transport/transport.ts';
import { Remote } from './remote.svelte.ts';

export class ModelsState {
  readonly models: Remote<Model[]>;
  readonly thresholds: Remote<Threshold[]>;
  /** What came of the threshold, log by log. */
  readonly runs: Remote<RunShare[]>;
  selectedId = $state<string | null>(null);
  /** Ticked: the selected model is compared with it. */
  tickedId = $state<string | null>(null);
  readonly list = $derived.by(() => this.models.value ?? []);
  /** As the registry lists them. */
  readonly newestFirst = $derived(this.list.toReversed());
  readonly inUse = $derived(this.list.find((model) => model.state === 'in_use') ?? null);
  readonly selected = $derived(
    this.list.find((model) => model.id === this.selectedId) ?? this.inUse ?? this.newestFirst[0] ?? null,
  );
  readonly ticked = $derived(this.get(this.tickedId));
  /** Both that are compared, what was first before what came after it; null where one is looked at. */
  readonly pair = $derived.by((): readonly [before: Model, after: Model] | null => {
    const [one, other] = [this.selected, this.ticked];
    if (!one || !other || one.id === other.id || !isMade(one) || !isMade(other)) return null;
    return one.number < other.number ? [one, other] : [other, one];
  });
  /** The text models in view, which can go on with a line. */
  readonly writers = $derived(
    (this.pair ?? (this.selected ? [this.selected] : [])).filter(
      ({ kind, state }) => kind === 'text' && state === 'kept',
    ),
  );
  readonly current = $derived.by(() => this.thresholds.value?.find((threshold) => threshold.isCurrent) ?? null);
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.models = new Remote(() => transport.request('models.list', {}));
    this.thresholds = new Remote(() => transport.request('thresholds.list', {}));
    this.runs = new Remote(() => transport.request('thresholds.runs', {}));
  }

  get(id: string | null): Model | null {
    return this.list.find((model) => model.id === id) ?? null;
  }

  async load(): Promise<void> {
    await Promise.all([this.models.load(), this.thresholds.load(), this.runs.load()]);
  }

  /** Answers whether logs are scored again by it. */
  async use(modelId: string): Promise<boolean> {
    const { models, jobId } = await this.#transport.request('models.use', { modelId });
    this.models.put(models);
    await this.thresholds.load();
    return jobId !== null;
  }

  /** No text model reads lines, or windows, for what is learned from now on. */
  async readWithout(reads: TextReads): Promise<void> {
    this.models.put(await this.#transport.request('models.read_without', { reads }));
  }

  /** Refused for the one in use and for one that is being trained. */
  async remove(modelId: string): Promise<void> {
    this.models.put(await this.#transport.request('models.delete', { modelId }));
  }

  move(rows: number): void {
    const at = this.newestFirst.findIndex((model) => model.id === this.selected?.id);
    const to = Math.max(0, Math.min(this.list.length - 1, at + rows));
    this.selectedId = this.newestFirst[to]?.id ?? null;
  }

  /** Ticks a model, or takes the tick away. */
  tick(id: string): void {
    this.tickedId = this.tickedId === id ? null : id;
  }

  /** Beside the selected model: its parent, else what was made from it, else the one in use, else the newest other of its kind, else any. */
  compare(): void {
    const { selected } = this;
    if (!selected) return;
    const others = this.newestFirst.filter((model) => model.id !== selected.id && isMade(model));
    const other =
      others.find(({ id }) => id === selected.parentId) ??
      others.find(({ parentId }) => parentId === selected.id) ??
      others.find(({ state, kind }) => state === 'in_use' && kind === selected.kind) ??
      others.find(({ kind }) => kind === selected.kind) ??
      others[0];
    this.tickedId = other?.id ?? null;
  }

  async setBudget(budget: Budget): Promise<Threshold> {
    const made = await this.#transport.request('thresholds.set_budget', { budget });
    await this.thresholds.load();
    return made;
  }

  async choosePreset(preset: Preset): Promise<void> {
    try {
      await this.#transport.request('presets.choose', { preset });
    } finally {
      await this.thresholds.load();
    }
  }

  async setFollowing(isOn: boolean): Promise<void> {
    await this.#transport.request('thresholds.set_following', { isOn });
  }

  async revert(version: number): Promise<Threshold> {
    const made = await this.#transport.request('thresholds.revert', { version });
    await this.thresholds.load();
    return made;
  }
}

/** Whether there is a model to look at: one that is being trained, or failed, has no figures. */
export function isMade(model: Model): boolean {
  return model.state === 'in_use' || model.state === 'kept';
}

/** Whether another model can be fine-tuned from it. One that came as a graph has no layers to train. */
export function isTunable(model: Model): boolean {
  return model.kind === 'text' && model.state === 'kept' && model.shape !== null;
}

/** Why a model cannot be deleted; null where it can. */
export function keptBecause(model: Model): string | null {
  if (model.state === 'in_use') return `m${model.number} is in use. Put another model in use before you delete it.`;
  if (model.state === 'training') return `m${model.number} is being trained. Cancel that first.`;
  return null;
}
