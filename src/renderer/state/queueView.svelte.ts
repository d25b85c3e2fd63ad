/** @file Which list of alerts is looked at, in which order and groups, and how it looks: kept by the browser, so that the next day begins with it. */
import type { GroupField, QueueOrder, QueueTab } from '../../shared/alertLists.ts';
import { recallQueue, rememberQueue, type ColumnName, type Density } from './queueMemory.ts';

export type ListChoice = { tab: QueueTab; filter: string; order: QueueOrder; group: GroupField | null };

export class QueueView {
  tab = $state<QueueTab>('open');
  /** In force; what is being typed is the filter line's. */
  filter = $state('');
  order = $state<QueueOrder>('severity');
  group = $state<GroupField | null>(null);
  columns = $state.raw<readonly ColumnName[]>([]);
  density = $state<Density>('normal');
  hasHistogram = $state(true);

  constructor() {
    Object.assign(this, recallQueue());
  }

  /** Gives whether rows of the list before have no place in the one that was chosen. */
  choose(choice: Partial<ListChoice>): boolean {
    const isOther = choice.tab !== undefined && choice.tab !== this.tab;
    const isRegrouped = choice.group !== undefined && choice.group !== this.group;
    Object.assign(this, choice);
    // It has an order of its own.
    if (this.tab === 'teach') this.group = null;
    this.remember();
    return isOther || isRegrouped;
  }

  remember(): void {
    const { tab, filter, order, group, columns, density, hasHistogram } = this;
    rememberQueue({ tab, filter, order, group, columns: [...columns], density, hasHistogram });
  }
}
