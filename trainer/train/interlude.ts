/** @file What a run does between micro-batches: stand still, stop, save, tell. Its clock stops while it is paused. */
import { performance } from 'node:perf_hooks';
import { AppError } from '../../src/shared/errors.ts';
import { Gate } from './gate.ts';

const progressIntervalMs = 200;
/** Writing checkpoints takes no more than a tenth of the time, but where one is wanted after every step: large models have gigabytes of state. */
const leastWorkPerSave = 9;

export type InterludeOptions = {
  signal: AbortSignal;
  gate: Gate | undefined;
  /** Null: nothing is saved. */
  saveEveryMs: number | null;
  save: () => Promise<void>;
  tell: () => void;
};

export class Interlude {
  readonly #options: InterludeOptions;
  readonly #gate: Gate;
  /** Set back by what was done before this start, and on by what was paused. */
  #startMs = performance.now();
  #lastTellMs = -Infinity;
  #lastSaveMs = performance.now();
  /** How long it took. */
  #saveMs = 0;

  constructor(options: InterludeOptions) {
    this.#options = options;
    this.#gate = options.gate ?? new Gate();
  }

  get elapsedMs(): number {
    return performance.now() - this.#startMs;
  }

  /** A checkpoint tells of so much time before this start. */
  goOnFrom(elapsedMs: number): void {
    this.#startMs -= elapsedMs;
  }

  /** Throws CANCELLED when the signal has fired. */
  async pass(): Promise<void> {
    const { signal, saveEveryMs, tell } = this.#options;
    if (this.#gate.isClosed) {
      const pausedMs = performance.now();
      await this.#gate.pass(() => this.save(), signal);
      this.#startMs += performance.now() - pausedMs;
    }
    await this.#gate.givingWay.pass(signal);
    if (signal.aborted) throw new AppError('CANCELLED', 'Training was cancelled.');
    const leastMs = saveEveryMs === 0 ? 0 : leastWorkPerSave * this.#saveMs;
    if (performance.now() - this.#lastSaveMs >= Math.max(saveEveryMs ?? Infinity, leastMs)) await this.save();
    if (performance.now() - this.#lastTellMs < progressIntervalMs) return;
    this.#lastTellMs = performance.now();
    tell();
  }

  /** At once, where anything is saved at all. */
  async save(): Promise<void> {
    if (this.#options.saveEveryMs === null) return;
    const startMs = performance.now();
    await this.#options.save();
    this.#lastSaveMs = performance.now();
    this.#saveMs = this.#lastSaveMs - startMs;
  }
}
