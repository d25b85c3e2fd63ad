/**
 * @file When verdicts are learned from: the first at once, those right behind it together, and while they keep coming with rests in between. Each time
 * all that stand are read, so one that waits stands for all that are asked for.
 */

/** Verdicts that follow one within so long are learned from together. */
export const gatherMs = 500;
/** While verdicts keep coming, learning rests so many times as long as it took: of many alerts it holds up the store, and with it the next line. */
export const restPerWork = 4;

export class Gathering {
  /** Does what it is given when what was asked for before is done. */
  readonly #inTurn: (work: () => Promise<void>) => Promise<void>;
  readonly #learn: () => Promise<void>;
  readonly #ended: (error: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** In turn, and not begun. */
  #isWaiting = false;
  #isLearning = false;
  /** While one is learned: it rests from its end on. */
  #isWantedAgain = false;
  #lastAt = -Infinity;
  /** The last learning. */
  #tookMs = 0;

  /** `ended` hears of each learning: with what it threw, or undefined. */
  constructor(parts: {
    inTurn: (work: () => Promise<void>) => Promise<void>;
    learn: () => Promise<void>;
    ended: (error: unknown) => void;
  }) {
    this.#inTurn = parts.inTurn;
    this.#learn = parts.learn;
    this.#ended = parts.ended;
  }

  want(): void {
    if (this.#timer || this.#isWaiting) return;
    if (this.#isLearning) {
      this.#isWantedAgain = true;
      return;
    }
    const restMs = Math.max(gatherMs, restPerWork * this.#tookMs);
    this.#timer = setTimeout(() => this.#begin(), Math.max(0, this.#lastAt + restMs - performance.now()));
  }

  /** What is wanted rests no longer. */
  hurry(): void {
    if (this.#timer || this.#isWantedAgain) this.#begin();
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isWantedAgain = false;
    this.#isWaiting = true;
    void this.#inTurn(async () => {
      this.#isWaiting = false;
      this.#isLearning = true;
      const start = performance.now();
      try {
        await this.#learn();
      } finally {
        this.#lastAt = performance.now();
        this.#tookMs = this.#lastAt - start;
        this.#isLearning = false;
        if (this.#isWantedAgain) {
          this.#isWantedAgain = false;
          this.want();
        }
      }
    }).then(() => this.#ended(undefined), this.#ended);
  }
}
