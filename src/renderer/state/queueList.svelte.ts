/** @file What stands where in the queue: alerts, of which only some pages are loaded, or groups and the alerts under those that are open. */
import type { AlertGroup } from '../../shared/alertLists.ts';
import type { AlertRow } from '../../shared/alerts.ts';
import type { GroupsState } from './groups.svelte.ts';
import type { QueuePages } from './queuePages.svelte.ts';
import type { QueueView } from './queueView.svelte.ts';

export class QueueList {
  readonly #view: Pick<QueueView, 'group'>;
  readonly #pages: QueuePages;
  readonly #groups: GroupsState;
  /** Rows the list has, loaded or not, without the arrivals that wait. */
  readonly rowCount = $derived.by(() => (this.#isGrouped ? this.#groups.items.length : this.#pages.count));
  /** Alerts that are loaded, outside of groups. */
  readonly rows = $derived.by(() => this.#pages.rows);
  /** Alerts the list has, loaded or not. */
  readonly total = $derived.by(() =>
    this.#isGrouped ? this.#groups.list.reduce((sum, { count }) => sum + count, 0) : this.#pages.count,
  );

  constructor(view: Pick<QueueView, 'group'>, pages: QueuePages, groups: GroupsState) {
    this.#view = view;
    this.#pages = pages;
    this.#groups = groups;
  }

  /** -1: not loaded, or not there. */
  indexOf(id: string): number {
    return (this.#isGrouped ? this.#groups.indexOf(id) : this.#pages.indexOf(id)) ?? -1;
  }

  /** Undefined: not loaded, or not an alert. */
  rowAt(index: number): AlertRow | undefined {
    return this.#isGrouped ? (this.#groups.items[index]?.row ?? undefined) : this.#pages.rowAt(index);
  }

  groupAt(index: number): AlertGroup | null {
    return this.#isGrouped ? (this.#groups.items[index]?.group ?? null) : null;
  }

  /** Undefined: not loaded. */
  idAt(index: number): string | undefined {
    return this.#isGrouped ? this.#groups.items[index]?.id : this.#pages.rowAt(index)?.id;
  }

  clear(): void {
    this.#pages.clear();
    this.#groups.clear();
  }

  get #isGrouped(): boolean {
    return this.#view.group !== null;
  }
}
