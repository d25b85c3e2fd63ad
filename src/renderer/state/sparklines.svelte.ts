/** @file The last day of what is alike, for the rows on screen: asked for once they stand still, and again after a while; what was not looked at for long goes. */
import { SvelteMap } from 'svelte/reactivity';
import type { Transport } from '../transport/transport.ts';

const restMs = 120;
/** For so long a picture shows the last day. */
const freshMs = 10 * 60_000;
/** A day's work passes more kinds of alert than need to be kept. */
const mostKept = 2000;
const mostAsked = 500;

export class Sparklines {
  /** By signature, those asked for last at the end. */
  readonly lines = new SvelteMap<string, number[]>();
  readonly #askedAt = new Map<string, number>();
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

  async #fetch(signatures: readonly string[]): Promise<void> {
    const now = performance.now();
    const isFresh = (signature: string): boolean => now - (this.#askedAt.get(signature) ?? -Infinity) < freshMs;
    const asked = [...new Set(signatures)].filter((signature) => !isFresh(signature)).slice(0, mostAsked);
    if (asked.length === 0) return;
    try {
      const { lines } = await this.#transport.request('alerts.sparklines', { signatures: asked });
      asked.forEach((signature, index) => this.#keep(signature, lines[index] ?? [], now));
    } catch {
      // A row without its picture says all the rest; the next look asks again.
    }
  }

  #keep(signature: string, line: number[], askedAt: number): void {
    this.#askedAt.delete(signature);
    this.#askedAt.set(signature, askedAt);
    this.lines.set(signature, line);
    for (const oldest of this.#askedAt.keys()) {
      if (this.#askedAt.size <= mostKept) break;
      this.#askedAt.delete(oldest);
      this.lines.delete(oldest);
    }
  }
}
