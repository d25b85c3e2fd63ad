/** @file Logs scored by the model in use under the threshold in force: what judges now, and what came of it in words. */
import type { Threshold } from '../../shared/thresholds.ts';
import { AppError } from '../../shared/errors.ts';
import { scoreContextOf } from './detection/byPreset.ts';
import { TaughtJudges } from './detection/taughtJudges.ts';
import type { JobContext } from './jobs.ts';
import type { Models } from './models.ts';
import type { ScoreContext } from './newAlert.ts';
import { shareOf } from './runShares.ts';
import { scoreSource, type OnEvent, type ScoredSource } from './score.ts';
import type { Services } from './services.ts';
import { currentThreshold } from './thresholdInForce.ts';
import type { Thresholds } from './thresholds.ts';
import { counted } from './words.ts';

export class Scoring {
  readonly #services: Services;
  readonly #models: Models;
  readonly #thresholds: Thresholds;
  readonly #changed: () => Promise<void>;
  readonly #judges: TaughtJudges;

  constructor(parts: { services: Services; models: Models; thresholds: Thresholds; changed: () => Promise<void> }) {
    this.#services = parts.services;
    this.#models = parts.models;
    this.#thresholds = parts.thresholds;
    this.#changed = parts.changed;
    this.#judges = new TaughtJudges(parts.services);
  }

  /** Returns what came of it in words. */
  async scoreAll(sourceIds: number[], job: JobContext): Promise<string> {
    let events = 0;
    let alerts = 0;
    let left = 0;
    let over = 0;
    for (const sourceId of sourceIds) {
      const scored = await this.scoreSource(sourceId, job);
      events += scored.eventCount;
      alerts += scored.alertCount;
      over += scored.overCount;
      left += scored.leftOut;
    }
    const kept =
      left > 0
        ? ` Only the most severe are kept, ${counted(left, 'alert')} left out: the log is not like what was learned.`
        : '';
    const threshold = await currentThreshold(this.#services);
    const share = threshold && events > 0 ? ` ${shareOf(threshold, { over, rows: events }).text}` : '';
    return `${counted(alerts, 'alert')} in ${counted(events, 'line')}.${share}${kept}`;
  }

  /** By the model in use. */
  async scoreSource(sourceId: number, job: JobContext, onEvent?: OnEvent): Promise<ScoredSource> {
    await this.#models.inUse(); // CONFLICT where there is none
    const context = await this.judging();
    if (!context) throw new AppError('CONFLICT', 'There is no threshold yet. Learn what is normal first.');
    const scored = await scoreSource(this.#services, sourceId, context, job, onEvent);
    await this.#thresholds.wasJudgedUnder(context.version);
    await this.#changed();
    return scored;
  }

  /** The model in use and its threshold, to judge by now; null before anything was learned. */
  async judging(): Promise<(ScoreContext & { version: Threshold }) | null> {
    const version = await currentThreshold(this.#services);
    if (!version) return null;
    const model = this.#models.loaded(version.modelId) ?? (await this.#models.inUse());
    const context = scoreContextOf(this.#services, model, version);
    // Rules of a preset are their own: verdicts teach what judges by the budget.
    const detection = version.preset.kind === 'budget' ? await this.#judges.under(model, version) : context.detection;
    return { ...context, detection, version };
  }
}
