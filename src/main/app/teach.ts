/** @file A verdict is durable first and acts at once: alerts alike fold under it, then the threshold is fitted again. */
import type { AlertCounts, VerdictEffect, VerdictValue } from '../../shared/domain.ts';
import { counted } from './words.ts';
import type { Services } from './services.ts';
import { currentThreshold, type Thresholds } from './thresholds.ts';

const dayMs = 86_400_000;
/** A false alarm hides its like for four weeks; then the analyst is asked again. */
export const foldDays = 28;

export class Teaching {
  readonly #services: Services;
  readonly #thresholds: Thresholds;
  #isSaved = true;

  constructor(services: Services, thresholds: Thresholds) {
    this.#services = services;
    this.#thresholds = thresholds;
  }

  /** False since a verdict could not be written, until one can. */
  get isSaved(): boolean {
    return this.#isSaved;
  }

  async give(alertId: string, value: VerdictValue, note: string): Promise<VerdictEffect> {
    const { host } = this.#services;
    const threshold = await currentThreshold(this.#services);
    const actor = await this.#services.actor();
    // What was a threat once is shown when it comes again; what was none stays folded for a while.
    const foldsAhead = value !== 'undetermined' && value !== 'true_positive';
    const foldExpiresAt = foldsAhead ? actor.at + foldDays * dayMs : null;
    const { verdict, foldedCount, counts } = await this.#saved(
      this.#services.store.call('give_verdict', {
        verdictId: host.newId(),
        alertId,
        value,
        note,
        analyst: actor.analyst,
        givenAt: actor.at,
        foldExpiresAt,
        folds: value !== 'undetermined',
        minScore: threshold?.score ?? 0,
      }),
    );
    this.#thresholds.refit();
    return { verdict, foldedCount, foldExpiresAt, counts };
  }

  async takeBack(direction: 'undo' | 'redo'): Promise<{ alertId: string; counts: AlertCounts; text: string } | null> {
    const threshold = await currentThreshold(this.#services);
    const input = { actor: await this.#services.actor(), minScore: threshold?.score ?? 0 };
    const method = direction === 'undo' ? 'undo_verdict' : 'redo_verdict';
    const outcome = await this.#saved(this.#services.store.call(method, input));
    if (!outcome) return null;
    this.#thresholds.refit();
    const [what, then] = direction === 'undo' ? ['taken back', 'open again'] : ['put back', 'folded again'];
    const folds = outcome.foldedCount > 0 ? `, ${counted(outcome.foldedCount, 'alike', 'alike')} ${then}` : '';
    return { alertId: outcome.verdict.alertId, counts: outcome.counts, text: `Verdict ${what}${folds}.` };
  }

  async #saved<T>(write: Promise<T>): Promise<T> {
    try {
      const result = await write;
      this.#isSaved = true;
      return result;
    } catch (error) {
      if ((error as { code?: string }).code?.startsWith('STORE_')) this.#isSaved = false;
      throw error;
    }
  }
}
