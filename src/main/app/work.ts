/** @file The jobs an app can start, as compositions of the parts: import, learn, score, demo. The command line and the routes use the same ones. */
import type { Job } from '../../shared/domain.ts';
import { AppError } from '../../shared/errors.ts';
import type { FormatId } from '../../shared/lines.ts';
import type { ModelRecord } from '../store/protocol.ts';
import { removeDemoLogs, writeDemoLogs } from './demo.ts';
import { namingFile, type OfferedFile, type OfferedFiles } from './files.ts';
import { importFile, indexInBackground, type ImportedSource } from './importFile.ts';
import type { JobContext, Jobs } from './jobs.ts';
import { loadKeyModel, type KeyModel } from './keyModel.ts';
import { learnFromSources, type LearnInput } from './learn.ts';
import type { TemplateTexts } from './presenter.ts';
import { scoreSource, type ScoredSource } from './score.ts';
import { incomingDirectory, type Services } from './services.ts';
import { currentThreshold, type Thresholds } from './thresholds.ts';
import { counted } from './words.ts';

type Started = { jobId: string; finished: Promise<Job> };

export class Work {
  readonly #services: Services;
  readonly #jobs: Jobs;
  readonly #files: OfferedFiles;
  readonly #texts: TemplateTexts;
  readonly #thresholds: Thresholds;
  readonly #changed: () => Promise<void>;
  /** Loaded models, newest last; a model no longer in use is still needed to explain its alerts. */
  readonly #models = new Map<string, KeyModel>();

  constructor(parts: {
    services: Services;
    jobs: Jobs;
    files: OfferedFiles;
    texts: TemplateTexts;
    thresholds: Thresholds;
    changed: () => Promise<void>;
  }) {
    this.#services = parts.services;
    this.#jobs = parts.jobs;
    this.#files = parts.files;
    this.#texts = parts.texts;
    this.#thresholds = parts.thresholds;
    this.#changed = parts.changed;
  }

  startImport(file: OfferedFile, format: FormatId | null, thenScore: boolean): Started {
    return this.#start('import', file.name, [], async (job) => {
      const source = await this.importOffered(file, format, job);
      const outcome = importOutcome(file.name, source);
      if (!thenScore) return outcome;
      return `${outcome} ${await this.scoreAll([source.sourceId], job)}`;
    });
  }

  startLearn(input: LearnInput, subject: string): Started {
    return this.#start('learn', subject, input.sourceIds, async (job) => {
      const outcome = await learnFromSources(this.#services, input, job);
      await this.#applyFreshModel();
      return outcome;
    });
  }

  startScore(sourceIds: number[], subject: string): Started {
    return this.#start('score', subject, sourceIds, (job) => this.scoreAll(sourceIds, job));
  }

  startDemo(): Started {
    return this.#start('demo', 'office network', [], async (job) => {
      job.update({ step: 'making an office network’s log' });
      const logs = await writeDemoLogs(incomingDirectory(this.#services), this.#services.host.now());
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
        await learnFromSources(this.#services, { sourceIds: [quiet.sourceId] }, job);
        await this.#applyFreshModel();
        job.update({ sourceIds: [quiet.sourceId, watched.sourceId] });
        return await this.scoreAll([watched.sourceId], job);
      } finally {
        await removeDemoLogs(logs);
      }
    });
  }

  async importOffered(file: OfferedFile, format: FormatId | null, job: JobContext): Promise<ImportedSource> {
    const reading = importFile(this.#services, { path: file.path, name: file.name, format }, job);
    const source = await namingFile(file, reading);
    await this.#files.release(file);
    job.update({ sourceIds: [source.sourceId] });
    this.#afterImport();
    return source;
  }

  /** `onScored` sees the scores of every event of each source. Returns what came of it in words. */
  async scoreAll(
    sourceIds: number[],
    job: JobContext,
    onScored?: (sourceId: number, scored: ScoredSource) => Promise<void>,
  ): Promise<string> {
    const model = await this.modelInUse();
    const threshold = await currentThreshold(this.#services);
    if (!threshold) throw new AppError('CONFLICT', 'There is no threshold yet. Learn what is normal first.');
    let events = 0;
    let alerts = 0;
    let left = 0;
    for (const sourceId of sourceIds) {
      const scored = await scoreSource(this.#services, sourceId, { model, threshold }, job);
      await onScored?.(sourceId, scored);
      events += scored.bits.length;
      alerts += scored.alertCount;
      left += scored.leftOut;
      await this.#changed();
    }
    const kept =
      left > 0
        ? ` Only the most severe are kept, ${counted(left, 'alert')} left out: the log is not like what was learned.`
        : '';
    return `${counted(alerts, 'alert')} in ${counted(events, 'line')}.${kept}`;
  }

  async modelInUse(): Promise<KeyModel> {
    const models = await this.#services.store.call('list_models', undefined);
    const record = models.find((model) => model.state === 'in_use');
    if (!record) throw new AppError('CONFLICT', 'No model is in use yet. Learn what is normal from a log first.');
    return this.#load(record);
  }

  /** The model that raised an alert, if its files are still there. */
  async modelOf(modelId: string): Promise<KeyModel | undefined> {
    const loaded = this.#models.get(modelId);
    if (loaded) return loaded;
    const record = (await this.#services.store.call('list_models', undefined)).find((model) => model.id === modelId);
    if (!record || record.files.length === 0) return undefined;
    try {
      return await this.#load(record);
    } catch (error) {
      if (error instanceof AppError && error.code === 'MODEL_INVALID') return undefined;
      throw error;
    }
  }

  /** Puts a model in use again, with the threshold it had last. Nothing happens when it is in use. */
  async useModel(modelId: string): Promise<void> {
    const { store } = this.#services;
    const record = (await store.call('list_models', undefined)).find((model) => model.id === modelId);
    if (!record) throw new AppError('NOT_FOUND', 'That model is no longer in the workspace.');
    if (record.state !== 'kept' && record.state !== 'in_use') {
      throw new AppError('CONFLICT', `Model m${record.number} did not finish learning and cannot be used.`);
    }
    await this.#load(record);
    await this.#thresholds.useModel(modelId, async () => {
      await store.call('use_model', { modelId, actor: await this.#services.actor() });
    });
  }

  #start(...args: Parameters<Jobs['start']>): Started {
    const started = this.#jobs.start(...args);
    void started.finished.then(() => this.#changed());
    return started;
  }

  #afterImport(): void {
    this.#texts.clear();
    indexInBackground(this.#services, () => void this.#changed());
  }

  async #applyFreshModel(): Promise<void> {
    this.#texts.clear();
    await this.#changed();
  }

  async #load(record: ModelRecord): Promise<KeyModel> {
    const loaded = this.#models.get(record.id) ?? (await loadKeyModel(this.#services, record));
    this.#models.set(record.id, loaded);
    return loaded;
  }
}

export function importOutcome(name: string, source: ImportedSource): string {
  if (source.isKnown)
    return `${name} was read before, byte for byte; its ${counted(source.eventCount, 'event')} are used.`;
  const cut =
    source.cutLineCount > 0 ? ` Lines of more than 64 MB were divided, ${counted(source.cutLineCount, 'time')}.` : '';
  return `${counted(source.lineCount, 'line')} of ${name} read.${cut}`;
}
