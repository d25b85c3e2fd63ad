/** @file Retraining without being asked: after so many new verdicts, or once a night; off unless somebody switched it on. It proposes, and never adopts. */
import { AppError, forStderr } from '../../../shared/errors.ts';
import { learningKey } from '../../../shared/learning.ts';
import { learningOf } from '../../../shared/learningSchema.ts';
import { ruleVerdicts } from '../../../shared/retraining.ts';
import type { Jobs } from '../jobs.ts';
import type { Services } from '../services.ts';
import type { Work } from '../work.ts';
import { newVerdicts } from './plan.ts';

const lookEveryMs = 10 * 60_000;
/** Hours of the machine's clock. */
const night = { from: 2, to: 5 };
/** A key pressed fast does not ask the store each time. */
const afterVerdictMs = 1000;
/** So long after one that could not be started none is tried: what it lacked does not come within minutes. */
const afterRefusalMs = 60 * 60_000;

export class RetrainRuleWatch {
  readonly #services: Services;
  readonly #jobs: Jobs;
  readonly #work: Work;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #refusedAt = -Infinity;
  #isClosed = false;

  constructor(parts: { services: Services; jobs: Jobs; work: Work }) {
    this.#services = parts.services;
    this.#jobs = parts.jobs;
    this.#work = parts.work;
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
      if (!this.#isClosed && !(error instanceof AppError)) console.error('The rule of retraining:', forStderr(error));
      this.#refusedAt = this.#services.host.now();
      return false;
    }
  }

  async #startIfDue(): Promise<boolean> {
    const { store, host } = this.#services;
    const { retrainRule } = learningOf(await store.call('get_setting', { key: learningKey }));
    if (retrainRule === 'off' || this.#jobs.isRunning('retrain')) return false;
    if (host.now() - this.#refusedAt < afterRefusalMs) return false;
    const verdicts = await newVerdicts(this.#services);
    const isDue =
      retrainRule === 'after_32' ? verdicts >= ruleVerdicts : verdicts > 0 && isNight(host.now(), host.timeZone);
    if (!isDue) return false;
    const waiting = (await store.call('list_retrainings', undefined)).some(({ state }) => state === 'proposed');
    if (waiting || this.#isClosed) return false;
    await this.#work.startRetraining();
    return true;
  }
}

export function isNight(at: number, timeZone: string): boolean {
  const hour = Number(new Intl.DateTimeFormat('en', { hour: 'numeric', hourCycle: 'h23', timeZone }).format(at));
  return hour >= night.from && hour < night.to;
}
