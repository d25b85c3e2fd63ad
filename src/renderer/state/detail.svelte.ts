/** @file The alert in view: its detail, the lines around it, the part of the line that is walked. Only the newest wish is fetched. */
import type { AlertDetail } from '../../shared/alerts.ts';
import type { LogLine } from '../../shared/sources.ts';
import { heatSegments, mostSurprising, surprisingIndexes } from '../lib/heat.ts';
import type { Transport } from '../transport/transport.ts';
import { DetailAhead, type Ahead, type Expected } from './detailAhead.ts';
import { EvidenceState } from './evidence.svelte.ts';
import { ExplanationState } from './explanation.svelte.ts';
import { messageOf } from './problems.ts';

const contextSteps = [3, 10, 30, 100, 200] as const;
const minuteMs = 60_000;
/** Somebody who looks at an alert for so long reads it. */
const readingMs = 500;
const contextStepsMs = [10_000, minuteMs, 5 * minuteMs, 30 * minuteMs, 240 * minuteMs] as const;
export type ContextBy = 'lines' | 'time';
type Around = { before: readonly LogLine[]; after: readonly LogLine[] };

export class DetailState {
  wantedId = $state<string | null>(null);
  alert = $state.raw<AlertDetail | null>(null);
  /** The last that was there: it stays in the page, hidden, so that the next is not drawn from nothing. */
  drawn = $state.raw<AlertDetail | null>(null);
  error = $state<string | null>(null);
  /** Index into `segments`; -1 where nothing surprises. */
  walkIndex = $state(-1);
  /** So many lines of the alert's own log, or what all logs say within so long. */
  contextBy = $state<ContextBy>('lines');
  contextStep = $state(0);
  #around = $state.raw<Around | null>(null);
  /** By time: there are more lines than are shown. */
  isAroundCut = $state(false);
  isWide = $state(false);
  /** Beside the list; wide it is shown all the same. */
  isHidden = $state(false);
  readonly evidence: EvidenceState;
  readonly explanation: ExplanationState;
  readonly segments = $derived(this.drawn ? heatSegments(this.drawn.raw.text, this.drawn.raw.heat) : []);
  readonly contextLines = $derived(contextSteps[this.contextStep] ?? 3);
  readonly contextMs = $derived(contextStepsMs[this.contextStep] ?? minuteMs);
  readonly shownAround = $derived.by((): Around => {
    const { before, after } = this.#around ?? { before: [], after: [] };
    if (this.contextBy === 'time') return { before, after };
    // The detail brings the nearest with it; those are there before any are asked for.
    return { before: before.slice(-this.contextLines), after: after.slice(0, this.contextLines) };
  });
  readonly canShowMore = $derived(this.contextStep < contextSteps.length - 1);
  /** Told of each alert when what there is of it can be drawn, also where that is only why it cannot be shown. */
  onReady: (alertId: string) => void = () => undefined;
  readonly #transport: Transport;
  readonly #ahead: DetailAhead;
  /** What is waited for was asked for before it came into view. */
  #onItsWay: Ahead | null = null;
  /** The alert in view came ahead: the host does not know yet that it is looked at, and verdicts may have been given since. */
  #cameAhead = false;
  #readingTimer: ReturnType<typeof setTimeout> | undefined;
  /** Without what was said of it. */
  #isBlind = false;
  #isFetching = false;
  #isStale = false;
  #wantedAround = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.#ahead = new DetailAhead(transport);
    this.evidence = new EvidenceState(transport, () => this.wantedId);
    this.explanation = new ExplanationState(transport, () => this.wantedId);
  }

  /** Shows an alert; while one is on its way, only the last one asked for follows it. */
  async show(id: string | null, isBlind = false): Promise<void> {
    if (id === this.wantedId && isBlind === this.#isBlind) return;
    clearTimeout(this.#readingTimer);
    const ahead = id === null ? null : this.#ahead.take(id, isBlind);
    const isThere = this.alert?.row.id === id && isBlind === this.#isBlind;
    this.wantedId = id;
    if (isBlind !== this.#isBlind) void this.explanation.forget();
    this.#isBlind = isBlind;
    this.error = null;
    this.#onItsWay = ahead?.detail ? null : ahead;
    if (ahead?.detail) this.#accept(ahead.detail, true);
    else if (!isThere) this.alert = null;
    await this.#catchUp();
  }

  /**
   * The alert is on screen: one that came ahead counts as viewed from now on, and is asked for again once it is read. `next` is got ready: what comes
   * into view when this one is decided. One request says both, since after each verdict the next key waits behind it.
   */
  async painted(id: string, next: Expected | null = null): Promise<void> {
    const viewedId = this.#newlyViewed(id);
    if (next !== null && next.id !== this.wantedId && this.#ahead.expect(next, viewedId)) return;
    // What cannot be written now is written when it is read.
    if (viewedId !== null) await this.#transport.request('alerts.viewed', { alertId: viewedId }).catch(() => undefined);
  }

  /** Something about the alert in view changed: its verdicts, its cases, its folded ones. */
  async reload(): Promise<void> {
    clearTimeout(this.#readingTimer);
    this.#isStale = true;
    await this.#catchUp();
  }

  walk(step: number): void {
    const stops = surprisingIndexes(this.segments);
    if (stops.length === 0) return;
    const at = stops.indexOf(this.walkIndex);
    this.walkIndex = stops[(at + step + stops.length) % stops.length] ?? -1;
  }

  /** So many steps more of what is around, or fewer. */
  async changeContext(steps: number): Promise<void> {
    this.contextStep = Math.min(contextSteps.length - 1, Math.max(0, this.contextStep + steps));
    await this.#fetchAround();
  }

  /** Stays so for the alerts to come. */
  async setContextBy(by: ContextBy): Promise<void> {
    this.contextBy = by;
    await this.#fetchAround();
  }

  /** Null: the host knows that it is looked at. */
  #newlyViewed(id: string): string | null {
    const { alert } = this;
    if (alert?.row.id !== id || !this.#cameAhead) return null;
    this.#cameAhead = false;
    this.#readingTimer = setTimeout(() => void this.reload(), readingMs);
    // A question that is asked again was viewed when it was decided.
    return alert.row.isViewed || this.#isBlind ? null : id;
  }

  async #catchUp(): Promise<void> {
    if (this.#isFetching) return;
    this.#isFetching = true;
    while (this.wantedId !== null && (this.alert?.row.id !== this.wantedId || this.#isStale)) {
      const id = this.wantedId;
      const isBlind = this.#isBlind;
      this.#isStale = false;
      try {
        const ahead = this.#takeOnItsWay(id, isBlind);
        const alert = await (ahead ?? this.#transport.request('alerts.get', { alertId: id, isBlind }));
        if (this.wantedId === id && this.#isBlind === isBlind) this.#accept(alert, ahead !== null);
      } catch (error) {
        if (this.wantedId === id) {
          this.error = messageOf(error);
          this.onReady(id);
          break;
        }
      }
    }
    this.#isFetching = false;
  }

  #takeOnItsWay(id: string, isBlind: boolean): Promise<AlertDetail> | null {
    const coming = this.#onItsWay;
    this.#onItsWay = null;
    return coming?.id === id && coming.isBlind === isBlind ? coming.answer : null;
  }

  #accept(alert: AlertDetail, cameAhead: boolean): void {
    this.error = null;
    const isSame = this.alert?.row.id === alert.row.id;
    this.alert = alert;
    this.drawn = alert;
    if (isSame) return;
    this.#cameAhead = cameAhead;
    this.onReady(alert.row.id);
    this.walkIndex = mostSurprising(this.segments);
    this.contextStep = 0;
    this.#around = this.contextBy === 'lines' ? { before: alert.before, after: alert.after } : null;
    if (this.contextBy === 'time') void this.#fetchAround();
  }

  async #fetchAround(): Promise<void> {
    const alert = this.alert;
    if (!alert) return;
    const alertId = alert.row.id;
    const wanted = ++this.#wantedAround;
    try {
      const around =
        this.contextBy === 'lines'
          ? {
              ...(await this.#transport.request('alerts.context', { alertId, lines: this.contextLines })),
              isCut: false,
            }
          : await this.#transport.request('alerts.context_by_time', { alertId, withinMs: this.contextMs });
      if (wanted !== this.#wantedAround || this.alert?.row.id !== alertId) return;
      this.#around = around;
      this.isAroundCut = around.isCut;
      this.error = null;
    } catch (error) {
      if (wanted === this.#wantedAround && this.alert?.row.id === alertId) this.error = messageOf(error);
    }
  }
}
