/** @file Where a run may be made to stand still: it passes here between steps. */
import { AppError } from '../../src/shared/errors.ts';
import { GivingWay } from './givingWay.ts';

export class Gate {
  readonly givingWay = new GivingWay();
  #closed: { reached: PromiseWithResolvers<undefined>; opened: PromiseWithResolvers<undefined> } | undefined;

  /** Answers when the run has come to the gate and stands still. */
  async pause(): Promise<undefined> {
    this.#closed ??= { reached: Promise.withResolvers(), opened: Promise.withResolvers() };
    return this.#closed.reached.promise;
  }

  resume(): void {
    this.#closed?.opened.resolve(undefined);
    this.#closed = undefined;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Called by the run: returns when the gate is open or `signal` fires. `reached` is awaited before the run counts as standing still. */
  async pass(reached: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (this.#closed && !signal.aborted) {
      const closed = this.#closed;
      await reached();
      closed.reached.resolve(undefined);
      const aborted = (): void => closed.opened.resolve(undefined);
      signal.addEventListener('abort', aborted, { once: true });
      if (signal.aborted) aborted(); // while what had to be done first was done
      await closed.opened.promise;
      signal.removeEventListener('abort', aborted);
    }
  }

  /** The run is over: whoever still waits for it to stand still is told. */
  end(): void {
    this.#closed?.reached.promise.catch(() => undefined);
    this.#closed?.reached.reject(new AppError('CONFLICT', 'The training run ended before it could pause.'));
    this.resume();
  }
}
