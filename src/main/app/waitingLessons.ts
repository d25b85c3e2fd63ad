/** @file The part of what verdicts teach that would blind: it waits until somebody says that it is meant, and that is kept. */
import { isMeant, type LearningWarning } from '../../shared/adaptProtocol.ts';
import type { Services } from './services.ts';
import { warningText } from './taughtChanges.ts';

/** Warnings that somebody said are meant, of one model. */
type Confirmed = { modelId: string; meant: LearningWarning[] };
const confirmedKey = 'learning_confirmed';

export class WaitingLessons {
  /** What learning from the standing verdicts would blind, as it was last found. */
  warnings: LearningWarning[] = [];
  readonly #services: Pick<Services, 'store' | 'actor'>;

  constructor(services: Pick<Services, 'store' | 'actor'>) {
    this.#services = services;
  }

  /** For the status; null where nothing waits. */
  get text(): string | null {
    if (this.warnings.length === 0) return null;
    return `A part of what verdicts teach waits for a word, under Settings, Learning: ${this.warnings.map(warningText).join('; ')}.`;
  }

  async meantOf(modelId: string): Promise<LearningWarning[]> {
    const said = (await this.#services.store.call('get_setting', { key: confirmedKey })) as Partial<Confirmed> | null;
    return said?.modelId === modelId ? (said.meant ?? []) : [];
  }

  /** What waits and was seen is meant; verdicts may have brought more since. */
  async confirm(modelId: string, seen: readonly LearningWarning[]): Promise<void> {
    const meant = this.warnings.filter((warning) => isMeant(warning, seen));
    const before = (await this.meantOf(modelId)).filter((one) => !isMeant(one, meant));
    const value: Confirmed = { modelId, meant: [...before, ...meant] };
    await this.#services.store.call('set_setting', { key: confirmedKey, value, actor: await this.#services.actor() });
  }
}
