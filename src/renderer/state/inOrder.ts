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

  run(operation: () => Promise<void>): Promise<void> {
    this.#left++;
    this.#tail = this.#tail.then(operation).finally(() => {
      this.#left--;
      this.onEnded();
    });
    return this.#tail;
  }
}
