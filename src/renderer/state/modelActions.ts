/** @file Which model judges: put in use, discarded, gone back from; said with what follows from it. */
import type { TextReads } from '../../shared/textModels.ts';
import type { AppState } from './app.svelte.ts';

export class ModelActions {
  readonly #app: AppState;

  constructor(app: AppState) {
    this.#app = app;
  }

  use(modelId: string): Promise<boolean> {
    return this.#app.attempt('Changing the model', async () => {
      const isScoring = await this.#app.models.use(modelId);
      const model = this.#app.models.get(modelId);
      if (model?.state === 'in_use')
        this.#app.notices.tell(
          `m${model.number} is in use.`,
          isScoring
            ? 'With the threshold and the calibration that it had; the logs are scored again.'
            : 'With the threshold and the calibration that it had. No log was scored by the model before: alerts stay as they are until one is scored.',
        );
      else if (model?.isReader)
        this.#app.notices.tell(
          model.reads === 'windows'
            ? `The preset Tutorial judges by m${model.number} from the next time a model of kinds is learned.`
            : `Model m${model.number} scores lines from the next time a model of kinds is learned.`,
          'Models that are there already go on as they are.',
        );
    });
  }

  readWithout(reads: TextReads): Promise<boolean> {
    return this.#app.attempt(`Reading ${reads} without a text model`, async () => {
      await this.#app.models.readWithout(reads);
      this.#app.notices.tell(
        `No text model reads ${reads} from the next time a model of kinds is learned.`,
        'Models that are there already go on as they are.',
      );
    });
  }

  discardProposed(): Promise<boolean> {
    return this.#app.attempt('Discarding', async () => {
      const { proposed } = this.#app.retraining;
      if (!proposed) return;
      await this.#app.retraining.discard(proposed.modelId);
      const { inUse } = this.#app.models;
      this.#app.notices.tell(`m${proposed.modelNumber} is discarded.`, inUse ? `m${inUse.number} stays in use.` : '');
    });
  }

  rollBack(): Promise<boolean> {
    return this.#app.attempt('Going back', async () => {
      const number = await this.#app.retraining.rollBack();
      this.#app.notices.tell(
        `m${number} is in use again.`,
        'With the threshold and the calibration that it had; the logs are scored again.',
      );
    });
  }
}
