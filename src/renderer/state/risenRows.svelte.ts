/**
 * @file Rows that came above the analyst's place by themselves, because verdicts changed scores or the threshold: who goes on downwards would pass
 * them over without having seen them.
 */
import { SvelteSet } from 'svelte/reactivity';

/** A list: its loaded rows, where they stand now, how many there are, loaded or not; and the selected one; -1 is nowhere. */
type Placed = {
  list: { rows: readonly { id: string }[]; indexOf: (id: string) => number; rowCount: number };
  selectedId: string | null;
  selectedIndex: number;
};

export class RisenRows {
  readonly #ids = new SvelteSet<string>();

  /** Those that still stand above, the highest first. */
  above(placed: Placed): string[] {
    return this.#ids.size === 0 ? [] : idsAbove(placed).filter((id) => this.#ids.has(id));
  }

  /** Called before the list is read again; what this gives is called after it. Rows that the analyst went past meanwhile did not rise. */
  watch(look: () => Placed): () => void {
    const { list, selectedIndex } = look();
    const before = new Map(list.rows.map(({ id }) => [id, list.indexOf(id)]));
    const isWhole = list.rows.length === list.rowCount;
    return () => {
      const placed = look();
      const place = before.get(placed.selectedId ?? '') ?? selectedIndex;
      // Of a list that is loaded in part nobody knows whether a row that was not there is a new one.
      const hasRisen = (at: number | undefined): boolean => (at === undefined ? isWhole : at > place);
      for (const id of idsAbove(placed)) if (hasRisen(before.get(id))) this.#ids.add(id);
      for (const id of this.#ids) if (placed.list.indexOf(id) < 0) this.#ids.delete(id);
    };
  }

  /** The analyst looked from the top, or at another list. */
  clear(): void {
    this.#ids.clear();
  }
}

function idsAbove({ list, selectedIndex }: Placed): string[] {
  const isAbove = (at: number): boolean => at >= 0 && at < selectedIndex;
  return list.rows.flatMap(({ id }) => (isAbove(list.indexOf(id)) ? [id] : []));
}
