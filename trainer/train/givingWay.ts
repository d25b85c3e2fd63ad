/** @file A run stands still for a moment when the analyst acts, so that the next alert is painted as if nothing ran; never for most of the time. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** For each millisecond of work so many may be stood still: however fast verdicts come, a fifth of the time is left to training. */
const restPerWork = 4;
const mostSavedMs = 2000;
/**
 * Until an alert is painted after a verdict. A step that must be made all the same is made right behind that: verdicts a tenth of a second apart then
 * find the processor free, where steps at any time would meet many of them. What that takes longer is made up for by the steps after it.
 */
const paintMs = 50;
const justPaintedMs = 10;
const mostLateMs = 300;
const lookMs = 5;

export type Clock = { now: () => number; sleep: (ms: number, signal: AbortSignal) => Promise<void> };

const wallClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

export class GivingWay {
  readonly #clock: Clock;
  #askedMs = -Infinity;
  #untilMs = -Infinity;
  #savedMs = mostSavedMs;
  #workingSinceMs: number;

  constructor(clock = wallClock) {
    this.#clock = clock;
    this.#workingSinceMs = clock.now();
  }

  ask(forMs: number): void {
    this.#askedMs = this.#clock.now();
    this.#untilMs = Math.max(this.#untilMs, this.#askedMs + forMs);
  }

  /** Called by the run between steps: returns when nobody needs the way, what was saved up is used up, or `signal` fires. */
  async pass(signal: AbortSignal): Promise<void> {
    const startMs = this.#clock.now();
    this.#savedMs = Math.min(mostSavedMs, this.#savedMs + restPerWork * (startMs - this.#workingSinceMs));
    // While it stands still it may be asked again.
    for (;;) {
      const nowMs = this.#clock.now();
      const neededMs = this.#untilMs - nowMs;
      // A timer has no finer steps.
      if (neededMs < 1 || signal.aborted) break;
      const waitMs = this.#waitMs(nowMs, this.#savedMs - (nowMs - startMs));
      if (waitMs < 1) break;
      await this.#clock.sleep(Math.min(neededMs, waitMs), signal);
    }
    this.#workingSinceMs = this.#clock.now();
    this.#savedMs -= this.#workingSinceMs - startMs;
  }

  /** While what was saved up lasts, and from then on until an alert was just painted; behind that what is owed is worked in a row. */
  #waitMs(nowMs: number, savedMs: number): number {
    if (savedMs >= 1) return savedMs;
    if (savedMs <= -mostLateMs) return 0;
    const sincePaintedMs = nowMs - this.#askedMs - paintMs;
    if (sincePaintedMs <= -1) return -sincePaintedMs;
    return sincePaintedMs < justPaintedMs - savedMs / restPerWork ? 0 : lookMs;
  }
}
