/** @file Figures of learning, what contradicts itself, and what decisions are worth. */
import type { DecisionRewards } from '../../shared/decisions.ts';
import type { LearningSettings } from '../../shared/learning.ts';
import type { OverviewDays } from '../../shared/overview.ts';
import type { Contradiction, LearningReport } from '../../shared/teaching.ts';
import type { Transport } from '../transport/transport.ts';
import { Remote } from './remote.svelte.ts';

export class LearningState {
  days = $state<OverviewDays>(30);
  readonly report: Remote<LearningReport>;
  readonly contradictions: Remote<Contradiction[]>;
  readonly settings: Remote<LearningSettings>;
  readonly #transport: Transport;

  constructor(transport: Transport, zone: () => string) {
    this.#transport = transport;
    this.report = new Remote(() => transport.request('learning.report', { zone: zone(), days: this.days }));
    this.contradictions = new Remote(() => transport.request('learning.contradictions', {}));
    this.settings = new Remote(() => transport.request('learning.settings', {}));
  }

  async load(): Promise<void> {
    await Promise.all([this.report.load(), this.contradictions.load(), this.settings.load()]);
  }

  setDays(days: OverviewDays): Promise<void> {
    this.days = days;
    return this.report.load();
  }

  async setRewards(rewards: DecisionRewards): Promise<void> {
    const settings = await this.#transport.request('learning.settings', {});
    this.settings.put(await this.#transport.request('learning.set', { ...settings, rewards }));
  }
}
