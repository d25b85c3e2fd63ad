/**
 * @file Which text models read lines, and windows of lines, for detection. They are chosen beside the key model in use; a key model that was calibrated
 * with them names them in what it learned, and goes on with those until it is calibrated anew.
 */
import { AppError } from '../../../shared/errors.ts';
import { presetNames } from '../../../shared/presets.ts';
import { MaskedLineEncoder } from '../../text/maskedLine.ts';
import type { TextReads } from '../../../shared/textModels.ts';
import type { Services } from '../services.ts';
import { readsOf } from '../textModelCard.ts';
import { openTextModel } from '../textModels.ts';
import { chosenTextModel, keepTextModel } from './chosenTextModel.ts';
import {
  openLineDetectors,
  textModelOf,
  type LearnedLines,
  type LineDetection,
  type LineModel,
} from './lineDetection.ts';

/** For what it was trained to read. Throws CONFLICT for a model that was trained on neither lines nor windows, and as `openTextModel`. */
export async function chooseTextModel(services: Services, modelId: string, signal: AbortSignal): Promise<void> {
  const { record, card } = await openTextModel(services, modelId, signal);
  const reads = readsOf(card) ?? 'lines';
  await openReader[reads](services, record.id, signal);
  await keepTextModel(services, reads, record.id);
}

/** The one that is chosen to read lines, or windows; null where none is. Throws as `openLineModel` and `openWindowModel`. */
export async function chosenReader(
  services: Services,
  reads: TextReads,
  signal: AbortSignal,
): Promise<LineModel | null> {
  const chosen = await chosenTextModel(services, reads);
  return chosen === null ? null : openReader[reads](services, chosen, signal);
}

/** Throws CONFLICT for a model that has not learned masked lines, and as `openTextModel`. */
export async function openLineModel(services: Services, modelId: string, signal: AbortSignal): Promise<LineModel> {
  const { record, card, directory, tokenizer } = await openTextModel(services, modelId, signal);
  if (readsOf(card) === 'windows')
    throw new AppError(
      'CONFLICT',
      `Model m${record.number} was trained on windows of ten lines, for the preset ${presetNames.tutorial}. Single lines need a text model that was trained on lines.`,
    );
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
    const lacks = error.code === 'NOT_FOUND' ? 'The text model that it was learned with was deleted.' : error.message;
    return { model: null, lacks };
  }
}

/** Throws CONFLICT for a model that was not trained on windows, and as `openTextModel`. */
export async function openWindowModel(services: Services, modelId: string, signal: AbortSignal): Promise<LineModel> {
  const { record, card, directory, tokenizer } = await openTextModel(services, modelId, signal);
  if (readsOf(card) !== 'windows')
    throw new AppError(
      'CONFLICT',
      `Model m${record.number} was not trained on windows of ten lines: its perplexity of one says nothing.`,
    );
  return { id: record.id, directory, tokenizer };
}

const openReader: Record<TextReads, Open> = { lines: openLineModel, windows: openWindowModel };
