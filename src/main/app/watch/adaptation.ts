/**
 * @file Lets the threshold follow what is followed while it changes slowly, so that the budget is kept. An abrupt change is told of and not followed:
 * whether that is normal now is for a person to say. So is what lies under an alert: it raises the threshold once it was decided to be harmless.
 * Batches move nothing: a log that somebody looks into is judged as it was asked for.
 */
import { AdaptiveAlpha, gamma } from '../../detect/adaptiveAlpha.ts';
import type { AlertSaid } from '../../store/protocol/models.ts';

/** Less is not worth a version, in -log10 p: a quarter more or fewer alerts. */
const leastMove = 0.1;
/** A move rests on as many events as the budget expects ten alarms in. */
const leastAlarms = 10;
/** Of more alerts the oldest are no longer waited for: they are as if they had not come, whatever is said of them later. */
const mostWaiting = 2000;
const isSame = (one: number, other: number): boolean => Math.abs(one - other) < 1e-9;

/** An event as it came: -log10 p, and the alert it lies under that is shown. */
export type AdaptedEvent = { score: number; alertId: string | null };

export class Adaptation {
  readonly #alpha: AdaptiveAlpha;
  readonly #budgetScore: number;
  readonly #leastEvents: number;
  #shift: number;
  #events = 0;
  /** Alarms by the alert that was not yet known to be harmless. */
  readonly #waiting = new Map<string, number>();

  /** `budgetScore`: -log10 p of the budget on the log that was learned; `shift`: by how much the threshold follows the log already. */
  constructor(budgetScore: number, shift: number) {
    this.#alpha = new AdaptiveAlpha(budgetScore, { shift });
    this.#budgetScore = budgetScore;
    this.#leastEvents = leastAlarms * 10 ** budgetScore;
    this.#shift = shift;
  }

  /** Whether another version of the threshold, as one that verdicts taught, follows the log as this does: then what waits goes on waiting. */
  goesOnFrom(budgetScore: number, shift: number): boolean {
    return isSame(budgetScore, this.#budgetScore) && isSame(shift, this.#shift);
  }

  /** Ids of alerts, of which it is to be said what they are. */
  get waiting(): string[] {
    return [...this.#waiting.keys()];
  }

  /** What does not raise the threshold, and would; null where that is nothing. */
  get leftOut(): { lines: number; undecided: number } | null {
    const lines = [...this.#waiting.values()].reduce((sum, alarms) => sum + alarms, 0);
    return lines * gamma < leastMove ? null : { lines, undecided: this.#waiting.size };
  }

  /** As they came. */
  add(events: readonly AdaptedEvent[]): void {
    for (const { score, alertId } of events) {
      if (this.#alpha.update(score, alertId !== null) && alertId !== null)
        this.#waiting.set(alertId, (this.#waiting.get(alertId) ?? 0) + 1);
    }
    this.#events += events.length;
    for (const [alertId, alarms] of this.#waiting) {
      if (this.#waiting.size <= mostWaiting) break;
      this.#waiting.delete(alertId);
      this.#alpha.settle(alarms, false);
    }
  }

  /** What is said of all that waits. What is gone is as if it had not come. */
  hear(said: readonly AlertSaid[]): void {
    const known = new Map(said.map((one) => [one.alertId, one.said]));
    for (const [alertId, alarms] of this.#waiting) {
      const of = known.get(alertId);
      if (of === 'undecided') continue;
      this.#waiting.delete(alertId);
      this.#alpha.settle(alarms, of === 'harmless');
    }
  }

  /** The shift that is due, or null. */
  due(): number | null {
    const { shift } = this.#alpha.state;
    if (this.#events < this.#leastEvents || Math.abs(shift - this.#shift) < leastMove) return null;
    this.#events = 0;
    return (this.#shift = shift);
  }
}
