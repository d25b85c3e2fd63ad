/** @file The detail of the alert that comes next, asked for while the one before it is looked at: then it is there with the key. */
import type { AlertDetail } from '../../shared/alerts.ts';
import type { Transport } from '../transport/transport.ts';

export type Expected = { id: string; isBlind: boolean };
export type Ahead = Expected & { answer: Promise<AlertDetail>; detail: AlertDetail | null };

export class DetailAhead {
  readonly #transport: Transport;
  #ahead: Ahead | null = null;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Asks for it, and says that `viewedId` is looked at meanwhile. False: it is there or on its way, and nothing is said. What cannot be had ahead is
   * asked for again, and said, when it is looked at.
   */
  expect({ id, isBlind }: Expected, viewedId: string | null): boolean {
    if (this.#ahead?.id === id && this.#ahead.isBlind === isBlind) return false;
    const answer = this.#transport.request('alerts.get', { alertId: id, isBlind, isAhead: true, viewedId });
    const ahead: Ahead = { id, isBlind, answer, detail: null };
    this.#ahead = ahead;
    answer.then(
      (detail) => (ahead.detail = detail),
      () => this.#ahead === ahead && (this.#ahead = null),
    );
    return true;
  }

  /** Hands it over, once; without its detail where the answer is still on its way. */
  take(id: string, isBlind: boolean): Ahead | null {
    const ahead = this.#ahead;
    if (ahead?.id !== id || ahead.isBlind !== isBlind) return null;
    this.#ahead = null;
    return ahead;
  }
}
