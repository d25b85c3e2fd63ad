/** @file New alerts that wait above a list until they are asked for, so that no row moves under the hand; and those that were let in. */
import { SvelteSet } from 'svelte/reactivity';
import type { Instant } from '../../shared/instant.ts';

export class ArrivalsState {
  waiting = $state(0);
  waitingSince = $state<Instant | null>(null);
  /** Let in a moment ago, until the list is loaded anew. */
  readonly letIn = new SvelteSet<string>();

  setWaiting(amount: number): void {
    this.waiting = amount;
    this.waitingSince = amount === 0 ? null : (this.waitingSince ?? Date.now());
  }

  /** Whoever is there stands in the list, and is no news. */
  forget(): void {
    this.letIn.clear();
    this.setWaiting(0);
  }
}
