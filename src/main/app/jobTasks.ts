/** @file What a job of each kind does, as a composition of the parts: import, learn, train, classify, retrain, score, demo. */
import { AppError } from '../../shared/errors.ts';
import type { Asked, InputOf } from './asked.ts';
import { useClassifier } from './classify/adopt.ts';
import { trainClassifier } from './classify/train.ts';
import { removeDemoLogs, writeDemoLogs } from './demo.ts';
import { namingFile, type OfferedFiles } from './files.ts';
import { foldAgain } from './foldAgain.ts';
import { importFile, indexInBackground, readSource, type ImportedSource } from './importFile.ts';
import type { JobContext } from './jobs.ts';
import { learnFromSources } from './learn.ts';
import type { Models } from './models.ts';
import type { TemplateTexts } from './presenter.ts';
import { learnedLogs } from './retraining/material.ts';
import { retrain } from './retraining/retrain.ts';
import type { Scoring } from './scoring.ts';
import { learnSequences } from './sequences.ts';
import { incomingDirectory, type Services } from './services.ts';
import type { Thresholds } from './thresholds.ts';
import { trainText } from './training/trainText.ts';
import { counted } from './words.ts';

export type TaskParts = {
  services: Services;
  files: OfferedFiles;
  texts: TemplateTexts;
  models: Models;
  scoring: Scoring;
  thresholds: Thresholds;
  changed: () => Promise<void>;
};

export class JobTasks {
  readonly #services: Services;
  readonly #files: OfferedFiles;
  readonly #texts: TemplateTexts;
  readonly #models: Models;
  readonly #scoring: Scoring;
  readonly #thresholds: Thresholds;
  readonly #changed: () => Promise<void>;

  constructor(parts: TaskParts) {
    this.#services = parts.services;
    this.#files = parts.files;
    this.#texts = parts.texts;
    this.#models = parts.models;
    this.#scoring = parts.scoring;
    this.#thresholds = parts.thresholds;
    this.#changed = parts.changed;
  }

  /** Returns what came of it in words. */
  do(asked: Asked, jobId: string, job: JobContext): Promise<string> {
    switch (asked.kind) {
      case 'import':
        return this.#import(asked.input, jobId, job);
      case 'learn':
        return this.#learn(asked.input, job);
      case 'train':
        return this.#train(asked.input, job);
      case 'classify':
        return trainClassifier(this.#services, asked.input, job);
      case 'use_classifier':
        return this.#useClassifier(asked.input, jobId, job);
      case 'retrain':
        return this.#retrain(asked.input, job);
      case 'score':
        return this.#scoring.scoreAll(asked.input.sourceIds, job);
      case 'demo':
        return this.#demo(asked.input, job);
    }
  }

  async #import(input: InputOf<'import'>, jobId: string, job: JobContext): Promise<string> {
    let source: ImportedSource;
    if (input.sourceId === null) {
      source = await namingFile(input, importFile(this.#services, input, job));
      // Before the file goes, so that nobody looks for it again.
      const { sourceId } = source;
      await this.#services.store.call('set_job_input', { id: jobId, input: { ...input, sourceId } });
    } else {
      source = await readSource(this.#services, input.sourceId);
    }
    if (input.isTemporary) await this.#files.remove(input.path);
    job.update({ sourceIds: [source.sourceId] });
    this.#afterImport();
    const outcome = importOutcome(input.name, source);
    if (!input.thenScore) return outcome;
    return `${outcome} ${await this.#scoring.scoreAll([source.sourceId], job)}`;
  }

  async #learn(input: InputOf<'learn'>, job: JobContext): Promise<string> {
    const outcome =
      'paths' in input
        ? await learnSequences(this.#services, input, job)
        : await learnFromSources(this.#services, input, job);
    await this.#applyFreshModel();
    return outcome;
  }

  async #train({ plan, ...input }: InputOf<'train'>, job: JobContext): Promise<string> {
    if (plan.kind !== 'keys') return trainText(this.#services, { ...input, plan }, job);
    return learnFromSources(this.#services, { ...input, size: plan.size, isKept: true }, job);
  }

  async #useClassifier(input: InputOf<'use_classifier'>, jobId: string, job: JobContext): Promise<string> {
    const parts = { services: this.#services, texts: this.#texts, thresholds: this.#thresholds };
    const base = await this.#models.inUse();
    const isThereAlready = base.id === input.modelId;
    const beforeId = (isThereAlready ? input.beforeId : base.id) ?? '';
    // Kept before it comes in use: after that nobody could tell.
    if (!isThereAlready) await this.#services.store.call('set_job_input', { id: jobId, input: { ...input, beforeId } });
    const text = await useClassifier(parts, input, base, job);
    await this.#changed();
    // Those of the model before, and what is left of those that one was to score.
    const awaited = await this.#services.store.call('list_awaited_logs', undefined);
    const own = await this.#models.logsOf(beforeId);
    const sourceIds = [...new Set([...own, ...awaited.map(({ sourceId }) => sourceId)])];
    const scored = sourceIds.length === 0 ? '' : ` ${await this.#scoring.scoreAll(sourceIds, job)}`;
    return `${text}${scored}`;
  }

  async #retrain(input: InputOf<'retrain'>, job: JobContext): Promise<string> {
    const parent = await this.#models.of(input.parentId);
    if (!parent)
      throw new AppError('NOT_FOUND', 'The model that was to be retrained is no longer there, or not whole.');
    // While it goes on none of what it reads is removed.
    const logs = await learnedLogs(this.#services, parent).catch(() => []);
    job.update({ sourceIds: logs.map(({ sourceId }) => sourceId) });
    return retrain(this.#services, input, parent, job);
  }

  async #demo({ modelId, now }: InputOf<'demo'>, job: JobContext): Promise<string> {
    job.update({ step: 'making an office network’s log' });
    const logs = await writeDemoLogs(incomingDirectory(this.#services), now);
    try {
      const quiet = await importFile(
        this.#services,
        { path: logs.quietPath, name: 'office-quiet.log', format: null },
        job,
      );
      const watched = await importFile(
        this.#services,
        { path: logs.watchedPath, name: 'office-watched.log', format: null },
        job,
      );
      this.#afterImport();
      await learnFromSources(this.#services, { modelId, sourceIds: [quiet.sourceId] }, job);
      await this.#applyFreshModel();
      job.update({ sourceIds: [quiet.sourceId, watched.sourceId] });
      return await this.#scoring.scoreAll([watched.sourceId], job);
    } finally {
      await removeDemoLogs(logs);
    }
  }

  #afterImport(): void {
    this.#texts.clear();
    indexInBackground(this.#services, () => void this.#changed());
  }

  async #applyFreshModel(): Promise<void> {
    this.#texts.clear();
    // It has a threshold of its own.
    await foldAgain(this.#services);
    await this.#changed();
  }
}

function importOutcome(name: string, source: ImportedSource): string {
  if (source.isKnown)
    return `${name} was read before, byte for byte; its ${counted(source.eventCount, 'event')} are used.`;
  const cut =
    source.cutLineCount > 0 ? ` Lines of more than 64 MB were divided, ${counted(source.cutLineCount, 'time')}.` : '';
  const unsorted =
    source.unsortedLineCount > 0
      ? ` ${counted(source.unsortedLineCount, 'line')} beyond the most kinds that are told apart.`
      : '';
  const open =
    source.cutSessionCount > 0
      ? ` ${counted(source.cutSessionCount, 'session')} left without an end: too many actors at the same time.`
      : '';
  return `${counted(source.lineCount, 'line')} of ${name} read.${cut}${unsorted}${open}`;
}
