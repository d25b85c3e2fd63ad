/**
 * @file Rows that came above the analyst's place by themselves, because verdicts changed scores or the threshold: who goes on downwards would pass
 * them over without having seen them.
 */
import { SvelteSet } from 'svelte/reactivity';

/** A list: where its rows stand now, and the selected one among them; -1 is nowhere. */
type Placed = { rows: readonly { id: string }[]; indexOf: (id: string) => number; selectedIndex: number };

export class RisenRows {
  readonly #ids = new SvelteSet<string>();

  /** Those that still stand above, the highest first. */
  above(list: Placed): string[] {
    return this.#ids.size === 0 ? [] : idsAbove(list).filter((id) => this.#ids.has(id));
  }

  /** Called before the list is read again; what this gives is called after it. */
  watch(list: () => Placed): () => void {
    const before = new Set(idsAbove(list()));
    return () => {
      const placed = list();
      for (const id of idsAbove(placed)) if (!before.has(id)) this.#ids.add(id);
      for (const id of this.#ids) if (placed.indexOf(id) < 0) this.#ids.delete(id);
    };
  }

  /** The analyst looked from the top, or at another list. */
  clear(): void {
    this.#ids.clear();
  }
}

function idsAbove(list: Placed): string[] {
  const isAbove = (at: number): boolean => at >= 0 && at < list.selectedIndex;
  return list.rows.flatMap(({ id }) => (isAbove(list.indexOf(id)) ? [id] : []));
}
