/**
 * @file One answer of the host that is shown and asked for again: value, loading, error. Calls made while one is under way become one more call. What
 * something else said of it since stands before an answer that was asked for earlier.
 */
import { messageOf } from './problems.ts';

export class Remote<T> {
  #value = $state.raw<T | null>(null);
  error = $state<string | null>(null);
  isLoading = $state(false);
  readonly #fetch: () => Promise<T>;
  #again = false;
  /** Counted up by `put`. */
  #round = 0;
  #running: Promise<void> | null = null;

  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch;
  }

  get value(): T | null {
    return this.#value;
  }

  /** As the answer to a change says that it is now, or null: what is there is of something else. */
  put(value: T | null): void {
    this.#round++;
    this.#value = value;
    this.error = null;
  }

  load(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    this.isLoading = true;
    do {
      this.#again = false;
      const round = this.#round;
      try {
        const value = await this.#fetch();
        if (round !== this.#round) continue;
        this.#value = value;
        this.error = null;
      } catch (error) {
        if (round === this.#round) this.error = messageOf(error);
      }
    } while (this.#again);
    this.isLoading = false;
  }
}
