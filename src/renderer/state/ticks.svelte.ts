/** @file Which alerts of a list are chosen: those that were ticked, or all that match but for some that were ticked off. */
import { SvelteSet } from 'svelte/reactivity';

export class Ticks {
  readonly ticked = new SvelteSet<string>();
  /** All that match are chosen, those ticked off excepted. */
  isAll = $state(false);
  readonly except = new SvelteSet<string>();
  readonly isMany = $derived(this.isAll || this.ticked.size > 0);

  has(id: string): boolean {
    return this.isAll ? !this.except.has(id) : this.ticked.has(id);
  }

  flip(id: string): void {
    const set = this.isAll ? this.except : this.ticked;
    if (!set.delete(id)) set.add(id);
  }

  add(id: string): void {
    if (this.isAll) this.except.delete(id);
    else this.ticked.add(id);
  }

  /** Loaded or not. */
  all(): void {
    this.clear();
    this.isAll = true;
  }

  clear(): void {
    this.isAll = false;
    this.ticked.clear();
    this.except.clear();
  }
}
