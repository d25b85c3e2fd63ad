/** @file Long pieces of work, one at a time in the order they were asked for: each can be watched and cancelled. */
import type { Job, JobKind } from '../../shared/domain.ts';
import { AppError, toErrorData } from '../../shared/errors.ts';

/** What running work may report of itself. */
export type JobUpdate = Partial<
  Pick<Job, 'step' | 'share' | 'remainingMs' | 'lineCount' | 'linesPerSecond' | 'training' | 'sourceIds' | 'subject'>
>;

export type JobContext = { signal: AbortSignal; update: (change: JobUpdate) => void };

/** Returns what came of it in one or two sentences. */
export type JobWork = (context: JobContext) => Promise<string>;

type Entry = { job: Job; abort: AbortController; finished: Promise<Job> };

/** Finished jobs that are still listed. */
const keptJobs = 50;

export class Jobs {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;
  readonly #newId: () => string;
  readonly #changed: (job: Job) => void;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: { now: () => number; newId: () => string; changed: (job: Job) => void }) {
    this.#now = options.now;
    this.#newId = options.newId;
    this.#changed = options.changed;
  }

  list(): Job[] {
    return [...this.#entries.values()].map((entry) => entry.job).reverse();
  }

  isRunning(kind: JobKind): boolean {
    return this.list().some((job) => job.kind === kind && job.state === 'running');
  }

  start(kind: JobKind, subject: string, sourceIds: number[], work: JobWork): { jobId: string; finished: Promise<Job> } {
    const id = this.#newId();
    const abort = new AbortController();
    const job: Job = {
      id,
      kind,
      state: 'running',
      subject,
      step: this.list().some(({ state }) => state === 'running') ? 'waiting for the work before it' : 'starting',
      share: null,
      remainingMs: null,
      lineCount: null,
      linesPerSecond: null,
      startedAt: this.#now(),
      endedAt: null,
      error: null,
      sourceIds,
      training: null,
      outcome: null,
    };
    const finished = this.#last.then(() => this.#run(id, work));
    this.#last = finished;
    this.#entries.set(id, { job, abort, finished });
    this.#forgetOld();
    this.#changed(job);
    return { jobId: id, finished };
  }

  /** Acknowledged at once: the job is `cancelled` from here on, whatever its work still does. */
  cancel(jobId: string): Job {
    const entry = this.#entries.get(jobId);
    if (!entry) throw new AppError('NOT_FOUND', 'That job is not known any more.');
    if (entry.job.state === 'running') {
      this.#update(jobId, { state: 'cancelled', step: 'cancelled', endedAt: this.#now(), remainingMs: null });
      entry.abort.abort();
    }
    return this.#entries.get(jobId)?.job ?? entry.job;
  }

  async close(): Promise<void> {
    for (const { job } of this.#entries.values()) this.cancel(job.id);
    await this.#last;
  }

  async #run(id: string, work: JobWork): Promise<Job> {
    const entry = this.#entries.get(id);
    if (!entry) throw new AppError('INTERNAL', 'A job was forgotten before it ran.');
    const { signal } = entry.abort;
    const update = (change: JobUpdate): void => {
      if (!signal.aborted) this.#update(id, change);
    };
    try {
      if (!signal.aborted) {
        update({ step: 'starting' });
        const outcome = await work({ signal, update });
        if (!signal.aborted) {
          this.#update(id, { state: 'done', step: 'done', share: 1, remainingMs: 0, outcome, endedAt: this.#now() });
        }
      }
    } catch (error) {
      const data = toErrorData(error);
      if (data.code === 'INTERNAL') console.error(error);
      if (!signal.aborted) {
        this.#update(id, {
          state: 'failed',
          step: 'failed',
          error: data.message,
          endedAt: this.#now(),
          remainingMs: null,
        });
      }
    }
    return this.#entries.get(id)?.job ?? entry.job;
  }

  #update(id: string, change: Partial<Job>): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.job = { ...entry.job, ...change };
    this.#changed(entry.job);
  }

  #forgetOld(): void {
    const finished = [...this.#entries.values()].filter((entry) => entry.job.state !== 'running');
    for (const entry of finished.slice(0, Math.max(0, finished.length - keptJobs))) this.#entries.delete(entry.job.id);
  }
}
