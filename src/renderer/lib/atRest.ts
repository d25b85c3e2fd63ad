/** @file Work that can wait until the hand rests: wishes for it become one, and it is done after a moment in which nothing was done. */

export class AtRest {
  readonly #work: () => Promise<void>;
  readonly #restMs: number;
  readonly #mostWaitMs: number;
  #waiting: { timer: ReturnType<typeof setTimeout>; since: number; done: Promise<void>; begin: () => void } | null =
    null;

  /** `mostWaitMs`: it is done then, though the hand did not rest. */
  constructor(work: () => Promise<void>, { restMs, mostWaitMs }: { restMs: number; mostWaitMs: number }) {
    this.#work = work;
    this.#restMs = restMs;
    this.#mostWaitMs = mostWaitMs;
  }

  /** Resolves when it was done. */
  wish(): Promise<void> {
    if (this.#waiting) return this.#waiting.done;
    let begin = (): void => undefined;
    const done = new Promise<void>((resolve, reject) => {
      begin = () => {
        this.#waiting = null;
        this.#work().then(resolve, reject);
      };
    });
    this.#waiting = { timer: setTimeout(begin, this.#restMs), since: performance.now(), done, begin };
    return done;
  }

  /** Something is being done: what waits, waits on. */
  postpone(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    clearTimeout(waiting.timer);
    const leftMs = Math.max(0, waiting.since + this.#mostWaitMs - performance.now());
    waiting.timer = setTimeout(waiting.begin, Math.min(this.#restMs, leftMs));
  }
}
