/**
 * @file Retraining without being asked: after so many new verdicts, or once a night; off unless somebody switched it on. It proposes, and never adopts.
 * A night that nobody was there for is made up for at the next look, once, however many there were.
 */
import { AppError, forStderr } from '../../../shared/errors.ts';
import { learningKey, type RetrainRule } from '../../../shared/learning.ts';
import { learningOf } from '../../../shared/learningSchema.ts';
import { ruleVerdicts } from '../../../shared/retraining.ts';
import type { RetrainingRecord } from '../../store/protocol/models.ts';
import { awaitedScores } from '../awaitedScores.ts';
import type { Jobs } from '../jobs.ts';
import type { Services } from '../services.ts';
import { currentThreshold } from '../thresholdInForce.ts';
import type { Work } from '../work.ts';
import { newVerdicts } from './plan.ts';

const lookEveryMs = 10 * 60_000;
/** Hours of the machine's clock. */
const night = { from: 2, to: 5 };
/** A key pressed fast does not ask the store each time. */
const afterVerdictMs = 1000;
/** So long after one that could not be started none is tried: what it lacked does not come within minutes. */
const afterRefusalMs = 60 * 60_000;
const dayMs = 86_400_000;

export class RetrainRuleWatch {
  /** Why the rule could not start what it asks for; null: it could, or does not ask. */
  problem: string | null = null;
  readonly #services: Services;
  readonly #jobs: Jobs;
  readonly #work: Work;
  readonly #tellStatus: () => void;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #refused = { at: -Infinity, verdictNumber: -1 };
  /** Newest verdict when one was started: one that failed would fail on the same again. */
  #tried = 0;
  /** Nights, by `nightOf`: in which one was tried last, and when was looked last. */
  #triedNight = -Infinity;
  #lookedNight = -Infinity;
  #isClosed = false;

  constructor(parts: { services: Services; jobs: Jobs; work: Work; tellStatus: () => void }) {
    this.#services = parts.services;
    this.#jobs = parts.jobs;
    this.#work = parts.work;
    this.#tellStatus = parts.tellStatus;
  }

  open(): void {
    this.#timer = setInterval(() => void this.look(), lookEveryMs).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
  }

  verdictGiven(): void {
    if (this.#timer === undefined || this.#soon !== undefined || this.#isClosed) return;
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      void this.look();
    }, afterVerdictMs).unref();
  }

  /** Starts a retraining where the rule asks for one. Answers whether it did. */
  async look(): Promise<boolean> {
    try {
      return await this.#startIfDue();
    } catch (error) {
      if (!this.#isClosed) console.error('The rule of retraining:', forStderr(error));
      this.#refused = { at: this.#services.host.now(), verdictNumber: -1 };
      return false;
    }
  }

  async #startIfDue(): Promise<boolean> {
    const { store, host } = this.#services;
    const now = host.now();
    const tonight = nightOf(now, host.timeZone);
    const wasAway = this.#lookedNight < tonight;
    this.#lookedNight = tonight;
    const { retrainRule } = learningOf(await store.call('get_setting', { key: learningKey }));
    if (retrainRule === 'off') this.#tell(null);
    if (retrainRule === 'off' || this.#jobs.isRunning('retrain')) return false;
    const sinceRefusalMs = now - this.#refused.at;
    if (sinceRefusalMs >= 0 && sinceRefusalMs < afterRefusalMs) return false;
    const verdictNumber = await store.call('newest_verdict', undefined);
    const verdicts = await newVerdicts(this.#services, this.#tried);
    const retrainings = await store.call('list_retrainings', undefined);
    const isWaiting = retrainings.some(({ state }) => state === 'proposed');
    if (verdicts === 0 || isWaiting) this.#tell(null);
    if (isWaiting || verdictNumber === this.#refused.verdictNumber) return false;
    const isDue =
      retrainRule === 'after_32'
        ? verdicts >= ruleVerdicts
        : verdicts > 0 && (wasAway || isNight(now, host.timeZone)) && !this.#isDone(tonight, retrainings);
    if (!isDue || (await this.#awaitsScores()) || this.#isClosed) return false;
    this.#triedNight = tonight;
    try {
      await this.#work.startRetraining();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#refused = { at: now, verdictNumber };
      if (!this.#isClosed) this.#tell(`${asked[retrainRule]}, and none was started: ${error.message}`);
      return false;
    }
    this.#tried = verdictNumber;
    this.#tell(null);
    return true;
  }

  /** Then none is tried, so that none is refused on these verdicts: it starts at the first look behind the scoring. */
  async #awaitsScores(): Promise<boolean> {
    const current = await currentThreshold(this.#services);
    return current !== undefined && (await awaitedScores(this.#services, current.modelId)) !== null;
  }

  /** Later nights are of a clock that was ahead; the next one is of one that was set back a little. */
  #isDone(tonight: number, retrainings: readonly RetrainingRecord[]): boolean {
    const { timeZone } = this.#services.host;
    const nights = [this.#triedNight, ...retrainings.map(({ proposedAt }) => nightOf(proposedAt, timeZone))];
    return nights.some((one) => one === tonight || one === tonight + 1);
  }

  #tell(problem: string | null): void {
    if (problem === this.problem) return;
    this.problem = problem;
    this.#tellStatus();
  }
}

const asked: Record<Exclude<RetrainRule, 'off'>, string> = {
  after_32: `A retraining is to be proposed after ${ruleVerdicts} new verdicts`,
  nightly: 'A retraining is to be proposed every night',
};

function clockAt(at: number, timeZone: string): { day: number; hour: number } {
  const format = new Intl.DateTimeFormat('en', {
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', hourCycle: 'h23', timeZone },
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return { day: Date.UTC(part('year'), part('month') - 1, part('day')) / dayMs, hour: part('hour') };
}

export function isNight(at: number, timeZone: string): boolean {
  const { hour } = clockAt(at, timeZone);
  return hour >= night.from && hour < night.to;
}

/** The night that it is, or that was last: by the clock's date, which has no hour twice. */
export function nightOf(at: number, timeZone: string): number {
  const { day, hour } = clockAt(at, timeZone);
  return hour < night.from ? day - 1 : day;
}
