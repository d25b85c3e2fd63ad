/** @file A verdict is durable first and acts at once: alerts alike fold under it, then the threshold is refitted in the trainer process. */
import type { Threshold, VerdictEffect, VerdictValue } from '../../shared/domain.ts';
import { connectPort, type Client } from '../../shared/port.ts';
import type { TrainerMethods } from '../../shared/trainerProtocol.ts';
import type { RunningProcess } from '../host/host.ts';
import { thresholdMeaning } from '../detect/budget.ts';
import type { EventBus } from './eventBus.ts';
import type { Services } from './services.ts';
import { counted } from './words.ts';

const dayMs = 86_400_000;
/** A false alarm hides its like for four weeks; then the analyst is asked again. */
export const foldDays = 28;
/** Verdicts may move the threshold this far from the budget, in -log10 p: a factor of two in alerts. */
const maxShift = Math.log10(2);
/** Smaller moves change nothing an analyst would see. */
const minMove = 0.01;

export class Teaching {
  readonly #services: Services;
  readonly #bus: EventBus;
  readonly #changed: () => Promise<void>;
  #adapt: { process: RunningProcess; client: Client<TrainerMethods> } | undefined;
  #refit: Promise<void> = Promise.resolve();

  constructor(services: Services, bus: EventBus, changed: () => Promise<void>) {
    this.#services = services;
    this.#bus = bus;
    this.#changed = changed;
  }

  async give(alertId: string, value: VerdictValue, note: string): Promise<VerdictEffect> {
    const { store, host } = this.#services;
    const threshold = await currentThreshold(this.#services);
    const actor = await this.#services.actor();
    const foldsAhead = value !== 'undetermined' && value !== 'true_positive';
    const foldExpiresAt = foldsAhead ? actor.at + foldDays * dayMs : null;
    const outcome = await store.call('give_verdict', {
      verdictId: host.newId(),
      alertId,
      value,
      note,
      analyst: actor.analyst,
      givenAt: actor.at,
      foldExpiresAt,
      folds: value !== 'undetermined',
      minScore: threshold?.score ?? 0,
    });
    this.refit();
    return {
      verdict: outcome.verdict,
      foldedCount: outcome.foldedCount,
      foldExpiresAt,
      thresholdVersion: threshold?.version ?? 0,
      thresholdChanged: false,
      counts: outcome.counts,
    };
  }

  async takeBack(
    direction: 'undo' | 'redo',
  ): Promise<{ alertId: string; counts: VerdictEffect['counts']; text: string } | null> {
    const { store } = this.#services;
    const threshold = await currentThreshold(this.#services);
    const outcome = await store.call(direction === 'undo' ? 'undo_verdict' : 'redo_verdict', {
      actor: await this.#services.actor(),
      minScore: threshold?.score ?? 0,
    });
    if (!outcome) return null;
    this.refit();
    const folds = outcome.foldedCount === 1 ? '1 alike' : `${outcome.foldedCount} alike`;
    const text =
      direction === 'undo'
        ? `Verdict taken back${outcome.foldedCount > 0 ? `, ${folds} open again` : ''}.`
        : `Verdict put back${outcome.foldedCount > 0 ? `, ${folds} folded again` : ''}.`;
    return { alertId: outcome.verdict.alertId, counts: outcome.counts, text };
  }

  /** Fits the threshold to all verdicts so far; a move becomes a new version. Runs after the verdict's answer, one at a time. */
  refit(): void {
    this.#refit = this.#refit
      .then(() => this.#refitNow())
      .catch((error: unknown) => console.error('Refit failed:', error));
  }

  /** Resolves when every refit asked for so far is applied. */
  async settled(): Promise<void> {
    await this.#refit;
  }

  async close(): Promise<void> {
    await this.#refit;
    await this.#adapt?.process.kill();
    this.#adapt = undefined;
  }

  #trainer(): Client<TrainerMethods> {
    if (!this.#adapt) {
      const process = this.#services.host.startTrainer();
      process.port.onGone(() => (this.#adapt = undefined));
      this.#adapt = { process, client: connectPort<TrainerMethods>(process.port, 'adapting process') };
    }
    return this.#adapt.client;
  }

  async #refitNow(): Promise<void> {
    const { store, host } = this.#services;
    const current = await currentThreshold(this.#services);
    if (!current) return;
    const verdicts = await store.call('labelled_scores', { modelId: current.modelId });
    // A benign true positive is no threat, and no mistake of the threshold either; undetermined says nothing.
    const labelled = verdicts.flatMap(({ score, value }) =>
      value === 'undetermined' || value === 'benign_true_positive'
        ? []
        : [{ score, isThreat: value === 'true_positive' }],
    );
    const fit = await this.#trainer().call('fit_threshold', { labelled, budgetScore: current.budgetScore, maxShift });
    if (Math.abs(fit.thresholdScore - current.score) < minMove) return;
    const spread = { budget: current.budget, eventsPerPeriod: current.eventsPerPeriod, score: current.budgetScore };
    const added = await store.call('add_threshold', {
      threshold: {
        modelId: current.modelId,
        score: fit.thresholdScore,
        budgetScore: current.budgetScore,
        reason: 'verdicts',
        budget: current.budget,
        eventsPerPeriod: current.eventsPerPeriod,
        calibrationEvents: current.calibrationEvents,
        meaning: thresholdMeaning(spread, fit.thresholdScore, current.calibrationEvents),
        createdAt: host.now(),
        verdictCount: labelled.length,
      },
      actor: await this.#services.actor(),
    });
    const direction = added.score > current.score ? 'raised' : 'lowered';
    const open = (minScore: number): Promise<number> =>
      store.call('alert_counts', { minScore, now: host.now() }).then((counts) => counts.open);
    const moved = (await open(added.score)) - (await open(current.score));
    const effect =
      moved === 0 ? '' : ` ${counted(Math.abs(moved), 'open alert')} ${moved < 0 ? 'fell below it' : 'came above it'}.`;
    const text = `Threshold v${added.version}: ${direction} by ${counted(labelled.length, 'verdict')}.${effect} ${added.meaning}`;
    this.#bus.publish('threshold.changed', { version: added.version, reason: 'verdicts', text });
    await this.#changed();
  }
}

/** The threshold in force: the newest of the model in use. */
export async function currentThreshold(services: Services): Promise<Threshold | undefined> {
  const models = await services.store.call('list_models', undefined);
  const inUse = models.find(({ state }) => state === 'in_use');
  if (!inUse) return undefined;
  const thresholds = await services.store.call('list_thresholds', { modelId: inUse.id });
  return thresholds.find((threshold) => threshold.isCurrent);
}

/** Every version of every model, newest first; only the one in force is current. */
export async function allThresholds(services: Services): Promise<Threshold[]> {
  const [all, current] = await Promise.all([
    services.store.call('list_thresholds', { modelId: null }),
    currentThreshold(services),
  ]);
  return all
    .map((threshold) => ({ ...threshold, isCurrent: threshold.version === current?.version }))
    .sort((a, b) => b.version - a.version);
}
