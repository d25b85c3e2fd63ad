/** @file Notices severe alerts that came since it last looked. What was there when the app started is no news. */
import type { SevereArrivals } from '../../shared/window.ts';
import type { Services } from './services.ts';
import { currentThreshold } from './thresholdInForce.ts';

export class SevereArrivalsSince {
  readonly #services: Services;
  #lastNumber: number | null = null;
  /** One look at a time: two at once would both find the same to be news. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(services: Services) {
    this.#services = services;
  }

  /** Null where none came. The first call only finds out where it starts from. */
  take(): Promise<SevereArrivals | null> {
    const taken = this.#last.then(() => this.#take());
    this.#last = taken.catch(() => undefined);
    return taken;
  }

  async #take(): Promise<SevereArrivals | null> {
    const minScore = (await currentThreshold(this.#services))?.score ?? 0;
    const afterNumber = this.#lastNumber;
    const found = await this.#services.store.call('severe_since', { afterNumber, minScore });
    this.#lastNumber = found.lastNumber;
    return afterNumber !== null && found.critical + found.high > 0
      ? { critical: found.critical, high: found.high }
      : null;
  }
}
