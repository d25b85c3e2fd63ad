/** @file Long work that the analyst starts: learning, scoring and the demo; and standing still or going on. */
import type { Job } from '../../shared/jobs.ts';
import type { AppState } from './app.svelte.ts';

export class Work {
  readonly #app: AppState;

  constructor(app: AppState) {
    this.#app = app;
  }

  startDemo(): Promise<boolean> {
    return this.#app.attempt('Starting the demo', async () => {
      await this.#app.transport.request('demo.start', {});
      await this.#app.jobs.load();
    });
  }

  /** The logs that "learn" and "score" mean here: the one just imported, or the one being read. */
  sourcesInView(): number[] {
    if (this.#app.view === 'open') return this.#app.jobs.get(this.#app.open.current?.jobId ?? null)?.sourceIds ?? [];
    return this.#app.logs.selectedId === null ? [] : [this.#app.logs.selectedId];
  }

  /** `countsOnly`: nothing is trained. */
  learn(sourceIds: readonly number[], { countsOnly = false } = {}): Promise<boolean> {
    return this.#app.attempt('Learning', async () => {
      await this.#app.transport.request('learn.start', {
        sourceIds: [...sourceIds],
        ...(countsOnly ? { countsOnly } : {}),
      });
      this.#app.open.forgetImported();
      this.#app.go('models');
      await this.#app.jobs.load();
    });
  }

  score(sourceIds: readonly number[]): Promise<boolean> {
    return this.#app.attempt('Scoring', async () => {
      const { jobId } = await this.#app.transport.request('score.start', { sourceIds: [...sourceIds] });
      this.#app.open.forgetImported();
      if (this.#app.view === 'open') this.#app.go('queue');
      this.#app.jobs.isPanelOpen = this.#app.view !== 'queue';
      await this.#app.jobs.load();
      // A short job may have ended before the list of jobs came, and its end in one event with its beginning.
      const job = this.#app.jobs.get(jobId);
      if (job) this.#app.tellEnd(job);
    });
  }

  flipPause(job: Job): Promise<boolean> {
    const { jobs } = this.#app;
    return jobs.isPaused(job)
      ? this.#app.attempt('Going on', () => jobs.resume(job.id))
      : this.#app.attempt('Pausing', () => jobs.pause(job.id));
  }
}
