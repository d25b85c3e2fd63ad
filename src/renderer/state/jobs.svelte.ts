/** @file The long pieces of work: what runs, what came of it, and the loss curve of learning as it grows. */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Job } from '../../shared/jobs.ts';
import type { TrainProgress } from '../../shared/trainerProtocol.ts';
import { extendCurve } from '../lib/lossCurve.ts';
import type { Transport } from '../transport/transport.ts';

/** Finished jobs that are kept on screen. */
const keptJobs = 8;

export class JobsState {
  readonly #byId = new SvelteMap<string, Job>();
  readonly #curves = new SvelteMap<string, readonly TrainProgress[]>();
  /** Asked to stop; the job itself may take a moment to say so. */
  readonly stopping = new SvelteSet<string>();
  /** Asked to stand still (true) or to go on (false), and not answered yet: a step under way is finished first. */
  readonly #pauseWishes = new SvelteMap<string, boolean>();
  readonly #dismissed = new SvelteSet<string>();
  isPanelOpen = $state(false);
  /** Newest first, by the order they came in: the clock may have been set back between two. */
  readonly all = $derived([...this.#byId.values()].reverse());
  readonly running = $derived(this.all.filter((job) => job.state === 'running'));
  /** What other work has to wait for: all that runs, but training, which has a queue of its own beside it. */
  readonly working = $derived(
    this.running.filter((job) => job.kind !== 'train' && job.kind !== 'retrain' && job.kind !== 'classify'),
  );
  readonly isBusy = $derived(this.working.length > 0);
  /** The one that pausing by key means: the newest. */
  readonly pausable = $derived(this.running.find((job) => job.canPause || job.isPaused) ?? null);
  readonly shown = $derived(this.all.filter((job) => !this.#dismissed.has(job.id)).slice(0, keptJobs));
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async load(): Promise<void> {
    const newestFirst = await this.#transport.request('jobs.list', {});
    for (const job of newestFirst.toReversed()) this.accept(job);
    for (const { id, state, training } of newestFirst)
      if (state === 'running' && training && this.curveOf(id).length < 2) await this.#loadCurve(id);
  }

  /** What was trained before this window looked. */
  async #loadCurve(id: string): Promise<void> {
    const earlier = await this.#transport.request('jobs.curve', { jobId: id });
    const since = this.curveOf(id);
    this.#curves.set(id, []);
    for (const point of [...earlier, ...since]) this.#extendCurve(id, point);
  }

  accept(job: Job): void {
    // A list asked for before the end may come after it.
    if (job.state === 'running' && (this.get(job.id)?.state ?? 'running') !== 'running') return;
    this.#byId.set(job.id, job);
    if (job.state !== 'running') this.stopping.delete(job.id);
    if (job.training) this.#extendCurve(job.id, job.training);
  }

  /** Whether work under way still reads that log. */
  needs(sourceId: number): boolean {
    return this.running.some(({ sourceIds }) => sourceIds.includes(sourceId));
  }

  get(id: string | null): Job | null {
    return id === null ? null : (this.#byId.get(id) ?? null);
  }

  curveOf(id: string): readonly TrainProgress[] {
    return this.#curves.get(id) ?? [];
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

  /** Whether it stands still, or is about to. */
  isPaused(job: Job): boolean {
    return this.#pauseWishes.get(job.id) ?? job.isPaused;
  }

  /** Asked to stand still or to go on, and the host has not said yet that it does. */
  isChanging(id: string): boolean {
    return this.#pauseWishes.has(id);
  }

  pause(id: string): Promise<void> {
    return this.#setPaused(id, true);
  }

  resume(id: string): Promise<void> {
    return this.#setPaused(id, false);
  }

  async #setPaused(id: string, isPaused: boolean): Promise<void> {
    if (this.#pauseWishes.has(id)) return;
    this.#pauseWishes.set(id, isPaused);
    try {
      this.accept(await this.#transport.request(isPaused ? 'jobs.pause' : 'jobs.resume', { jobId: id }));
    } finally {
      this.#pauseWishes.delete(id);
    }
  }

  dismiss(id: string): void {
    this.#dismissed.add(id);
  }

  #extendCurve(id: string, point: TrainProgress): void {
    const points = this.curveOf(id);
    const longer = extendCurve(points, point);
    if (longer !== points) this.#curves.set(id, longer);
  }
}
