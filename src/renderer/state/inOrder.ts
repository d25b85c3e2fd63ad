/** @file What is done to alerts, strictly one after the other in the order of the keys; and how much of it the host has not confirmed yet. */

export class InOrder {
  #tail: Promise<void> = Promise.resolve();
  #left = 0;
  /** Told whenever something has ended. */
  onEnded: () => void = () => undefined;

  /** Under way and waiting. */
  get left(): number {
    return this.#left;
  }

  /** What goes wrong with one is its own: those behind it are done all the same. */
  run(operation: () => Promise<void>): Promise<void> {
    this.#left++;
    const done = this.#tail.then(operation).finally(() => {
      this.#left--;
      this.onEnded();
    });
    this.#tail = done.catch(() => undefined);
    return done;
  }
}
