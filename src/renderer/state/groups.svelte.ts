/** @file Alerts put together by what they share: the groups of a list, and under those that are open their first alerts. */
import { SvelteSet } from 'svelte/reactivity';
import type { AlertGroup, AlertQuery, GroupField, ListOrder, QueueOrder } from '../../shared/alertLists.ts';
import type { AlertRow } from '../../shared/alerts.ts';
import type { Transport } from '../transport/transport.ts';

/** A line of the list: a group, or an alert of the group above it. */
export type GroupItem = { id: string; group: AlertGroup | null; row: AlertRow | null };

/** Shown under an open group; all of them are one key away, as a list. */
const mostShown = 50;

export class GroupsState {
  list = $state.raw<readonly AlertGroup[]>([]);
  /** With those that are not shown. */
  groupCount = $state(0);
  until = $state(0);
  readonly opened = new SvelteSet<string>();
  #members = $state.raw<ReadonlyMap<string, readonly AlertRow[]>>(new Map());
  readonly items = $derived<GroupItem[]>(
    this.list.flatMap((group): GroupItem[] => {
      const rows = this.opened.has(group.filter) ? (this.#members.get(group.filter) ?? []) : [];
      return [
        { id: groupId(group), group, row: null },
        ...rows.map((row): GroupItem => ({ id: row.id, group: null, row })),
      ];
    }),
  );
  readonly #indexes = $derived(new Map(this.items.map(({ id }, index) => [id, index])));
  readonly #transport: () => Transport;
  #query: AlertQuery | null = null;
  #order: ListOrder = 'severity';

  constructor(transport: () => Transport) {
    this.#transport = transport;
  }

  indexOf(id: string): number | undefined {
    return this.#indexes.get(id);
  }

  /** The group that is selected itself; null where an alert is. */
  groupOf(id: string | null): AlertGroup | null {
    return id === null ? null : (this.items[this.#indexes.get(id) ?? -1]?.group ?? null);
  }

  queryOf(group: AlertGroup, query: AlertQuery): AlertQuery {
    return { ...query, filter: `${query.filter} ${group.filter}`.trim() };
  }

  clear(): void {
    this.list = [];
    this.opened.clear();
  }

  async load(query: AlertQuery, order: QueueOrder, by: GroupField): Promise<void> {
    this.#query = query;
    // Of one actor, what reads least like the rest comes first.
    this.#order = by === 'actor' && order === 'severity' ? 'surprise' : order;
    const found = await this.#transport().request('alerts.groups', { ...query, order, by });
    if (this.#query !== query) return;
    const known = new Set(found.groups.map(({ filter }) => filter));
    for (const filter of this.opened) if (!known.has(filter)) this.opened.delete(filter);
    for (const group of found.groups) if (this.opened.has(group.filter)) await this.#fetch(group);
    if (this.#query !== query) return;
    this.list = found.groups;
    this.groupCount = found.groupCount;
    this.until = found.until;
  }

  async open(group: AlertGroup): Promise<void> {
    await this.#fetch(group);
    this.opened.add(group.filter);
  }

  close(group: AlertGroup): void {
    this.opened.delete(group.filter);
  }

  /** The group that an alert in the list stands under. */
  above(index: number): AlertGroup | null {
    for (let at = index; at >= 0; at--) {
      const group = this.items[at]?.group;
      if (group) return group;
    }
    return null;
  }

  async #fetch(group: AlertGroup): Promise<void> {
    const asked = this.#query;
    if (!asked) return;
    const query = this.queryOf(group, asked);
    const { rows } = await this.#transport().request('alerts.list', { ...query, order: this.#order, limit: mostShown });
    if (this.#query === asked) this.#members = new Map(this.#members).set(group.filter, rows);
  }
}

/** A group stands for its most severe alert. */
function groupId(group: AlertGroup): string {
  return `group-${group.top.id}`;
}
