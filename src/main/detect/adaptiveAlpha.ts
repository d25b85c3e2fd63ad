/**
 * @file Keeps the rate of alarms at the one that was asked for while a log drifts slowly: adaptive conformal inference (Gibbs and Candès
 * 2106.00170) on the threshold's own scale, -log10 p (as the quantile tracking of Angelopoulos et al. 2307.16895). On the scale of p itself one
 * alarm at a rate of 0.0002 would move it by 25 times the rate, and shut it for five thousand events.
 */

/** What one alarm raises it by. */
export const gamma = 0.005;
/**
 * A flood of alarms, which may be an attack, raises the threshold tenfold at most; a silence lowers it by half at most. What goes further is no
 * slow drift: that is for ADWIN to notice, and for a person to judge.
 */
const mostRaised = 1;
const mostLowered = 0.3;

export type AdaptiveAlphaState = {
  /** Added to the threshold, in -log10 p. */
  shift: number;
};

const within = (shift: number): number => Math.min(mostRaised, Math.max(-mostLowered, shift));

export class AdaptiveAlpha {
  readonly #score: number;
  readonly #rate: number;
  /** Where it would be if nothing were in doubt. */
  #certain: number;
  /** What alarms in doubt would raise it by. */
  #doubtful = 0;

  /** `score`: -log10 p of the budget, what is to be kept. */
  constructor(score: number, state: AdaptiveAlphaState = { shift: 0 }) {
    this.#score = score;
    this.#rate = 10 ** -score;
    this.#certain = state.shift;
  }

  /** -log10 p at which the next row alerts. */
  get threshold(): number {
    return this.#score + this.state.shift;
  }

  get state(): AdaptiveAlphaState {
    return { shift: this.#certain < 0 ? Math.min(0, this.#certain + this.#doubtful) : this.#certain };
  }

  /**
   * Takes note of a row with this -log10 p; true: it alerts. An alarm that may not be taken as normal is in doubt: chance explains as many as were
   * asked for, so it brings back what silence took, and raises nothing above what was calibrated.
   */
  update(score: number, isInDoubt = false): boolean {
    const isAlarm = score >= this.threshold;
    if (isAlarm && isInDoubt) this.#doubtful += gamma;
    this.#certain = within(this.#certain + gamma * ((isAlarm && !isInDoubt ? 1 : 0) - this.#rate));
    return isAlarm;
  }

  /** So many alarms are in doubt no more. */
  settle(alarms: number, areNormal: boolean): void {
    this.#doubtful = Math.max(0, this.#doubtful - gamma * alarms);
    if (areNormal) this.#certain = within(this.#certain + gamma * alarms);
  }
}
