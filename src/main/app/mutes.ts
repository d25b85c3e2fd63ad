/** @file Mutes as they are asked for, and the clock that ends them: what was hidden for a while is back when the while is over. */
import type { Mute } from '../../shared/actions.ts';
import { AppError, forStderr } from '../../shared/errors.ts';
import { parseFilter } from '../../shared/filter/parse.ts';
import type { ParsedInput } from '../../shared/routes.ts';
import type { BulkEffect } from '../../shared/routes/alerts.ts';
import type { Services } from './services.ts';
import { currentThreshold } from './thresholdInForce.ts';

/** A timer holds 24 days at most, and clocks are set: it is looked again at least this often. */
const longestWaitMs = 3_600_000;
const retryMs = 60_000;

export class Mutes {
  readonly #services: Services;
  readonly #changed: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(services: Services, changed: () => void) {
    this.#services = services;
    this.#changed = changed;
  }

  /** Ends what was over while the app was closed. */
  async open(): Promise<void> {
    await this.#expire().catch((error: unknown) => {
      // A full disk does not keep the app from opening.
      console.error('Mutes that are over could not be ended:', forStderr(error));
      this.#wait(retryMs);
    });
  }

  /** One may be in force again, with its end. */
  stepped(): Promise<void> {
    return this.#expire();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async add(input: ParsedInput<'mutes.add'>): Promise<{ mute: Mute } & BulkEffect> {
    const { host, store } = this.#services;
    const [problem] = parseFilter(input.filter).problems;
    if (problem) throw new AppError('BAD_REQUEST', problem.message);
    if (input.expiresAt !== null && input.expiresAt <= host.now())
      throw new AppError('BAD_REQUEST', 'That time is over already. Choose a later one.');
    const outcome = await store.call('mute_alerts', { ...input, muteId: host.newId(), ...(await this.#acting()) });
    await this.#expire();
    return outcome;
  }

  async lift(muteId: string): Promise<{ mute: Mute } & BulkEffect> {
    return this.#services.store.call('lift_mute', { muteId, ...(await this.#acting()) });
  }

  async #acting() {
    const threshold = await currentThreshold(this.#services);
    return { minScore: threshold?.score ?? 0, actor: await this.#services.actor() };
  }

  async #expire(): Promise<void> {
    const now = this.#services.host.now();
    const { released, nextEnd } = await this.#services.store.call('expire_mutes', { now });
    if (released > 0) this.#changed();
    if (nextEnd === null) clearTimeout(this.#timer);
    else this.#wait(Math.min(Math.max(0, nextEnd - now), longestWaitMs));
  }

  #wait(waitMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    // What could not be written now is tried again: nothing stays hidden beyond its end.
    this.#timer = setTimeout(() => void this.#expire().catch(() => this.#wait(retryMs)), waitMs);
    this.#timer.unref();
  }
}
