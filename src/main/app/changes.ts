/** @file Tells every window what changed: all of it, or the alerts alone. Verdicts in a row are told of together, behind the last of them. */
import type { Status } from '../../shared/workspace.ts';
import { forStderr } from '../../shared/errors.ts';
import type { EventBus } from './eventBus.ts';
import type { Services } from './services.ts';
import { SevereArrivalsSince } from './severe.ts';
import { currentThreshold } from './thresholdInForce.ts';

/** An answer says itself what it changed; what else there is to tell does not stand in the way of the next alert. */
const restMs = 200;
/** As long as verdicts come without a rest. */
const mostWaitMs = 1000;

type Parts = {
  services: Services;
  bus: EventBus;
  status: () => Promise<Status>;
  /** Hears of each change that was told. */
  noteChange: () => void;
};

export class Changes {
  readonly #parts: Parts;
  readonly #severe: SevereArrivalsSince;
  #soon: { timer: ReturnType<typeof setTimeout>; since: number } | null = null;
  #isClosed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#severe = new SevereArrivalsSince(parts.services);
  }

  /** What was there before is no news. */
  open(): void {
    void this.safely(async () => void (await this.#severe.take()));
  }

  /** Of anything. */
  readonly all = (): Promise<void> =>
    this.safely(async () => {
      const { bus, services } = this.#parts;
      const { sources, models, cases } = await services.store.call('totals', undefined);
      bus.publish('sources.changed', { count: sources });
      bus.publish('models.changed', { count: models });
      bus.publish('cases.changed', { count: cases });
      await this.#tellAlerts();
    });

  /** Of alerts that were decided, folded or moved, and nothing besides. */
  readonly alerts = (): Promise<void> => this.safely(() => this.#tellAlerts());

  /** The same, when there was a rest. */
  alertsSoon(): void {
    const since = this.#soon?.since ?? performance.now();
    clearTimeout(this.#soon?.timer);
    const waitMs = Math.max(0, Math.min(restMs, since + mostWaitMs - performance.now()));
    this.#soon = { since, timer: setTimeout(() => void this.alerts(), waitMs) };
  }

  readonly status = (): Promise<void> =>
    this.safely(async () => this.#parts.bus.publish('status.changed', await this.#parts.status()));

  /** What goes wrong while telling is told on stderr; while the app closes, that it could not be told is no news. */
  async safely(telling: () => Promise<void>): Promise<void> {
    if (this.#isClosed) return;
    try {
      await telling();
    } catch (error) {
      if (!this.#isClosed) console.error('What changed could not be told:', forStderr(error));
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#soon?.timer);
  }

  async #tellAlerts(): Promise<void> {
    clearTimeout(this.#soon?.timer);
    this.#soon = null;
    const { services, bus, status, noteChange } = this.#parts;
    const threshold = await currentThreshold(services);
    bus.publish('alerts.changed', {
      counts: await services.store.call('alert_counts', { minScore: threshold?.score ?? 0 }),
    });
    const arrived = await this.#severe.take();
    // Each is news of its own: none may take the place of another.
    if (arrived) bus.publish('alerts.severe', arrived, services.host.newId());
    bus.publish('status.changed', await status());
    noteChange();
  }
}
