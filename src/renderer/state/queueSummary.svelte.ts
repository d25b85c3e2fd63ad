/**
 * @file The list of alerts as a whole: how long it is, where its pages end, how it lies in time. It takes the host longer than a page does, and is
 * looked at behind all that a key waits for. Rows that are loaded stay.
 */
import type { AlertQuery, AlertSummary, QueueOrder } from '../../shared/alertLists.ts';
import { pageSize, pagesOf, type Page } from '../lib/alertPages.ts';
import type { Transport } from '../transport/transport.ts';
import type { QueuePages } from './queuePages.svelte.ts';

/** It is looked at again when nothing has changed for so long. */
const restMs = 1500;

type Parts = {
  transport: Transport;
  pages: QueuePages;
  /** Which list it is now. */
  asked: () => { query: AlertQuery; order: QueueOrder };
  /** Taken before it is asked for; what this gives says whether the answer is still of the list on screen. */
  watch: () => () => boolean;
  /** A verdict is on its way: the host's list is not the one on screen. */
  isAhead: () => boolean;
  /** What is looked at, which is loaded first. */
  place: () => string | null;
  failed: (error: unknown) => void;
};

export class QueueSummary {
  histogram = $state.raw<AlertSummary['histogram']>(null);
  readonly #parts: Parts;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The pages of the whole list, none of them loaded; null: another list took its place. */
  async askPages(): Promise<Page[] | null> {
    const isCurrent = this.#parts.watch();
    const { histogram, marks, total } = await this.#ask();
    if (!isCurrent()) return null;
    this.histogram = histogram;
    return pagesOf(marks, total);
  }

  /** Where this is still the list when it rests. */
  lookSoon(): void {
    clearTimeout(this.#timer);
    const isCurrent = this.#parts.watch();
    this.#timer = setTimeout(() => {
      if (isCurrent()) void this.look();
    }, restMs);
  }

  /** Does not reject: what went wrong is told where this is still the list. */
  async look(): Promise<void> {
    clearTimeout(this.#timer);
    const { pages, place, isAhead, watch, failed } = this.#parts;
    const isCurrent = watch();
    try {
      const { histogram, marks, total } = await this.#ask();
      if (!isCurrent() || isAhead()) return;
      this.histogram = histogram;
      await pages.divide(pagesOf(marks, total), place() ?? undefined);
      if (isCurrent()) void pages.fill().catch(failed);
    } catch (error) {
      if (isCurrent()) failed(error);
    }
  }

  #ask(): Promise<AlertSummary> {
    const { query, order } = this.#parts.asked();
    return this.#parts.transport.request('alerts.summary', { ...query, order, pageSize });
  }
}
