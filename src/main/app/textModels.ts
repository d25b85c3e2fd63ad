/** @file GPT-2 checkpoints in the workspace: imported by the trainer, listed by the store, verified before use, given out again. */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readTokenizerFolder } from '../../shared/bpe/folder.ts';
import { BpeTokenizer } from '../../shared/bpe/tokenizer.ts';
import { AppError } from '../../shared/errors.ts';
import { connectPort, type Client } from '../../shared/port.ts';
import { packSequences } from '../../shared/sequences.ts';
import type { ModelFile, TrainerMethods } from '../../shared/trainerProtocol.ts';
import { hashFile } from '../ingest/file.ts';
import type { ModelRecord } from '../store/protocol/models.ts';
import { textTokenNames } from '../text/textTokens.ts';
import type { JobContext } from './jobs.ts';
import { incomingDirectory, modelDirectory, type Services } from './services.ts';
import { findModel } from './modelRegistry.ts';
import { isTextCard, type ImportedTextCard, type TextModelCard } from './textModelCard.ts';

/** As long as the app lets a case's title be. */
const longestName = 200;

/** A text model whose files are those that were imported, and its tokenizer. */
export type TextModel = { record: ModelRecord; card: TextModelCard; directory: string; tokenizer: BpeTokenizer };

/** Throws BAD_INPUT or MODEL_INVALID with the reason, CONFLICT for a name that is taken; nothing is left behind then. */
export async function importTextModel(
  services: Services,
  input: { from: string; name: string; seed: number },
  job: Pick<JobContext, 'signal' | 'update'>,
): Promise<ModelRecord> {
  const { store, host } = services;
  const from = resolve(input.from);
  const name = await freeName(services, input.name);
  if (!(await stat(from).catch(() => undefined))?.isDirectory())
    throw new AppError('BAD_INPUT', `${from} is no folder. Name the folder that holds the model's config.json.`);
  const id = host.newId();
  // Made where a crash leaves nothing: the folder is emptied at every start.
  const making = join(incomingDirectory(services), id);
  const directory = modelDirectory(services, id);
  await mkdir(making, { recursive: true });
  try {
    job.update({ step: 'reading the checkpoint' });
    const imported = await withTrainer(services, (trainer) =>
      trainer.call(
        'import_text',
        { from, directory: making, addedTokens: textTokenNames, seed: input.seed },
        {
          signal: job.signal,
          onProgress: ({ doneBytes, totalBytes }) =>
            job.update({ step: 'copying weights', share: (0.9 * doneBytes) / totalBytes }),
        },
      ),
    );
    job.update({ step: 'trying the model', share: 0.95 });
    await mkdir(join(directory, '..'), { recursive: true });
    await rename(making, directory);
    await services.engine().call('score_text', { directory, sequences: packSequences([[0, 1]]) });
    if (job.signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
    const { shape, sourceFiles, sourceTypes, parameterCount, files } = imported;
    const card: ImportedTextCard = {
      kind: 'text',
      name,
      importedFrom: basename(from),
      sourceFiles,
      sourceTypes,
      shape,
      parameterCount,
      addedTokens: shape.vocabularySize - shape.predictedTokens,
      seed: input.seed,
      use: 'Scores and continues text. It reads lines for alerts once it was fine-tuned on a log.',
    };
    return await store.call('add_model', {
      id,
      state: 'kept',
      createdAt: host.now(),
      directory: `models/${id}`,
      card,
      curve: [],
      files,
      actor: await services.actor(),
    });
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** `to` is made, or is an empty folder. Throws BAD_INPUT where it is not. */
export async function exportTextModel(
  services: Services,
  input: { model: TextModel; to: string; format: 'safetensors' | 'onnx' },
): Promise<ModelFile[]> {
  const to = resolve(input.to);
  const { record, card } = input.model;
  if (card.shape?.form === 'graph')
    throw new AppError(
      'CONFLICT',
      `Model m${record.number} came as an ONNX graph and stays one: use the files it came from.`,
    );
  try {
    await mkdir(to, { recursive: true });
    if ((await readdir(to)).length > 0) throw new Error('it holds files already; name an empty folder');
  } catch (error) {
    throw new AppError('BAD_INPUT', `The model cannot be written to ${to}: ${(error as Error).message}.`);
  }
  const { files } = await withTrainer(services, (trainer) =>
    trainer.call('export_text', { directory: input.model.directory, to, format: input.format }),
  );
  await services.store.call('append_audit', {
    action: 'model.export',
    subject: record.id,
    details: { format: input.format, files: files.map(({ name, sha256 }) => ({ name, sha256 })) },
    actor: await services.actor(),
  });
  return files;
}

/** By name, number (m3) or id. Throws NOT_FOUND, CONFLICT for a model of event kinds, MODEL_INVALID for changed files. */
export async function openTextModel(services: Services, called: string, signal: AbortSignal): Promise<TextModel> {
  const record = findModel(await services.store.call('list_models', undefined), called);
  const { card } = record;
  if (!isTextCard(card))
    throw new AppError('CONFLICT', `Model m${record.number} is a model of event kinds; this needs a text model.`);
  if (record.state !== 'kept')
    throw new AppError(
      'CONFLICT',
      `Model m${record.number} is ${record.state === 'training' ? 'still being trained' : 'not whole: its training failed'}.`,
    );
  const directory = modelDirectory(services, record.id);
  for (const { name, sha256 } of record.files) {
    const found = await hashFile(join(directory, name), signal).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'CANCELLED') throw error;
      return undefined;
    });
    if (found === sha256) continue;
    const what = found === undefined ? 'cannot be read' : 'is not the file that was written';
    throw new AppError('MODEL_INVALID', `Model m${record.number}: ${name} ${what}. Import or train the model again.`);
  }
  const tokenizer = new BpeTokenizer(await readTokenizerFolder(directory));
  if (card.shape && tokenizer.vocabularySize > card.shape.vocabularySize)
    throw new AppError(
      'MODEL_INVALID',
      `Model m${record.number}: its tokenizer has ${tokenizer.vocabularySize} tokens, its weights are for ${card.shape.vocabularySize}: they are of two models. Import or train the model again.`,
    );
  return { record, card, directory, tokenizer };
}

/** Without control characters. Throws BAD_INPUT for no name, CONFLICT for one that is taken. */
export async function freeName(services: Services, given: string): Promise<string> {
  const name = given.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  if (name === '' || name.length > longestName || /^m\d+$/.test(name))
    throw new AppError('BAD_INPUT', `"${name}" cannot be a model's name: 1 to ${longestName} characters, and not m1.`);
  const models = await services.store.call('list_models', undefined);
  const taken = models.find(({ card, state }) => state !== 'failed' && isTextCard(card) && card.name === name);
  if (taken) throw new AppError('CONFLICT', `Model m${taken.number} is named ${name} already. Choose another name.`);
  return name;
}

/** A process of its own: a checkpoint that is too large for this machine then ends it and not the app. */
export async function withTrainer<T>(
  services: Services,
  work: (trainer: Client<TrainerMethods>) => Promise<T>,
): Promise<T> {
  const trainer = services.host.startTrainer();
  try {
    return await work(connectPort<TrainerMethods>(trainer.port, 'trainer'));
  } finally {
    await trainer.kill();
  }
}
