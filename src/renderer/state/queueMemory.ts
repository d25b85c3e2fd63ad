/** @file What the queue looks like to its user, kept by the browser: the list, its filter and order, columns and density. */
import type { GroupField, QueueOrder, QueueTab } from '../../shared/alertLists.ts';
import { groupFields, queueTabs } from '../../shared/alertLists.ts';

export const columnNames = ['count', 'entity', 'seen', 'spark', 'owner', 'time'] as const;
export type ColumnName = (typeof columnNames)[number];
export type Density = 'normal' | 'dense';

export type QueueMemory = {
  tab: QueueTab;
  filter: string;
  order: QueueOrder;
  group: GroupField | null;
  columns: ColumnName[];
  density: Density;
  hasHistogram: boolean;
};

const storageKey = 'surprisal.queue';
const defaults: QueueMemory = {
  tab: 'open',
  filter: '',
  order: 'severity',
  group: null,
  columns: ['count', 'entity', 'seen', 'spark', 'time'],
  density: 'normal',
  hasHistogram: true,
};

export function recallQueue(): QueueMemory {
  try {
    const saved = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<QueueMemory>;
    const columns = Array.isArray(saved.columns) ? columnNames.filter((name) => saved.columns?.includes(name)) : null;
    return {
      tab: queueTabs.find((tab) => tab === saved.tab) ?? defaults.tab,
      filter: typeof saved.filter === 'string' ? saved.filter.slice(0, 2000) : '',
      order: saved.order === 'time' ? 'time' : 'severity',
      group: groupFields.find((field) => field === saved.group) ?? null,
      columns: columns ?? defaults.columns,
      density: saved.density === 'dense' ? 'dense' : 'normal',
      hasHistogram: saved.hasHistogram !== false,
    };
  } catch {
    return { ...defaults };
  }
}

export function rememberQueue(memory: QueueMemory): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(memory));
  } catch {
    // Storage may be switched off; the choice then lasts as long as the window.
  }
}
