/**
 * @file Keeps the rate of alarms at the one that was asked for while a log drifts slowly: adaptive conformal inference (Gibbs and Candès
 * 2106.00170) on the threshold's own scale, -log10 p (as the quantile tracking of Angelopoulos et al. 2307.16895). On the scale of p itself one
 * alarm at a rate of 0.0002 would move it by 25 times the rate, and shut it for five thousand events.
 */

const gamma = 0.005;
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

export class AdaptiveAlpha {
  readonly #score: number;
  readonly #rate: number;
  #shift: number;

  /** `score`: -log10 p of the budget, what is to be kept. */
  constructor(score: number, state: AdaptiveAlphaState = { shift: 0 }) {
    this.#score = score;
    this.#rate = 10 ** -score;
    this.#shift = state.shift;
  }

  /** -log10 p at which the next row alerts. */
  get threshold(): number {
    return this.#score + this.#shift;
  }

  get state(): AdaptiveAlphaState {
    return { shift: this.#shift };
  }

  /** Takes note of a row with this -log10 p; true: it alerts. */
  update(score: number): boolean {
    const isAlarm = score >= this.threshold;
    const shift = this.#shift + gamma * ((isAlarm ? 1 : 0) - this.#rate);
    this.#shift = Math.min(mostRaised, Math.max(-mostLowered, shift));
    return isAlarm;
  }
}
