/**
 * @file Lets the threshold follow what is followed while it changes slowly, so that the budget is kept. An abrupt change is told of and not followed:
 * whether that is normal now is for a person to say. Batches move nothing: a log that somebody looks into is judged as it was asked for.
 */
import { AdaptiveAlpha } from '../../detect/adaptiveAlpha.ts';

/** Less is not worth a version, in -log10 p: a quarter more or fewer alerts. */
const leastMove = 0.1;
/** A move rests on as many events as the budget expects ten alarms in. */
const leastAlarms = 10;

export class Adaptation {
  readonly #alpha: AdaptiveAlpha;
  readonly #leastEvents: number;
  #shift: number;
  #events = 0;

  /** `budgetScore`: -log10 p of the budget on the log that was learned; `shift`: by how much the threshold follows the log already. */
  constructor(budgetScore: number, shift: number) {
    this.#alpha = new AdaptiveAlpha(budgetScore, { shift });
    this.#leastEvents = leastAlarms * 10 ** budgetScore;
    this.#shift = shift;
  }

  /** Of events as they came; the shift that is due, or null. */
  add(scores: readonly number[]): number | null {
    for (const score of scores) this.#alpha.update(score);
    this.#events += scores.length;
    const { shift } = this.#alpha.state;
    if (this.#events < this.#leastEvents || Math.abs(shift - this.#shift) < leastMove) return null;
    this.#events = 0;
    return (this.#shift = shift);
  }
}
