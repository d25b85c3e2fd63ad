/** @file What the engine did and does, counted where its answers arrive: figures are there also while it is too busy to be asked. */
import process from 'node:process';
import type { EngineInfo, ScoreOutput } from '../../shared/engineProtocol.ts';
import type { EngineFigures, EngineHome } from '../../shared/engineReport.ts';
import { RecentRate } from './recentRate.ts';

export class EngineMeter {
  readonly #now: () => number;
  readonly #rate: RecentRate;
  #batchTokens: number | null = null;
  #askedTokens = 0;
  #computedTokens = 0;
  #waitingTokens = 0;
  #engineBytes = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#rate = new RecentRate(now());
  }

  loaded({ batchTokens }: EngineInfo): void {
    this.#batchTokens = batchTokens;
  }

  /** `tokens` wait until `work` ends, however it does. */
  async scoring(tokens: number, work: () => Promise<ScoreOutput>): Promise<ScoreOutput> {
    this.#waitingTokens += tokens;
    try {
      const output = await work();
      this.#askedTokens += output.askedTokens;
      this.#computedTokens += output.computedTokens;
      this.#engineBytes = output.residentBytes;
      this.#rate.add(output.askedTokens, this.#now());
      return output;
    } finally {
      this.#waitingTokens -= tokens;
    }
  }

  figures(home: EngineHome): EngineFigures {
    return {
      batchTokens: this.#batchTokens,
      askedTokens: this.#askedTokens,
      computedTokens: this.#computedTokens,
      tokensPerSecond: Math.round(this.#rate.perSecond(this.#now())),
      waitingTokens: this.#waitingTokens,
      residentBytes: process.memoryUsage.rss() + (home === 'process' ? this.#engineBytes : 0),
    };
  }
}
