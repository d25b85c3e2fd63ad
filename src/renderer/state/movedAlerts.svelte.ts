/** @file Open alerts that the threshold let in or took out a moment ago: said beside the count, so that no row comes or goes without a word. */

/** As long as a notice. */
const saidMs = 9000;

export class MovedAlerts {
  /** Below zero: taken out. */
  amount = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;

  add(amount: number): void {
    clearTimeout(this.#timer);
    this.amount += amount;
    this.#timer = setTimeout(() => (this.amount = 0), saidMs);
  }
}
