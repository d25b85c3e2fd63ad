/** @file The long pieces of work: what runs, what came of it, and the loss curve of learning as it grows. */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Job } from '../../shared/domain.ts';
import type { TrainProgress } from '../../shared/trainerProtocol.ts';
import type { Transport } from '../transport/transport.ts';

/** Finished jobs that are kept on screen. */
const keptJobs = 8;

export class JobsState {
  readonly #byId = new SvelteMap<string, Job>();
  readonly #curves = new SvelteMap<string, readonly TrainProgress[]>();
  /** Asked to stop; the job itself may take a moment to say so. */
  readonly stopping = new SvelteSet<string>();
  readonly #dismissed = new SvelteSet<string>();
  isPanelOpen = $state(false);
  /** Newest first, by the order they came in: the clock may have been set back between two. */
  readonly all = $derived([...this.#byId.values()].reverse());
  readonly running = $derived(this.all.filter((job) => job.state === 'running'));
  readonly shown = $derived(this.all.filter((job) => !this.#dismissed.has(job.id)).slice(0, keptJobs));
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async load(): Promise<void> {
    const newestFirst = await this.#transport.request('jobs.list', {});
    for (const job of newestFirst.toReversed()) this.accept(job);
  }

  accept(job: Job): void {
    // A list asked for before the end may come after it.
    if (job.state === 'running' && (this.get(job.id)?.state ?? 'running') !== 'running') return;
    this.#byId.set(job.id, job);
    if (job.state !== 'running') this.stopping.delete(job.id);
    if (job.training) this.#extendCurve(job.id, job.training);
  }

  get(id: string | null): Job | null {
    return id === null ? null : (this.#byId.get(id) ?? null);
  }

  curveOf(id: string): readonly TrainProgress[] {
    return this.#curves.get(id) ?? [];
  }

  /** Points the host kept, for a window that opened in the middle of a run. */
  seedCurve(id: string, points: readonly TrainProgress[]): void {
    const live = this.curveOf(id);
    const first = live[0];
    const older = first ? points.filter((point) => point.elapsedMs < first.elapsedMs) : points;
    if (older.length > 0) this.#curves.set(id, [...older, ...live]);
  }

  async cancel(id: string): Promise<void> {
    this.stopping.add(id);
    try {
      this.accept(await this.#transport.request('jobs.cancel', { jobId: id }));
    } catch (error) {
      this.stopping.delete(id);
      throw error;
    }
  }

  dismiss(id: string): void {
    this.#dismissed.add(id);
  }

  #extendCurve(id: string, point: TrainProgress): void {
    const points = this.curveOf(id);
    const last = points.at(-1);
    if (last && last.epoch === point.epoch && last.step === point.step && last.validationBits === point.validationBits)
      return;
    this.#curves.set(id, [...points, point]);
  }
}
