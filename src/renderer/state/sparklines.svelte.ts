/** @file The last day of what is alike, for the rows on screen: asked for once they stand still, and kept until the list is loaded anew. */
import { SvelteMap } from 'svelte/reactivity';
import type { Transport } from '../transport/transport.ts';

const restMs = 120;

export class Sparklines {
  readonly lines = new SvelteMap<string, number[]>();
  until = $state(0);
  readonly #transport: Transport;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Of the rows on screen. */
  want(signatures: readonly string[]): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fetch(signatures), restMs);
  }

  clear(): void {
    this.lines.clear();
  }

  async #fetch(signatures: readonly string[]): Promise<void> {
    const missing = [...new Set(signatures)].filter((signature) => !this.lines.has(signature));
    if (missing.length === 0) return;
    try {
      const found = await this.#transport.request('alerts.sparklines', { signatures: missing.slice(0, 500) });
      this.until = found.until;
      missing.forEach((signature, index) => this.lines.set(signature, found.lines[index] ?? []));
    } catch {
      // A row without its picture says all the rest; the next look asks again.
    }
  }
}
