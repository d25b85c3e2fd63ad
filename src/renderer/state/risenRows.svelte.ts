/**
 * @file Rows that came above the analyst's place by themselves, because verdicts changed scores or the threshold: who goes on downwards would pass
 * them over without having seen them.
 */
import { SvelteSet } from 'svelte/reactivity';

/** A list: its loaded rows, where they stand now, how many there are, loaded or not, and the selected one; -1 is nowhere. */
type Placed = {
  rows: readonly { id: string }[];
  indexOf: (id: string) => number;
  rowCount: number;
  selectedId: string | null;
  selectedIndex: number;
};

export class RisenRows {
  readonly #ids = new SvelteSet<string>();

  /** Those that still stand above, the highest first. */
  above(list: Placed): string[] {
    return this.#ids.size === 0 ? [] : idsAbove(list).filter((id) => this.#ids.has(id));
  }

  /** Called before the list is read again; what this gives is called after it. Rows that the analyst went past meanwhile did not rise. */
  watch(list: () => Placed): () => void {
    const { rows, rowCount, selectedIndex } = list();
    const before = new Map(rows.map(({ id }) => [id, list().indexOf(id)]));
    const isWhole = rows.length === rowCount;
    return () => {
      const placed = list();
      const place = before.get(placed.selectedId ?? '') ?? selectedIndex;
      // Of a list that is loaded in part nobody knows whether a row that was not there is a new one.
      const hasRisen = (at: number | undefined): boolean => (at === undefined ? isWhole : at > place);
      for (const id of idsAbove(placed)) if (hasRisen(before.get(id))) this.#ids.add(id);
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
