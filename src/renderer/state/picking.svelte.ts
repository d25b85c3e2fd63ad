/** @file A value that was picked, and what is done with it: include, exclude, only, group, find what is alike, copy. */
import type { AlertDetail, AlertRow } from '../../shared/alerts.ts';
import type { Entity } from '../../shared/lines.ts';
import { excludeValue, includeValue, onlyValue } from '../../shared/filter/edit.ts';
import type { AlertValue } from '../lib/alertValues.ts';
import { lineValuesOf, sessionValuesOf, valuesOf } from '../lib/alertValues.ts';
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
  /** Set by who has a page of an entity, and by who finds the lines of logs. */
  openEntity: (entity: Entity) => void = () => undefined;
  findLines: (text: string) => unknown = () => undefined;
  #detail = $state.raw<AlertDetail | null>(null);
  readonly #queue: QueueState;
  readonly #notices: Notices;

  constructor(queue: QueueState, notices: Notices) {
    this.#queue = queue;
    this.#notices = notices;
  }

  /** What can be picked, by where it stands; what is in the line and the session is known once the alert is shown. */
  get sections(): { name: string; values: AlertValue[] }[] {
    const sections = [
      { name: 'Of the alert', values: this.row ? valuesOf(this.row) : [] },
      { name: 'In the line', values: this.#detail ? lineValuesOf(this.#detail) : [] },
      { name: 'In the session', values: this.#detail ? sessionValuesOf(this.#detail) : [] },
    ];
    return sections.filter(({ values }) => values.length > 0);
  }

  /** `detail` of the row, where it is there. */
  begin(row: AlertRow, value: AlertValue | null, place: PickPlace | null, detail: AlertDetail | null = null): void {
    this.row = row;
    this.#detail = detail?.row.id === row.id ? detail : null;
    this.value = value;
    this.place = place;
  }

  end(): void {
    this.row = null;
    this.#detail = null;
    this.value = null;
  }

  include(): Promise<void> {
    return this.#filter((value) => includeValue(this.#queue.view.filter, value.picked));
  }

  exclude(): Promise<void> {
    return this.#filter((value) => excludeValue(this.#queue.view.filter, value.picked));
  }

  only(): Promise<void> {
    return this.#filter((value) => onlyValue(value.picked));
  }

  group(): Promise<void> {
    const group = this.value?.group ?? null;
    this.end();
    return group === null ? Promise.resolve() : this.#queue.setView({ group });
  }

  /** Everything alike, or that has the same part, whatever became of it. */
  similar(): Promise<void> {
    const { row, value } = this;
    this.end();
    if (!row) return Promise.resolve();
    const isPart = value !== null && value.from !== 'alert';
    const filter = onlyValue(isPart ? value.picked : { field: 'signature', value: row.signature });
    return this.#queue.setView({ tab: 'all', filter, group: null });
  }

  page(): void {
    const entity = this.value?.entity ?? null;
    this.end();
    if (entity) this.openEntity(entity);
  }

  /** Every line of any log that has it. */
  lines(): void {
    const text = this.value?.text ?? '';
    this.end();
    this.findLines(text);
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
