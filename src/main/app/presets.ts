/** @file Choosing a preset: whether what is to be learned, or the model in use, can judge by it. */
import { AppError } from '../../shared/errors.ts';
import { presetNames, type Preset } from '../../shared/presets.ts';
import { chosenTextModel } from './detection/chosenTextModel.ts';
import { detectionBy, ruleBasisOf, ruleThreshold } from './detection/byPreset.ts';
import type { ModelCard } from './keyModel.ts';
import type { Models } from './models.ts';
import type { Services } from './services.ts';
import { keepPreset } from './settings.ts';
import { currentThreshold } from './thresholdInForce.ts';
import type { Thresholds } from './thresholds.ts';

/** Told before anything is learned. Throws CONFLICT where what is to be learned could not be judged by the preset. */
export async function checkPreset(
  services: Services,
  preset: Preset,
  { keys, countsOnly }: { keys: ModelCard['keys']; countsOnly: boolean },
): Promise<void> {
  const name = presetNames[preset.kind];
  if (preset.kind === 'top_k' && countsOnly)
    throw new AppError(
      'CONFLICT',
      `${name} asks what a model expects, and counts expect nothing. Choose another preset, or train.`,
    );
  if (preset.kind !== 'tutorial') return;
  if (keys === 'sequences')
    throw new AppError(
      'CONFLICT',
      `${name} reads the text of lines; sessions of ids have none. Choose another preset.`,
    );
  if ((await chosenTextModel(services, 'windows')) === null)
    throw new AppError(
      'CONFLICT',
      `${name} measures the perplexity of windows of ten lines, and no text model that was trained on windows is chosen. Train one that reads windows, choose it under Models, and learn again.`,
    );
}

/**
 * Puts a preset in force, as a new version of the threshold. Throws CONFLICT where the model in use cannot judge by it: the preset is kept then
 * for what is learned from now on, unless nothing could be learned with it.
 */
export async function choosePreset(
  { services, models, thresholds }: { services: Services; models: Models; thresholds: Thresholds },
  preset: Preset,
): Promise<void> {
  const inForce = await currentThreshold(services);
  if (!inForce) {
    await checkPreset(services, preset, { keys: 'lines', countsOnly: false });
    return keepPreset(services, preset);
  }
  const model = await models.inUse();
  if (preset.kind === 'budget') {
    const { fusion, calibration } = model.calibrations[model.graph];
    const calibrationEvents = fusion?.second.pooled.count ?? calibration.count;
    return thresholds.setPreset(preset, { calibrationEvents, rule: null });
  }
  try {
    const { calibrationEvents, ...rule } = ruleThreshold(ruleBasisOf(model), preset);
    // Whether its text model is there.
    detectionBy(services, model, { ...inForce, preset });
    await thresholds.setPreset(preset, { calibrationEvents, rule });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'CONFLICT') throw error;
    await checkPreset(services, preset, { keys: model.card.keys, countsOnly: false });
    await keepPreset(services, preset);
    throw new AppError(
      'CONFLICT',
      `${error.message} It is kept for what is learned from now on; until then nothing changes.`,
    );
  }
}
