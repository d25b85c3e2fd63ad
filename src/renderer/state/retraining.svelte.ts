/** @file Learning from verdicts in a batch: what it would learn from, the model that is proposed, and what was decided about earlier ones. */
import type { Retraining, RetrainPlan } from '../../shared/retraining.ts';
import type { Transport } from '../transport/transport.ts';
import type { JobsState } from './jobs.svelte.ts';
import type { ModelsState } from './models.svelte.ts';
import { Remote } from './remote.svelte.ts';

export class RetrainingState {
  readonly all: Remote<Retraining[]>;
  readonly plan: Remote<RetrainPlan>;
  /** The one that waits for a decision. */
  readonly proposed = $derived.by(() => this.all.value?.find(({ state }) => state === 'proposed') ?? null);
  /** What the gate found is of the model that it was retrained from: it takes the place of that one and of no other. */
  readonly canAdopt = $derived.by(() => this.proposed !== null && this.proposed.parentId === this.#models.inUse?.id);
  /** The last that was adopted, whether or not its model is in use still. */
  readonly adopted = $derived.by(() => {
    const adopted = this.all.value?.filter(({ state }) => state === 'adopted') ?? [];
    return adopted.sort((one, other) => (other.decidedAt ?? 0) - (one.decidedAt ?? 0))[0] ?? null;
  });
  /** What going back leads to; null where there is nothing to go back to. */
  readonly earlier = $derived.by(() => this.#models.list.find(({ isBefore }) => isBefore) ?? null);
  /** One at a time, and none while a model waits for a decision. */
  readonly canStart = $derived.by(
    () =>
      this.#models.inUse !== null &&
      this.proposed === null &&
      !this.#jobs.running.some((job) => job.kind === 'retrain'),
  );
  readonly #transport: Transport;
  readonly #models: ModelsState;
  readonly #jobs: JobsState;

  constructor(transport: Transport, models: ModelsState, jobs: JobsState) {
    this.#transport = transport;
    this.#models = models;
    this.#jobs = jobs;
    this.all = new Remote(() => transport.request('retrain.list', {}));
    this.plan = new Remote(() => transport.request('retrain.plan', {}));
  }

  /** It is not put in use like others: the gate is asked first. */
  isUndecided(modelId: string): boolean {
    return this.proposed?.modelId === modelId;
  }

  start(): Promise<{ jobId: string }> {
    return this.#transport.request('retrain.start', {});
  }

  /** `override`: the sentence that accepts what the gate has against it. */
  async adopt(modelId: string, override: string | null): Promise<void> {
    try {
      await this.#transport.request('retrain.adopt', { modelId, override });
    } finally {
      // Refused or not: what it says of verdicts was found again.
      await this.#reload();
    }
  }

  async discard(modelId: string): Promise<void> {
    await this.#transport.request('retrain.discard', { modelId });
    await this.#reload();
  }

  async rollBack(modelId?: string): Promise<number> {
    const { modelNumber } = await this.#transport.request('retrain.rollback', modelId === undefined ? {} : { modelId });
    await this.#reload();
    return modelNumber;
  }

  async #reload(): Promise<void> {
    await Promise.all([this.all.load(), this.#models.load()]);
  }
}
