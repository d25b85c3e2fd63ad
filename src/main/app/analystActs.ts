/** @file What works for long hears when the analyst decides something, and gives way: the next alert comes first on a machine with few cores. */

/** Until the next alert is on screen and the one behind it read. */
export const giveWayMs = 250;

export class AnalystActs {
  readonly #listeners = new Set<() => void>();

  tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Answers what ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
