/** @file What would become of the alerts that are kept: which appear, vanish and move, and which verdicts that would contradict. */
import type { ReplayDiff, ReplayedAlert } from '../../../shared/retraining.ts';
import { severityOf } from '../../detect/severity.ts';
import type { Replayed } from './replay.ts';

/** Of each list so many are kept, the largest change first. */
const mostListed = 50;

export type Thresholds = { before: number; after: number };

export class DiffGatherer {
  readonly #thresholds: Thresholds;
  readonly #appear = new Largest();
  readonly #vanish = new Largest();
  readonly #move = new Largest();
  readonly #lost = new Largest();
  readonly #raisedAgain = new Largest();
  readonly #shown = { before: 0, after: 0 };
  readonly #falseAlarms = { before: 0, after: 0 };

  constructor(thresholds: Thresholds) {
    this.#thresholds = thresholds;
  }

  add({ alert, after }: Replayed): void {
    const { before: threshold, after: thresholdAfter } = this.#thresholds;
    const { id: alertId, number, title, score: before, verdict } = alert;
    const [wasShown, isShown] = [before >= threshold, after >= thresholdAfter];
    if (wasShown) this.#shown.before++;
    if (isShown) this.#shown.after++;
    const one: ReplayedAlert = { alertId, number, title, before, after, verdict };
    if (isShown && !wasShown) this.#appear.add(one);
    if (wasShown && !isShown) this.#vanish.add(one);
    if (wasShown && isShown && severityOf(before, threshold) !== severityOf(after, thresholdAfter)) this.#move.add(one);
    if (verdict === 'true_positive' && wasShown && !isShown) this.#lost.add(one);
    if (verdict !== 'false_positive_logic' && verdict !== 'false_positive_data') return;
    if (wasShown) this.#falseAlarms.before++;
    if (isShown) this.#falseAlarms.after++;
    if (isShown && !wasShown) this.#raisedAgain.add(one);
  }

  finish(run: Pick<ReplayDiff, 'alerts' | 'distinctWindows' | 'elapsedMs'>): ReplayDiff {
    return {
      ...run,
      shownBefore: this.#shown.before,
      shownAfter: this.#shown.after,
      appear: this.#appear.list(),
      vanish: this.#vanish.list(),
      move: this.#move.list(),
      lost: this.#lost.list(),
      raisedAgain: this.#raisedAgain.list(),
      falseAlarms: this.#falseAlarms,
    };
  }
}

class Largest {
  #count = 0;
  #first: ReplayedAlert[] = [];

  add(one: ReplayedAlert): void {
    this.#count++;
    this.#first.push(one);
    if (this.#first.length >= 2 * mostListed) this.#cut();
  }

  list(): { count: number; first: ReplayedAlert[] } {
    this.#cut();
    return { count: this.#count, first: this.#first };
  }

  #cut(): void {
    const change = ({ before, after }: ReplayedAlert): number => Math.abs(after - before);
    this.#first.sort((a, b) => change(b) - change(a) || a.number - b.number);
    this.#first = this.#first.slice(0, mostListed);
  }
}
