/** @file A value that was picked, and what is done with it: include, exclude, only, group, find what is alike, copy. */
import type { AlertRow } from '../../shared/domain.ts';
import type { Entity } from '../../shared/lines.ts';
import { excludeValue, includeValue, onlyValue } from '../../shared/filter/edit.ts';
import type { AlertValue } from '../lib/alertValues.ts';
import { valuesOf } from '../lib/alertValues.ts';
import { copyText } from '../lib/clipboard.ts';
import type { Notices } from './notices.svelte.ts';
import type { QueueState } from './queue.svelte.ts';

export type PickPlace = { x: number; y: number };

export class PickingState {
  row = $state.raw<AlertRow | null>(null);
  /** Null: it is still being chosen, among those of the row. */
  value = $state.raw<AlertValue | null>(null);
  /** Where the menu opens; null: in the middle of the list. */
  place = $state.raw<PickPlace | null>(null);
  /** Set by who has a page of an entity. */
  openEntity: ((entity: Entity) => void) | null = null;
  readonly #queue: QueueState;
  readonly #notices: Notices;

  constructor(queue: QueueState, notices: Notices) {
    this.#queue = queue;
    this.#notices = notices;
  }

  get values(): AlertValue[] {
    return this.row ? valuesOf(this.row) : [];
  }

  begin(row: AlertRow, value: AlertValue | null, place: PickPlace | null): void {
    this.row = row;
    this.value = value;
    this.place = place;
  }

  end(): void {
    this.row = null;
    this.value = null;
  }

  include(): Promise<void> {
    return this.#filter((value) => includeValue(this.#queue.filter, value.picked));
  }

  exclude(): Promise<void> {
    return this.#filter((value) => excludeValue(this.#queue.filter, value.picked));
  }

  only(): Promise<void> {
    return this.#filter((value) => onlyValue(value.picked));
  }

  group(): Promise<void> {
    const group = this.value?.group ?? null;
    this.end();
    return group === null ? Promise.resolve() : this.#queue.setView({ group });
  }

  /** Everything alike, whatever became of it. */
  similar(): Promise<void> {
    const row = this.row;
    this.end();
    if (!row) return Promise.resolve();
    const filter = onlyValue({ field: 'signature', value: row.signature });
    return this.#queue.setView({ tab: 'all', filter, group: null });
  }

  async copy(): Promise<void> {
    const text = this.value?.text ?? '';
    this.end();
    await copyText(text);
    this.#notices.tell('Value copied.');
  }

  async #filter(change: (value: AlertValue) => string): Promise<void> {
    const { value } = this;
    this.end();
    if (value) await this.#queue.setView({ filter: change(value) });
  }
}
