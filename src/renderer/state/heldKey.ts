/** @file A verdict key that was struck before its alert could be read: it waits for the line, and for no other. */
import type { AlertRow } from '../../shared/alerts.ts';
import type { VerdictValue } from '../../shared/verdicts.ts';

/** A key waits so long for the line that it was struck on; what comes later finds the analyst elsewhere. */
const holdMs = 3000;

/** How a key that was held ends: it decides, or it is refused, in these words. */
export type HeldEnd = { decides: VerdictValue } | { refusal: string };
type Held = { row: AlertRow; value: VerdictValue; timer: ReturnType<typeof setTimeout>; end: (end: HeldEnd) => void };

export class HeldKey {
  #held: Held | null = null;

  /** The alert that a key waits for. */
  get row(): AlertRow | null {
    return this.#held?.row ?? null;
  }

  /** Resolves with what `ended` makes of its end, which is begun at that moment. */
  hold(row: AlertRow, value: VerdictValue, ended: (end: HeldEnd) => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.drop(), holdMs);
      this.#held = { row, value, timer, end: (end) => void ended(end).then(resolve, reject) };
    });
  }

  /** This line can be read now, with `selectedId` in view. */
  lineShown(alertId: string, selectedId: string | null): void {
    const held = this.#held;
    if (!held) return;
    if (selectedId !== held.row.id) this.drop();
    else if (alertId === held.row.id) this.#end({ decides: held.value });
  }

  /** The key that waits decides nothing any more. */
  drop(): void {
    this.#end({ refusal: `The line of A-${this.#held?.row.number} was not shown in time.` });
  }

  /** False: none waits. */
  takeBack(): boolean {
    const held = this.#held;
    if (held) this.#end({ refusal: `The key for A-${held.row.number} was taken back.` });
    return held !== null;
  }

  #end(end: HeldEnd): void {
    const held = this.#held;
    if (!held) return;
    clearTimeout(held.timer);
    this.#held = null;
    held.end(end);
  }
}
