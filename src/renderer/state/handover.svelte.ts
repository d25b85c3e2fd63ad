/** @file The report of a span of time: which span, what is taken out of it, how it looks, and the note that is left to the next shift. */
import { SvelteSet } from 'svelte/reactivity';
import type { PeriodFormat, PeriodKind, Span } from '../../shared/period.ts';
import type { RouteInput, RouteOutput } from '../../shared/routes.ts';
import type { Transport } from '../transport/transport.ts';
import { Remote } from './remote.svelte.ts';

export type PeriodPreview = RouteOutput<'periods.preview'>;

export class HandoverState {
  readonly preview: Remote<PeriodPreview>;
  /** Ends now; null: `own` is asked for. */
  kind = $state<PeriodKind | null>('shift-8');
  own = $state.raw<Span | null>(null);
  isPersonalTakenOut = $state(false);
  /** Keys of observables. */
  readonly takenOut = new SvelteSet<string>();
  /** What is typed and not yet left. */
  draft = $state('');
  readonly #transport: Transport;
  readonly #zone: () => string;

  constructor(transport: Transport, zone: () => string) {
    this.#transport = transport;
    this.#zone = zone;
    this.preview = new Remote(() => transport.request('periods.preview', this.#options()));
  }

  /** The span in view. */
  get span(): Span | null {
    return this.kind === null ? this.own : (this.preview.value?.span ?? null);
  }

  setKind(kind: PeriodKind): Promise<void> {
    this.kind = kind;
    return this.preview.load();
  }

  setSpan(span: Span): Promise<void> {
    [this.kind, this.own] = [null, span];
    return this.preview.load();
  }

  /** The span before the one in view, or after it, as long. */
  move(by: -1 | 1): Promise<void> {
    const { span } = this;
    if (!span) return Promise.resolve();
    const lengthMs = span.to - span.from;
    return this.setSpan({ from: span.from + by * lengthMs, to: span.to + by * lengthMs });
  }

  takeOutPersonal(isTakenOut: boolean): Promise<void> {
    this.isPersonalTakenOut = isTakenOut;
    return this.preview.load();
  }

  toggleTakenOut(key: string): Promise<void> {
    if (!this.takenOut.delete(key)) this.takenOut.add(key);
    return this.preview.load();
  }

  async leaveNote(text: string): Promise<void> {
    await this.#transport.request('periods.leave_note', { text });
    await this.preview.load();
  }

  export(format: PeriodFormat): Promise<RouteOutput<'periods.export'>> {
    return this.#transport.request('periods.export', { format, ...this.#options() });
  }

  #options(): RouteInput<'periods.preview'> {
    const redaction = { observables: [...this.takenOut], personal: this.isPersonalTakenOut };
    const period = this.kind === null && this.own ? this.own : { kind: this.kind ?? ('shift-8' as const) };
    return { period, zone: this.#zone(), redaction };
  }
}
