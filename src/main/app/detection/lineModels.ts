/**
 * @file Which text model reads lines for detection. It is chosen beside the key model in use; a key model that was calibrated with it names it in
 * what its detectors learned, and goes on with that one until it is calibrated anew.
 */
import { AppError } from '../../../shared/errors.ts';
import { MaskedLineEncoder } from '../../text/maskedLine.ts';
import type { Services } from '../services.ts';
import { openTextModel } from '../textModels.ts';
import { keepLineModel } from './chosenLineModel.ts';
import {
  openLineDetectors,
  textModelOf,
  type LearnedLines,
  type LineDetection,
  type LineModel,
} from './lineDetection.ts';

/** Throws CONFLICT for a model that has not learned masked lines, and as `openTextModel`. */
export async function chooseLineModel(services: Services, modelId: string, signal: AbortSignal): Promise<void> {
  await openLineModel(services, modelId, signal);
  await keepLineModel(services, modelId);
}

/** Throws CONFLICT for a model that has not learned masked lines, and as `openTextModel`. */
export async function openLineModel(services: Services, modelId: string, signal: AbortSignal): Promise<LineModel> {
  const { record, card, directory, tokenizer } = await openTextModel(services, modelId, signal);
  const { ids } = new MaskedLineEncoder(tokenizer);
  // What was added to a checkpoint on import is not predicted until it was trained with it.
  if (card.shape === null || ids.begin >= card.shape.predictedTokens)
    throw new AppError(
      'CONFLICT',
      `Model m${record.number} has not read masked lines yet. Fine-tune it on a log first, and use what comes of that.`,
    );
  return { id: record.id, directory, tokenizer };
}

/**
 * The line detectors of a key model with the text model that it was calibrated with. Where that one is gone or not whole, those that need none are
 * left, and `lacks` says why.
 */
export async function lineDetectionOf(
  services: Services,
  learned: LearnedLines,
  signal: AbortSignal,
): Promise<LineDetection & { lacks: string | null }> {
  const { hashKey } = services.opened;
  const { model, lacks } = await readingModel(services, textModelOf(learned), openLineModel, signal);
  return { ...openLineDetectors(learned, { model, hashKey }), lacks };
}

type Open = (services: Services, modelId: string, signal: AbortSignal) => Promise<LineModel>;

/** The text model that a model was calibrated with, where it had one; `lacks`: why it reads no more. */
export async function readingModel(
  services: Services,
  modelId: string | null,
  open: Open,
  signal: AbortSignal,
): Promise<{ model: LineModel | null; lacks: string | null }> {
  try {
    return { model: modelId === null ? null : await open(services, modelId, signal), lacks: null };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'CANCELLED') throw error;
    const lacks = error.code === 'NOT_FOUND' ? 'The text model that read lines was deleted.' : error.message;
    return { model: null, lacks };
  }
}

/** Any text model, as it reads text that is not masked. Throws as `openTextModel`. */
export async function openTextReader(services: Services, modelId: string, signal: AbortSignal): Promise<LineModel> {
  const { record, directory, tokenizer } = await openTextModel(services, modelId, signal);
  return { id: record.id, directory, tokenizer };
}
