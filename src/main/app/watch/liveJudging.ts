/** @file Judges sources that grow, by whatever judges now, and lets the threshold follow them. One for what is followed, one for what is sent. */
import type { EventBus } from '../eventBus.ts';
import type { ScoreContext } from '../newAlert.ts';
import type { Services } from '../services.ts';
import { budgetScoreOf, currentThreshold } from '../thresholdInForce.ts';
import type { Thresholds } from '../thresholds.ts';
import type { Scoring } from '../scoring.ts';
import { Adaptation } from './adaptation.ts';
import type { LiveScores } from './liveRaiser.ts';
import { LiveScorer, type LiveScorerOptions } from './liveScorer.ts';

type JudgingContext = NonNullable<Awaited<ReturnType<Scoring['judging']>>>;

export class LiveJudging {
  readonly #services: Services;
  readonly #scoring: Scoring;
  readonly #thresholds: Thresholds;
  readonly #scorer: LiveScorer;
  #context: JudgingContext | null = null;
  /** A window takes so long that lines would wait for hours: they are read, and judged when the log is scored. */
  #isBatchOnly = false;
  #adaptation: { modelId: string; version: number; of: Adaptation } | null = null;

  constructor(
    parts: { services: Services; scoring: Scoring; thresholds: Thresholds },
    options: LiveScorerOptions = {},
  ) {
    this.#services = parts.services;
    this.#scoring = parts.scoring;
    this.#thresholds = parts.thresholds;
    this.#scorer = new LiveScorer(parts.services, options);
  }

  /** The preset judges whole logs only. */
  get isBatchOnly(): boolean {
    return this.#isBatchOnly;
  }

  /** What judged last; null where there was no model, or one that judges whole logs only. */
  get context(): ScoreContext | null {
    return this.#context;
  }

  leftOut(sourceId: number): number {
    return this.#scorer.leftOut(sourceId);
  }

  /** Nothing is lost or told twice when it throws. Without what judges, what came is never scored as it came. */
  async *score(sourceIds: readonly number[]): AsyncGenerator<LiveScores> {
    for await (const scores of this.#scorer.score(sourceIds, () => this.readContext())) {
      yield scores;
      await this.#adapt(scores);
    }
    if (this.#context) return;
    const states = await this.#services.store.call('list_follows', undefined);
    await this.#scorer.skip(states.filter(({ sourceId }) => sourceIds.includes(sourceId)));
  }

  async tellAlerts(bus: EventBus): Promise<void> {
    const minScore = this.#context?.threshold.score ?? 0;
    bus.publish('alerts.changed', { counts: await this.#services.store.call('alert_counts', { minScore }) });
  }

  /** Null while there is no model, and while what judges is for whole logs. */
  async readContext(): Promise<ScoreContext | null> {
    const threshold = await currentThreshold(this.#services);
    this.#isBatchOnly = threshold?.preset.kind === 'tutorial';
    return (this.#context = this.#isBatchOnly ? null : await this.#scoring.judging());
  }

  async #adapt({ scores }: LiveScores): Promise<void> {
    const threshold = this.#context?.version;
    if (threshold?.preset.kind !== 'budget') return;
    const { modelId, version } = threshold;
    if (this.#adaptation?.modelId !== modelId || this.#adaptation.version !== version) {
      const { spread, shift } = await budgetScoreOf(this.#services, threshold);
      this.#adaptation = { modelId, version, of: new Adaptation(spread.score, shift) };
    }
    const shift = this.#adaptation.of.add(scores);
    // What changed all at once is told of, and not followed.
    if (shift !== null && !this.#scorer.hasDrifted) await this.#thresholds.follow(modelId, shift);
  }
}
