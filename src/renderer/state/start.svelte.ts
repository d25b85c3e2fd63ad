/** @file Whether the workspace is open, why not where it is not, and the ways on: trying again, going back to a backup. */
import type { StartState } from '../../shared/workspace.ts';
import type { Transport } from '../transport/transport.ts';
import { messageOf } from './problems.ts';

export type StartProblem = Exclude<StartState, { state: 'open' }>;

export class Start {
  /** Null: open, or not asked yet. */
  problem = $state.raw<StartProblem | null>(null);
  /** The analyst looks at the damage of a workspace that is open. */
  isShown = $state(false);
  isBusy = $state(false);
  /** Why the last try did not work. */
  error = $state<string | null>(null);
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** True when there is an app to load. */
  async check(): Promise<boolean> {
    this.accept(await this.#transport.request('start.get', {}));
    return this.problem?.state !== 'blocked';
  }

  /** Gives whether everything on screen may be from another database now. */
  accept(state: StartState): boolean {
    const was = this.problem;
    this.problem = state.state === 'open' ? null : state;
    if (this.problem === null) this.isShown = false;
    return was !== null && this.problem === null;
  }

  retry(): Promise<void> {
    return this.#try(() => this.#transport.request('start.retry', {}));
  }

  restore(name: string): Promise<void> {
    return this.#try(() => this.#transport.request('start.restore', { name }));
  }

  /** That it opened, the host tells by an event: to every window alike. */
  async #try(ask: () => Promise<StartState>): Promise<void> {
    this.isBusy = true;
    this.error = null;
    try {
      const state = await ask();
      if (state.state !== 'open') this.accept(state);
    } catch (error) {
      this.error = messageOf(error);
    } finally {
      this.isBusy = false;
    }
  }
}
