/**
 * @file Long pieces of work, one at a time in the order they were asked for; training jobs, which may take hours, in a queue of their own beside
 * them. Each can be watched and cancelled, and is left as it is when the app closes.
 */
import type { Job, JobKind } from '../../shared/jobs.ts';
import { AppError, forStderr, toErrorData } from '../../shared/errors.ts';
import type { TrainProgress } from '../../shared/trainerProtocol.ts';

/** What running work may report of itself. */
export type JobUpdate = Partial<
  Pick<
    Job,
    | 'step'
    | 'share'
    | 'remainingMs'
    | 'lineCount'
    | 'linesPerSecond'
    | 'training'
    | 'retraining'
    | 'sourceIds'
    | 'subject'
  >
>;

export type JobContext = {
  /** The work is to stop: it was cancelled, or the app closes. */
  signal: AbortSignal;
  /** It was cancelled, and will not be gone on with. */
  cancelled: AbortSignal;
  update: (change: JobUpdate) => void;
  /** Says how what runs now is made to stand still, or, with null, that it cannot be. */
  setPausing: (controls: PauseControls | null) => void;
  /** Where the points of its training are gathered. */
  setCurve: (points: readonly TrainProgress[]) => void;
};

/** Each answers when it is so. */
export type PauseControls = { pause: () => Promise<unknown>; resume: () => Promise<unknown> };

/** Returns what came of it in one or two sentences. */
export type JobWork = (context: JobContext) => Promise<string>;

export type NewJob = {
  kind: JobKind;
  subject: string;
  sourceIds?: readonly number[];
  modelId?: string | undefined;
  /** Given where the store knows it already. */
  id?: string;
  startedAt?: number;
  /** An earlier start of the app began it. */
  goesOn?: boolean;
  /** It stood still when the app was closed, and does until it is resumed. */
  isPaused?: boolean;
};

type Entry = {
  job: Job;
  stop: AbortController;
  cancel: AbortController;
  goesOn: boolean;
  pausing: PauseControls | null;
  curve: readonly TrainProgress[];
  failure: unknown;
};

type Queue = 'work' | 'training';

function queueOf(kind: JobKind): Queue {
  return kind === 'train' || kind === 'retrain' || kind === 'classify' ? 'training' : 'work';
}

/** Finished jobs that are still listed. */
const keptJobs = 50;

export class Jobs {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;
  readonly #newId: () => string;
  readonly #changed: (job: Job) => void;
  readonly #ending: (jobId: string) => Promise<void>;
  #isClosing = false;
  /** The last job of each queue. */
  readonly #last: Record<Queue, Promise<unknown>> = { work: Promise.resolve(), training: Promise.resolve() };

  /** `ending` is done before a job is said to have ended. */
  constructor(options: {
    now: () => number;
    newId: () => string;
    changed: (job: Job) => void;
    ending?: (jobId: string) => Promise<void>;
  }) {
    this.#now = options.now;
    this.#newId = options.newId;
    this.#changed = options.changed;
    this.#ending = options.ending ?? (() => Promise.resolve());
  }

  list(): Job[] {
    return [...this.#entries.values()].map((entry) => entry.job).reverse();
  }

  isRunning(kind: JobKind): boolean {
    return this.list().some((job) => job.kind === kind && job.state === 'running');
  }

  /** Whether other work than training is under way. */
  get isWorking(): boolean {
    return this.list().some((job) => job.state === 'running' && queueOf(job.kind) === 'work');
  }

  /** Whether something takes the processor's time: work, or training that does not stand still. */
  get isComputing(): boolean {
    return this.list().some((job) => job.state === 'running' && !job.isPaused);
  }

  curveOf(jobId: string): TrainProgress[] {
    return [...(this.#entries.get(jobId)?.curve ?? [])];
  }

  /** Why a job failed, as it was thrown. */
  failureOf(jobId: string): unknown {
    return this.#entries.get(jobId)?.failure;
  }

  start(asked: NewJob, work: JobWork): { jobId: string; finished: Promise<Job> } {
    const job = this.#newJob(asked);
    const { id } = job;
    const { goesOn = false } = asked;
    const queue = queueOf(asked.kind);
    const waits = this.list().some(({ state, kind }) => state === 'running' && queueOf(kind) === queue);
    job.step = waits ? 'waiting for the work before it' : 'starting';
    const [stop, cancel] = [new AbortController(), new AbortController()];
    const entry: Entry = { job, stop, cancel, goesOn, pausing: null, curve: [], failure: undefined };
    // One that was cancelled may be forgotten before its turn has come.
    const finished = this.#last[queue].then(() => this.#run(entry, work));
    this.#last[queue] = finished;
    this.#entries.set(id, entry);
    this.#forgetOld();
    this.#changed(job);
    return { jobId: id, finished };
  }

  /** Lists a job that was cut off and is not gone on with, and says why. */
  giveUp(asked: NewJob, reason: string): void {
    const job: Job = { ...this.#newJob(asked), state: 'failed', step: 'failed', error: reason, endedAt: this.#now() };
    const [stop, cancel] = [new AbortController(), new AbortController()];
    const failure = new AppError('CONFLICT', reason);
    this.#entries.set(job.id, { job, stop, cancel, goesOn: true, pausing: null, curve: [], failure });
    this.#changed(job);
  }

  #newJob(asked: NewJob): Job {
    const { kind, subject, sourceIds = [], id = this.#newId(), startedAt = this.#now(), isPaused = false } = asked;
    return {
      id,
      kind,
      state: 'running',
      subject,
      step: '',
      share: null,
      remainingMs: null,
      lineCount: null,
      linesPerSecond: null,
      startedAt,
      endedAt: null,
      error: null,
      sourceIds: [...sourceIds],
      modelId: asked.modelId ?? null,
      training: null,
      retraining: null,
      canPause: isPaused,
      isPaused,
      outcome: null,
    };
  }

  /** Acknowledged at once: the job is `cancelled` from here on, whatever its work still does. */
  cancel(jobId: string): Job {
    const entry = this.#entries.get(jobId);
    if (!entry) throw new AppError('NOT_FOUND', 'That job is not known any more.');
    if (entry.job.state === 'running') {
      const stood = { canPause: false, isPaused: false };
      this.#update(jobId, { state: 'cancelled', step: 'cancelled', endedAt: this.#now(), remainingMs: null, ...stood });
      entry.cancel.abort();
      entry.stop.abort();
    }
    return this.#entries.get(jobId)?.job ?? entry.job;
  }

  /** Answers when it stands still. Throws CONFLICT where it does nothing that could. */
  async pause(jobId: string): Promise<Job> {
    const { job, pausing } = this.#running(jobId);
    if (job.isPaused) return job;
    if (!pausing) throw new AppError('CONFLICT', 'It can be paused while it trains; it is not training just now.');
    await pausing.pause();
    // What it was doing may have ended while it answered.
    if (this.#running(jobId).pausing !== pausing) throw new AppError('CONFLICT', 'Its training has ended meanwhile.');
    this.#update(jobId, { isPaused: true });
    return this.#running(jobId).job;
  }

  async resume(jobId: string): Promise<Job> {
    const { job, pausing } = this.#running(jobId);
    if (!job.isPaused) return job;
    await pausing?.resume();
    this.#update(jobId, { isPaused: false });
    return this.#running(jobId).job;
  }

  #running(jobId: string): Entry {
    const entry = this.#entries.get(jobId);
    if (entry?.job.state === 'running') return entry;
    throw new AppError('CONFLICT', 'That job has ended; there is nothing to pause or to go on with.');
  }

  /** Stops what runs without ending it, and gives the ids of all that have not ended: a later start goes on with them. */
  suspend(): string[] {
    this.#isClosing = true;
    const unfinished = [...this.#entries.values()].filter(({ job }) => job.state === 'running');
    for (const { stop } of unfinished) stop.abort();
    return unfinished.map(({ job }) => job.id);
  }

  /** Resolves when no work runs any more. */
  async settled(): Promise<void> {
    await Promise.all(Object.values(this.#last));
  }

  async #run(entry: Entry, work: JobWork): Promise<Job> {
    const { id } = entry.job;
    const { signal } = entry.stop;
    const update = (change: JobUpdate): void => {
      if (!signal.aborted) this.#update(id, change);
    };
    const setPausing = (controls: PauseControls | null): void => {
      entry.pausing = controls;
      if (!signal.aborted) this.#update(id, { canPause: controls !== null });
    };
    const setCurve = (points: readonly TrainProgress[]): void => void (entry.curve = points);
    let end: Partial<Job> = {};
    try {
      await this.#standStill(entry, signal);
      if (!signal.aborted) {
        update({ step: entry.goesOn ? 'going on where it stopped' : 'starting' });
        const outcome = await work({ signal, cancelled: entry.cancel.signal, update, setPausing, setCurve });
        end = { state: 'done', step: 'done', share: 1, remainingMs: 0, outcome };
      }
    } catch (error) {
      entry.failure = error;
      const data = toErrorData(error);
      if (data.code === 'INTERNAL' && !this.#isClosing) console.error(forStderr(error));
      end = { state: 'failed', step: 'failed', error: data.message, remainingMs: null };
    }
    if (!this.#isClosing) {
      await this.#ending(id).catch((error: unknown) =>
        console.error('The end of a job was not kept:', forStderr(error)),
      );
      if (!signal.aborted) this.#update(id, { ...end, canPause: false, isPaused: false, endedAt: this.#now() });
    }
    return entry.job;
  }

  /** Until a job that was left standing still is resumed. */
  async #standStill(entry: Entry, signal: AbortSignal): Promise<void> {
    const { id } = entry.job;
    if (!entry.job.isPaused || signal.aborted) return;
    this.#update(id, { step: 'paused since before the app was last closed' });
    const resumed = Promise.withResolvers<void>();
    entry.pausing = { pause: () => Promise.resolve(), resume: () => Promise.resolve(resumed.resolve()) };
    signal.addEventListener('abort', () => resumed.resolve(), { once: true });
    await resumed.promise;
    entry.pausing = null;
    if (!signal.aborted) this.#update(id, { canPause: false });
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
