/** @file A run stands still for a moment when the analyst acts, so that the next alert is painted as if nothing ran; never for most of the time. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** For each millisecond of work so many may be stood still: however fast verdicts come, a fifth of the time is left to training. */
const restPerWork = 4;
const mostSavedMs = 2000;

export type Clock = { now: () => number; sleep: (ms: number, signal: AbortSignal) => Promise<void> };

const wallClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

export class GivingWay {
  readonly #clock: Clock;
  #untilMs = -Infinity;
  #savedMs = mostSavedMs;
  #workingSinceMs: number;

  constructor(clock = wallClock) {
    this.#clock = clock;
    this.#workingSinceMs = clock.now();
  }

  ask(forMs: number): void {
    this.#untilMs = Math.max(this.#untilMs, this.#clock.now() + forMs);
  }

  /** Called by the run between steps: returns when nobody needs the way, what was saved up is used up, or `signal` fires. */
  async pass(signal: AbortSignal): Promise<void> {
    const startMs = this.#clock.now();
    this.#savedMs = Math.min(mostSavedMs, this.#savedMs + restPerWork * (startMs - this.#workingSinceMs));
    // While it stands still it may be asked again.
    for (;;) {
      const nowMs = this.#clock.now();
      const leftMs = Math.min(this.#untilMs - nowMs, this.#savedMs - (nowMs - startMs));
      // A timer has no finer steps.
      if (leftMs < 1 || signal.aborted) break;
      await this.#clock.sleep(leftMs, signal);
    }
    this.#workingSinceMs = this.#clock.now();
    this.#savedMs -= this.#workingSinceMs - startMs;
  }
}
