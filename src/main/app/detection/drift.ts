/** @file Whether a log has changed: from where on it surprises more, or less, than before, told from the p-values of its events in their order. */
import { Adwin, clippedSurprise } from '../../detect/adwin.ts';
import type { Drift } from '../../store/protocol/alerts.ts';

/** ADWIN finds what chance does not explain, however small; told is what an analyst would see. */
const leastRatio = 1.5;
/** Of a log that is shorter nothing is said. */
const leastEvents = 1000;

export class DriftWatch {
  readonly #adwin = new Adwin();
  #count = 0;
  #before: { mean: number; eventId: number } | null = null;

  /** `score`: -log10 p. Events come in the order of the log. */
  add(eventId: number, score: number): void {
    const mean = this.#adwin.mean;
    this.#count++;
    if (!this.#adwin.update(clippedSurprise(score))) return;
    // A change that goes on is one: what was before its beginning counts, unless it was hardly told.
    if (this.#before === null || !this.found) this.#before = { mean, eventId };
  }

  /** The last change, where what came since differs enough. */
  get found(): Drift | null {
    if (this.#before === null || this.#count < leastEvents) return null;
    const ratio = this.#adwin.mean / Math.max(1e-3, this.#before.mean);
    return ratio >= leastRatio || ratio <= 1 / leastRatio ? { eventId: this.#before.eventId, ratio } : null;
  }
}

export function driftText(name: string, { ratio, lineNumber }: Drift & { lineNumber: number }): string {
  const times = ratio >= 1 ? `${ratio.toFixed(1)} times as much` : `${(1 / ratio).toFixed(1)} times less`;
  return `${name} surprises ${times} from about line ${lineNumber.toLocaleString('en')} on. If that is how it is to be, learn again.`;
}
