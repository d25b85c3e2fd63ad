/** @file One answer of the host that is shown and asked for again: value, loading, error. Calls made while one is under way become one more call. */
import { messageOf } from './problems.ts';

export class Remote<T> {
  value = $state.raw<T | null>(null);
  error = $state<string | null>(null);
  isLoading = $state(false);
  readonly #fetch: () => Promise<T>;
  #again = false;
  #running: Promise<void> | null = null;

  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch;
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
      try {
        this.value = await this.#fetch();
        this.error = null;
      } catch (error) {
        this.error = messageOf(error);
      }
    } while (this.#again);
    this.isLoading = false;
  }
}
