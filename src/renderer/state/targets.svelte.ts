/** @file What an action in the queue would be done to: what is ticked, the group in view, or the alert in view. */
import type { AlertSelection } from '../../shared/actions.ts';
import type { QueueState } from './queue.svelte.ts';
import { Ticks } from './ticks.svelte.ts';

type Chosen = Pick<QueueState, 'list' | 'selected' | 'selectedId' | 'selectedGroup' | 'query' | 'groups' | 'move'>;

export class Targets {
  readonly ticks = new Ticks();
  readonly #queue: Chosen;
  /** Alerts that it would be done to. */
  readonly count = $derived.by(() => {
    const { isAll, except, ticked } = this.ticks;
    const { list, selected, selectedGroup } = this.#queue;
    if (isAll) return Math.max(0, list.total - except.size);
    if (ticked.size > 0) return ticked.size;
    return selectedGroup?.count ?? (selected ? 1 : 0);
  });

  constructor(queue: Chosen) {
    this.#queue = queue;
  }

  /** Null: nothing. */
  selection(): AlertSelection | null {
    const { isAll, except, ticked } = this.ticks;
    const { query, selected, selectedGroup, groups } = this.#queue;
    if (isAll) return { kind: 'query', query, except: [...except] };
    if (ticked.size > 0) return { kind: 'ids', ids: [...ticked].filter((id) => !this.#isQuestion(id)) };
    if (selectedGroup) return { kind: 'query', query: groups.queryOf(selectedGroup, query), except: [] };
    return selected ? { kind: 'ids', ids: [selected.id] } : null;
  }

  /** All that match, loaded or not. */
  tickAll(): void {
    this.ticks.clear();
    if (this.#queue.list.total > 0) this.ticks.all();
  }

  /** Ticks what is gone over. */
  async extend(step: number): Promise<void> {
    this.#tickSelected();
    await this.#queue.move(step);
    this.#tickSelected();
  }

  #tickSelected(): void {
    const { selectedId, selectedGroup } = this.#queue;
    if (selectedId !== null && !selectedGroup) this.ticks.add(selectedId);
  }

  /** A blind question is answered by itself. */
  #isQuestion(id: string): boolean {
    const { list } = this.#queue;
    return list.rowAt(list.indexOf(id))?.asked?.why === 'again';
  }
}
