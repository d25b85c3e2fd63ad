/** @file Stored alerts under what verdicts taught since: scored again from their votes, in the background, a few at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Threshold } from '../../shared/thresholds.ts';
import { forStderr, toErrorData } from '../../shared/errors.ts';
import { weightsUnder } from '../detect/reweigh.ts';
import { readOwnRows, secondOf } from './detection/taughtJudges.ts';
import { foldAgain } from './foldAgain.ts';
import { scoreGraphOf, type ModelCard } from './keyModel.ts';
import type { Services } from './services.ts';

/** Verdicts come one after the other: what the next one teaches is waited for. */
const restMs = 1000;
/** At a time: a verdict that comes meanwhile waits for no more. */
const alertsPerCall = 250;

export class Rescoring {
  /** Why stored alerts are not as the version in force judges; null where they are, or are about to be. */
  problem: string | null = null;
  readonly #services: Services;
  readonly #changed: () => Promise<void>;
  /** Of the pass that is wanted; the one before ends. */
  #wanted = new AbortController();
  #pass: Promise<void> = Promise.resolve();

  constructor(services: Services, changed: () => Promise<void>) {
    this.#services = services;
    this.#changed = changed;
  }

  /** Soon, and whatever was under way before is given up. */
  want(version: Threshold): void {
    this.#wanted.abort();
    const { signal } = (this.#wanted = new AbortController());
    this.#pass = this.#pass
      .then(async () => {
        await sleep(restMs, undefined, { signal, ref: false });
        await this.#run(version, signal);
        this.#ended(null);
      })
      .catch((error: unknown) => {
        if (signal.aborted) return;
        console.error('Stored alerts were not scored again:', forStderr(error));
        const { message } = toErrorData(error);
        this.#ended(`What verdicts taught holds for what comes; stored alerts were not all scored again: ${message}`);
      });
  }

  #ended(problem: string | null): void {
    if (problem === this.problem) return;
    this.problem = problem;
    void this.#changed();
  }

  /** Resolves when the pass that is wanted is done. */
  async settled(): Promise<void> {
    await this.#pass;
  }

  async close(): Promise<void> {
    this.#wanted.abort();
    await this.#pass;
  }

  async #run({ modelId, taught = null, budgetScore, score }: Threshold, signal: AbortSignal): Promise<void> {
    const { store } = this.#services;
    const record = (await store.call('list_models', undefined)).find(({ id }) => id === modelId);
    const rows = record && (await readOwnRows(this.#services, modelId, scoreGraphOf(record.card as ModelCard)));
    if (!rows) return;
    const own = weightsUnder(rows, taught?.weights ?? null);
    const weights = rows.detectors.map(({ id }, place) => ({ id, weight: own[place] ?? 0 }));
    const second = secondOf(rows, { taught, budgetScore });
    const to = { modelId, weights, second, thresholdScore: score, limit: alertsPerCall };
    let changed = 0;
    let afterNumber: number | null = 0;
    while (afterNumber !== null && !signal.aborted) {
      const done: { lastNumber: number | null; changedCount: number } = await store.call('rescore_alerts', {
        ...to,
        afterNumber,
      });
      changed += done.changedCount;
      afterNumber = done.lastNumber;
    }
    if (signal.aborted) return;
    // Also where nothing changed: the app may have ended between the last change and these.
    const { foldedCount } = await store.call('fold_late', { now: this.#services.host.now(), minScore: score });
    await foldAgain(this.#services);
    if (changed + foldedCount > 0) await this.#changed();
  }
}
