/** @file How text models go on with a line: what is asked of them and what they wrote. Only the newest question is answered. */
import type { Continuation } from '../../shared/models.ts';
import type { Transport } from '../transport/transport.ts';
import { messageOf } from './problems.ts';

export const mostTokens = 50;
/** As long as a line may be that is gone on with, in characters. */
export const longestLine = 2000;

export class ContinuationState {
  line = $state('');
  tokens = $state(mostTokens);
  temperature = $state(0.7);
  seed = $state(1);
  /** What was written, with the line it goes on from, which may have been changed since. */
  written = $state.raw<{ line: string; by: readonly Continuation[] } | null>(null);
  isWriting = $state(false);
  error = $state<string | null>(null);
  /** Why it cannot be asked; null where it can. */
  readonly missing = $derived.by(() => {
    if (this.line.trim() === '') return 'Type a line, or take one from a log.';
    if (!isWhole(this.tokens, 1, mostTokens)) return `Tokens are a whole number from 1 to ${mostTokens}.`;
    if (!Number.isFinite(this.temperature) || this.temperature < 0 || this.temperature > 10)
      return 'The temperature lies between 0 and 10.';
    if (!isWhole(this.seed, 0, 2 ** 31)) return 'The seed is a whole number from 0 up.';
    return null;
  });
  readonly #transport: Transport;
  #generation = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async ask(modelIds: readonly string[]): Promise<void> {
    if (this.missing !== null || this.isWriting) return;
    const generation = ++this.#generation;
    const { line: text, tokens, temperature, seed } = this;
    this.isWriting = true;
    this.error = null;
    try {
      const by = await this.#transport.request('models.continue', {
        modelIds: [...modelIds],
        text,
        mostTokens: tokens,
        temperature,
        seed,
      });
      if (generation === this.#generation) this.written = { line: text, by };
    } catch (error) {
      if (generation === this.#generation) this.error = messageOf(error);
    } finally {
      if (generation === this.#generation) this.isWriting = false;
    }
  }

  /** Other models are looked at: what these wrote is not theirs. */
  forget(): void {
    this.#generation += 1;
    this.written = null;
    this.isWriting = false;
    this.error = null;
  }

  /** The newest line of a log, as far as a model may be given it. */
  async takeFrom(source: { id: number; eventCount: number }): Promise<void> {
    const input = { sourceId: source.id, firstRow: Math.max(0, source.eventCount - 1), limit: 1 };
    try {
      const [newest] = await this.#transport.request('logs.rows', input);
      if (newest) this.line = newest.raw.slice(0, longestLine);
    } catch (error) {
      this.error = messageOf(error);
    }
  }
}

/** What a number field holds while it is empty or half typed is no number. */
function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}
