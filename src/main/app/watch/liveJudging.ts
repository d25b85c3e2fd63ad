/** @file Judges sources that grow, by whatever judges now, and lets the threshold follow them. One for what is followed, one for what is sent. */
import type { Threshold } from '../../../shared/thresholds.ts';
import type { EventBus } from '../eventBus.ts';
import { underAlerts } from '../leftOut.ts';
import type { ScoreContext } from '../newAlert.ts';
import type { Services } from '../services.ts';
import { budgetScoreOf, currentThreshold } from '../thresholdInForce.ts';
import type { Thresholds } from '../thresholds.ts';
import type { Scoring } from '../scoring.ts';
import { Adaptation } from './adaptation.ts';
import type { LiveScores } from './liveRaiser.ts';
import { LiveScorer, type LiveScorerOptions } from './liveScorer.ts';

type JudgingContext = NonNullable<Awaited<ReturnType<Scoring['judging']>>>;

/** `heardVerdict`: the newest verdict when it was last heard what is said of alerts. */
type Following = { modelId: string; version: number; heardVerdict: number; of: Adaptation };

export class LiveJudging {
  readonly #services: Services;
  readonly #scoring: Scoring;
  readonly #thresholds: Thresholds;
  readonly #scorer: LiveScorer;
  #context: JudgingContext | null = null;
  /** A window takes so long that lines would wait for hours: they are read, and judged when the log is scored. */
  #isBatchOnly = false;
  #adaptation: Following | null = null;

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

  /** Why the threshold does not rise with what comes, in a sentence; null where nothing keeps it. */
  get notFollowed(): string | null {
    const leftOut = this.#context?.version.preset.kind === 'budget' ? this.#adaptation?.of.leftOut : null;
    return leftOut
      ? `The threshold does not rise with what is followed: ${underAlerts({ ...leftOut, threats: 0 })} ${leftOut.lines === 1 ? 'was' : 'were'} left out. Decide these alerts.`
      : null;
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

  async #adapt({ eventIds, scores, alerts }: LiveScores): Promise<void> {
    const threshold = this.#context?.version;
    if (threshold?.preset.kind !== 'budget') return;
    const { modelId } = threshold;
    const adaptation = await this.#adaptationOf(threshold);
    const over = new Map(alerts.flatMap((one) => (one.isShown ? one.eventIds.map((id) => [id, one.alertId]) : [])));
    adaptation.of.add(scores.map((score, index) => ({ score, alertId: over.get(eventIds[index] ?? 0) ?? null })));
    const { waiting } = adaptation.of;
    if (waiting.length > 0) {
      const { store } = this.#services;
      const newest = await store.call('newest_verdict', undefined);
      // What folds as it comes has an older verdict.
      if (newest !== adaptation.heardVerdict || alerts.some(({ isFolded }) => isFolded))
        adaptation.of.hear(await store.call('read_alerts_said', { alertIds: waiting }));
      adaptation.heardVerdict = newest;
    }
    const shift = adaptation.of.due();
    // What changed all at once is told of, and not followed.
    if (shift !== null && !this.#scorer.hasDrifted) await this.#thresholds.follow(modelId, shift);
  }

  async #adaptationOf(threshold: Threshold): Promise<Following> {
    const { modelId, version } = threshold;
    const before = this.#adaptation?.modelId === modelId ? this.#adaptation : null;
    if (before?.version === version) return before;
    const { spread, shift } = await budgetScoreOf(this.#services, threshold);
    return (this.#adaptation = before?.of.goesOnFrom(spread.score, shift)
      ? { ...before, version }
      : { modelId, version, heardVerdict: 0, of: new Adaptation(spread.score, shift) });
  }
}
