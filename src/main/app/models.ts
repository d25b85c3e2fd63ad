/**
 * @file Models of event keys, loaded and ready to judge or to explain what they raised; which of them is in use, and what text models read for those that
 * are learned from then on.
 */
import { AppError } from '../../shared/errors.ts';
import type { TextReads } from '../../shared/textModels.ts';
import type { ModelRecord, UsePurpose } from '../store/protocol/models.ts';
import { keepTextModel } from './detection/chosenTextModel.ts';
import { chooseTextModel } from './detection/lineModels.ts';
import { loadKeyModel, type KeyModel } from './keyModel.ts';
import { deleteModel } from './modelRegistry.ts';
import type { Services } from './services.ts';
import { isTextCard } from './textModelCard.ts';
import type { Thresholds } from './thresholds.ts';

/** Of the models that raised alerts, so many stay ready to explain them. */
const mostModels = 4;

export class Models {
  readonly #services: Services;
  readonly #thresholds: Thresholds;
  /** The last used one last; a model no longer in use is still needed to explain its alerts. */
  readonly #ready = new Map<string, KeyModel>();

  constructor(services: Services, thresholds: Thresholds) {
    this.#services = services;
    this.#thresholds = thresholds;
  }

  /** Throws CONFLICT where there is none. */
  async inUse(): Promise<KeyModel> {
    const models = await this.#services.store.call('list_models', undefined);
    const record = models.find((model) => model.state === 'in_use');
    if (!record)
      throw new AppError(
        'CONFLICT',
        'No model is in use yet. Learn what is normal from a log first, or only count (Shift+L, --counts-only): that takes seconds.',
      );
    return this.#load(record);
  }

  /** A model that was loaded already; it stays loaded while it is asked for. */
  loaded(modelId: string): KeyModel | undefined {
    const model = this.#ready.get(modelId);
    return model && this.#keep(model);
  }

  /** Models that it read lines for are loaded anew, without it. Throws as the registry's. */
  async delete(modelId: string): Promise<void> {
    await deleteModel(this.#services, modelId);
    for (const [id, { lines, tutorial }] of this.#ready) {
      if (lines.model?.id === modelId || tutorial?.model?.id === modelId) this.#ready.delete(id);
    }
    this.#ready.delete(modelId);
  }

  /** Its files are about to go. */
  forget(modelId: string): void {
    this.#ready.delete(modelId);
  }

  /** The model that raised an alert, if its files are still there. */
  async of(modelId: string): Promise<KeyModel | undefined> {
    const loaded = this.#ready.get(modelId);
    if (loaded) return this.#keep(loaded);
    const record = (await this.#services.store.call('list_models', undefined)).find((model) => model.id === modelId);
    if (!record || record.files.length === 0) return undefined;
    try {
      return await this.#load(record);
    } catch (error) {
      if (error instanceof AppError && error.code === 'MODEL_INVALID') return undefined;
      throw error;
    }
  }

  /**
   * Puts a model in use, with the threshold it had last. Answers false where it is in use already: nothing happens then, and going back to it or withdrawing
   * a classifier for it is refused (CONFLICT). A text model reads lines, or windows, for the models of event keys that are learned from then on.
   */
  async use(modelId: string, purpose: UsePurpose): Promise<boolean> {
    const { store } = this.#services;
    let isOther = false;
    const record = (await store.call('list_models', undefined)).find((model) => model.id === modelId);
    if (!record) throw new AppError('NOT_FOUND', 'That model is no longer in the workspace.');
    if (isTextCard(record.card)) {
      await this.readWith(modelId);
      return false;
    }
    if (record.state !== 'kept' && record.state !== 'in_use') {
      throw new AppError('CONFLICT', `Model m${record.number} did not finish learning and cannot be used.`);
    }
    await this.#load(record);
    await this.#thresholds.useModel(async (before) => {
      if (before?.modelId === modelId) {
        if (purpose.kind === 'choose') return;
        throw new AppError('CONFLICT', `Model m${record.number} is in use already. Nothing was changed.`);
      }
      await store.call('use_model', { modelId, purpose, actor: await this.#services.actor() });
      isOther = true;
    });
    return isOther;
  }

  /** The logs whose alerts are by a model, and those that it was to score when it came in use and has not. */
  async logsOf(modelId: string): Promise<number[]> {
    const { store } = this.#services;
    const [runs, awaited] = await Promise.all([
      store.call('list_runs', { modelId }),
      store.call('list_awaited_logs', undefined),
    ]);
    const left = awaited.filter((log) => log.modelId === modelId);
    return [...new Set([...runs, ...left].map(({ sourceId }) => sourceId))];
  }

  /** A text model reads what it was trained on, for the models of event keys that are learned from then on. */
  readWith(modelId: string): Promise<void> {
    return chooseTextModel(this.#services, modelId, new AbortController().signal);
  }

  /** No text model reads lines, or windows, for the models of event keys that are learned from then on. */
  readWithout(reads: TextReads): Promise<void> {
    return keepTextModel(this.#services, reads, null);
  }

  async #load(record: ModelRecord): Promise<KeyModel> {
    return this.#keep(this.#ready.get(record.id) ?? (await loadKeyModel(this.#services, record)));
  }

  #keep(model: KeyModel): KeyModel {
    this.#ready.delete(model.id);
    this.#ready.set(model.id, model);
    const [oldest] = this.#ready.keys();
    if (oldest !== undefined && this.#ready.size > mostModels) this.#ready.delete(oldest);
    return model;
  }
}
