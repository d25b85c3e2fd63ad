/** @file What a language model on this machine says of the alert in view: asked for only when somebody says so, shown as it is written. */
import type { Explanation, ExplanationSettings } from '../../shared/explanations.ts';
import type { Transport } from '../transport/transport.ts';
import { messageOf } from './problems.ts';
import { Remote } from './remote.svelte.ts';

export class ExplanationState {
  isOpen = $state(false);
  /** Of any alert: the one in view is compared by who shows it. */
  shown = $state.raw<Explanation | null>(null);
  /** Why it could not be asked for. */
  error = $state<string | null>(null);
  readonly settings: Remote<ExplanationSettings>;
  readonly #transport: Transport;
  readonly #alertId: () => string | null;

  constructor(transport: Transport, alertId: () => string | null) {
    this.#transport = transport;
    this.#alertId = alertId;
    this.settings = new Remote(() => transport.request('explanations.settings', {}));
  }

  /** It goes on by itself, whoever asked. */
  accept(explanation: Explanation): void {
    if (explanation.alertId === this.#alertId()) this.shown = explanation;
  }

  /** What was shown of the alert in view is not to be seen, or may be again. */
  async forget(): Promise<void> {
    this.shown = null;
    if (this.isOpen) await this.load();
  }

  /** What is known of the alert in view; nothing is asked of the model. */
  async load(): Promise<void> {
    const alertId = this.#alertId();
    this.error = null;
    if (this.shown?.alertId !== alertId) this.shown = null;
    if (alertId === null) return;
    await this.settings.load();
    await this.#show(alertId, () => this.#transport.request('explanations.get', { alertId }));
  }

  /** Opens the section, asks where nothing was written, or closes it. */
  async toggle(): Promise<void> {
    const isHere = this.shown !== null && this.shown.alertId === this.#alertId() && this.shown.state !== 'failed';
    if (this.isOpen && (isHere || this.settings.value?.isOn === false)) {
      this.isOpen = false;
      return;
    }
    this.isOpen = true;
    await this.load();
    if (this.settings.value?.isOn === true && this.shown === null) await this.ask();
  }

  async ask(again = false): Promise<void> {
    const alertId = this.#alertId();
    if (alertId === null) return;
    this.isOpen = true;
    this.error = null;
    await this.#show(alertId, () => this.#transport.request('explanations.start', { alertId, again }));
  }

  async cancel(): Promise<void> {
    if (this.shown?.state !== 'running') return;
    await this.#transport.request('explanations.cancel', { alertId: this.shown.alertId });
  }

  /** Throws where it cannot be kept. */
  async keep(caseId: string): Promise<void> {
    if (!this.shown) return;
    this.shown = await this.#transport.request('explanations.keep', { alertId: this.shown.alertId, caseId });
  }

  /** An answer that comes after an event that is newer changes nothing. */
  async #show(alertId: string, request: () => Promise<Explanation | null>): Promise<void> {
    try {
      const before = this.shown;
      const said = await request();
      const hasMoved = this.shown !== before && this.shown?.alertId === alertId;
      if (alertId === this.#alertId() && !hasMoved && said && !this.#isOlder(said)) this.shown = said;
    } catch (error) {
      if (alertId === this.#alertId()) this.error = messageOf(error);
    }
  }

  /** What was finished before stays in the store when a later one fails or is stopped: looking again must not put it in the place of that. */
  #isOlder({ alertId, madeAt }: Explanation): boolean {
    const { shown } = this;
    if (shown?.alertId !== alertId || (shown.state !== 'failed' && shown.state !== 'stopped')) return false;
    return madeAt < shown.madeAt;
  }
}
