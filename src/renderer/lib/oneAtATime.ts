/** @file Work of which one runs at a time and at most one waits for its turn: that one stands for whoever asks meanwhile. */

export class OneAtATime {
  readonly #work: () => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  /** Asked for, and not begun. */
  #waiting: Promise<void> | null = null;

  /** `work` does not reject: it says itself what went wrong. */
  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves when work that began after this call is done. */
  run(): Promise<void> {
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = null;
      return this.#work();
    });
    this.#running = this.#waiting;
    return this.#running;
  }
}
