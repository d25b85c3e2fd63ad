/** @file The jobs an app can start and go on with, as compositions of the parts: import, learn, train, score, demo. The command line and the routes use the same ones. */
import { resolve } from 'node:path';
import type { Job, Threshold } from '../../shared/domain.ts';
import { AppError } from '../../shared/errors.ts';
import type { FormatId } from '../../shared/lines.ts';
import type { TextReads } from '../../shared/textModels.ts';
import type { ModelRecord } from '../store/protocol/models.ts';
import type { UnfinishedJob } from '../store/protocol/workspace.ts';
import { filesOf, isLeftPaused, modelOf, questionOf, readAsked, type Asked, type InputOf } from './asked.ts';
import { chooseTextModel } from './detection/lineModels.ts';
import { useClassifier } from './classify/adopt.ts';
import { findClassifier } from './classify/read.ts';
import { trainClassifier } from './classify/train.ts';
import { TaughtJudges } from './detection/taughtJudges.ts';
import { removeDemoLogs, writeDemoLogs } from './demo.ts';
import { namingFile, type OfferedFile, type OfferedFiles } from './files.ts';
import { importFile, indexInBackground, readSource, type ImportedSource } from './importFile.ts';
import type { JobContext, Jobs } from './jobs.ts';
import { keepTextModel } from './detection/chosenTextModel.ts';
import { scoreContextOf } from './detection/byPreset.ts';
import { loadKeyModel, type KeyModel } from './keyModel.ts';
import { learnFromSources, type LearnInput } from './learn.ts';
import type { ScoreContext } from './newAlert.ts';
import { abandonUnwanted, placeOf, type CutOff } from './leftovers.ts';
import { deleteModel } from './modelRegistry.ts';
import type { TemplateTexts } from './presenter.ts';
import { retrainPlan, whyNotRetrained } from './retraining/plan.ts';
import { retrain } from './retraining/retrain.ts';
import { scoreSource, type OnEvent, type ScoredSource } from './score.ts';
import { learnSequences } from './sequences.ts';
import { incomingDirectory, type Services } from './services.ts';
import { isTextCard } from './textModelCard.ts';
import { shareOf } from './runShares.ts';
import { keepClassifier } from './settings.ts';
import { currentThreshold, type Thresholds } from './thresholds.ts';
import type { TrainingPlan } from './training/estimate.ts';
import { checkTextPlan, trainText } from './training/trainText.ts';
import { counted } from './words.ts';

/** `modelId`: of the model that comes of it. */
type Started = { jobId: string; finished: Promise<Job>; modelId: string | undefined };
type Kept = Pick<UnfinishedJob, 'id' | 'subject' | 'startedAt'>;

/** Of the models that raised alerts, so many stay ready to explain them. */
const mostModels = 4;

export class Work {
  readonly #services: Services;
  readonly #jobs: Jobs;
  readonly #files: OfferedFiles;
  readonly #texts: TemplateTexts;
  readonly #thresholds: Thresholds;
  readonly #changed: () => Promise<void>;
  /** Jobs that were cut off and are gone on with when the same is asked for. */
  readonly #left: CutOff[];
  /** Loaded models, the last used one last; a model no longer in use is still needed to explain its alerts. */
  readonly #models = new Map<string, KeyModel>();
  readonly #judges: TaughtJudges;

  constructor(parts: {
    services: Services;
    jobs: Jobs;
    files: OfferedFiles;
    texts: TemplateTexts;
    thresholds: Thresholds;
    changed: () => Promise<void>;
    left: readonly CutOff[];
  }) {
    this.#services = parts.services;
    this.#jobs = parts.jobs;
    this.#files = parts.files;
    this.#texts = parts.texts;
    this.#thresholds = parts.thresholds;
    this.#changed = parts.changed;
    this.#left = [...parts.left];
    this.#judges = new TaughtJudges(parts.services);
  }

  /** Resolves when the job is kept: from then on it outlives the app. */
  startImport(file: OfferedFile, format: FormatId | null, thenScore: boolean): Promise<Started> {
    const { name, isTemporary } = file;
    const input = { path: resolve(file.path), name, isTemporary, format, thenScore, sourceId: null };
    return this.#ask({ kind: 'import', input }, name);
  }

  startLearn(
    from: { sourceIds: number[] } | { paths: string[] },
    options: Pick<LearnInput, 'budget' | 'seed' | 'countsOnly' | 'preset'>,
    subject: string,
  ): Promise<Started> {
    const modelId = this.#services.host.newId();
    return this.#ask({ kind: 'learn', input: { ...from, ...options, modelId } }, subject);
  }

  /**
   * Beside other work. The model is kept, and put in use by whoever compared it. Throws for a name that cannot be used, and a parent that is
   * not there.
   */
  async startTraining(asked: TrainingPlan, subject: string): Promise<Started> {
    const question: Asked = { kind: 'train', input: { ...asked, modelId: this.#services.host.newId() } };
    // The record of one that was cut off has the name already.
    const goesOn = this.#left.some((left) => questionOf(left.asked) === questionOf(question));
    if (!goesOn && asked.plan.kind !== 'keys') await checkTextPlan(this.#services, asked.plan);
    return this.#ask(question, subject);
  }

  /** Of one that was added with its windows, beside other work. */
  startClassifier(classifierId: string, subject: string): Promise<Started> {
    return this.#ask({ kind: 'classify', input: { classifierId } }, subject);
  }

  /** One more detector of the model in use, or, with null, none. What speaks against it is what the job ends with. */
  async startUsingClassifier(classifierId: string | null): Promise<Started> {
    const { store, host } = this.#services;
    await this.modelInUse(); // CONFLICT where there is none
    if (this.#jobs.isRunning('use_classifier'))
      throw new AppError('CONFLICT', 'A classifier is being calibrated with already. Wait for it, or cancel it.');
    const classifiers = await store.call('list_classifiers', undefined);
    const found = classifierId === null ? null : findClassifier(classifiers, classifierId);
    const question: Asked = {
      kind: 'use_classifier',
      input: { modelId: host.newId(), classifierId: found?.id ?? null },
    };
    return this.#ask(question, found ? `c${found.number}` : 'no classifier');
  }

  /**
   * No classifier judges any more. Where the model in use came of adopting it, the one before is in use again, at once; where it was retrained since, it is calibrated
   * anew in a job. Throws CONFLICT where none judges.
   */
  async dropClassifier(): Promise<{ modelNumber: number; jobId: string | null; finished: Promise<Job> | null }> {
    const { store } = this.#services;
    const model = await this.modelInUse();
    const { classifier } = model.card;
    if (!classifier) throw new AppError('CONFLICT', `No classifier judges with model m${model.number}.`);
    const models = await store.call('list_models', undefined);
    const before = models.find(({ id, state }) => id === classifier.without.id && state === 'kept');
    if (classifier.asModel !== model.id || !before) {
      const started = await this.startUsingClassifier(null);
      return { modelNumber: model.number, jobId: started.jobId, finished: started.finished };
    }
    await this.useModel(before.id);
    await keepClassifier(this.#services, null);
    const details = { from: model.id, to: before.id };
    const actor = await this.#services.actor();
    await store.call('append_audit', { action: 'classifier.withdrawn', subject: classifier.id, details, actor });
    const sourceIds = await this.#logsOf(model.id);
    const scoring = sourceIds.length > 0 ? await this.startScore(sourceIds, counted(sourceIds.length, 'log')) : null;
    return { modelNumber: before.number, jobId: scoring?.jobId ?? null, finished: scoring?.finished ?? null };
  }

  /** Of the model in use, beside other work. Throws BAD_INPUT with what is missing, CONFLICT where one is under way or waits for a decision. */
  async startRetraining(options: { seed?: number | undefined } = {}): Promise<Started> {
    const parent = await this.modelInUse();
    const { store, host } = this.#services;
    const reason = whyNotRetrained(parent);
    if (reason !== null) throw new AppError('CONFLICT', reason);
    const threshold = await currentThreshold(this.#services);
    if (threshold && threshold.preset.kind !== 'budget')
      throw new AppError('CONFLICT', 'Alerts are raised by a preset’s rule now. Choose the alert budget to retrain.');
    const input = { ...options, parentId: parent.id, modelId: host.newId() };
    const question: Asked = { kind: 'retrain', input };
    if (this.#left.some((left) => questionOf(left.asked) === questionOf(question)))
      return this.#ask(question, `m${parent.number}`);
    if (this.#jobs.isRunning('retrain')) throw new AppError('CONFLICT', 'A retraining is under way already.');
    const waiting = (await store.call('list_retrainings', undefined)).find(({ state }) => state === 'proposed');
    if (waiting)
      throw new AppError(
        'CONFLICT',
        `Model m${waiting.modelNumber} is proposed already. Adopt it or discard it first.`,
      );
    const { missing } = await retrainPlan(this.#services, parent, new AbortController().signal);
    if (missing !== null) throw new AppError('BAD_INPUT', missing);
    return this.#ask(question, `m${parent.number}`);
  }

  startScore(sourceIds: number[], subject: string): Promise<Started> {
    return this.#ask({ kind: 'score', input: { sourceIds } }, subject);
  }

  startDemo(): Promise<Started> {
    const { host } = this.#services;
    return this.#ask({ kind: 'demo', input: { modelId: host.newId(), now: host.now() } }, 'office network');
  }

  /** Goes on with what an earlier start of the app began. */
  goOn({ record, asked }: CutOff): Started {
    const isPaused = isLeftPaused(asked);
    return this.#start(record, asked, { goesOn: true, isPaused, keeping: Promise.resolve() });
  }

  /** The job is over, whatever its end: a later start has nothing to go on with. */
  async ended(jobId: string): Promise<void> {
    const { store } = this.#services;
    const record = (await store.call('list_jobs', undefined)).find(({ id }) => id === jobId);
    if (record) await store.call('end_job', { id: jobId });
    const asked = record && readAsked(record);
    for (const path of asked ? filesOf(asked, incomingDirectory(this.#services)) : [])
      this.#files.setNeeded(path, false);
    await abandonUnwanted(this.#services);
  }

  /** Acknowledged when a later start will not go on with it either. */
  async cancel(jobId: string): Promise<Job> {
    const job = this.#jobs.cancel(jobId);
    await this.#services.store.call('end_job', { id: jobId });
    return job;
  }

  /** Answers when it stands still, at most a step later. A later start of the app leaves it so. */
  async pause(jobId: string): Promise<Job> {
    const job = await this.#jobs.pause(jobId);
    await this.#keepPaused(jobId, true);
    return job;
  }

  async resume(jobId: string): Promise<Job> {
    const job = await this.#jobs.resume(jobId);
    await this.#keepPaused(jobId, false);
    return job;
  }

  async #keepPaused(jobId: string, isPaused: boolean): Promise<void> {
    const { store } = this.#services;
    const record = (await store.call('list_jobs', undefined)).find(({ id }) => id === jobId);
    const asked = record && readAsked(record);
    if (asked) await store.call('set_job_input', { id: jobId, input: { ...asked.input, isPaused } });
  }

  /** Keeps what is asked for; the same words as those of a job that was cut off go on with that one. */
  async #ask(asked: Asked, subject: string): Promise<Started> {
    const { store, host } = this.#services;
    const before = this.#left.findIndex((left) => questionOf(left.asked) === questionOf(asked));
    const [left] = before < 0 ? [] : this.#left.splice(before, 1);
    if (left)
      return this.#start(left.record, left.asked, { goesOn: true, isPaused: false, keeping: Promise.resolve() });
    const { kind, input } = asked;
    const kept = { id: host.newId(), subject, startedAt: host.now() };
    const keeping = store.call('add_job', { ...kept, kind, input });
    // Listed at once, so that nothing is asked for twice; begun when it is kept.
    const started = this.#start(kept, asked, { goesOn: false, isPaused: false, keeping });
    await keeping;
    return started;
  }

  #start(
    { id, subject, startedAt }: Kept,
    asked: Asked,
    { keeping, ...begun }: { goesOn: boolean; isPaused: boolean; keeping: Promise<unknown> },
  ): Started {
    const sourceIds = 'sourceIds' in asked.input ? asked.input.sourceIds : [];
    for (const path of filesOf(asked, incomingDirectory(this.#services))) this.#files.setNeeded(path, true);
    const modelId = modelOf(asked);
    const listed = { kind: asked.kind, subject, sourceIds, modelId, id, startedAt, ...begun };
    const started = this.#jobs.start(listed, async (job) => {
      await keeping;
      await this.#services.store.call('begin_job', { id, place: await placeOf(this.#services, asked) });
      return this.#do(asked, id, job);
    });
    void started.finished.then(() => this.#changed());
    return { ...started, modelId };
  }

  #do(asked: Asked, jobId: string, job: JobContext): Promise<string> {
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
        return this.#useClassifier(asked.input, job);
      case 'retrain':
        return this.#retrain(asked.input, job);
      case 'score':
        return this.scoreAll(asked.input.sourceIds, job);
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
    return `${outcome} ${await this.scoreAll([source.sourceId], job)}`;
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

  async #useClassifier(input: InputOf<'use_classifier'>, job: JobContext): Promise<string> {
    const parts = { services: this.#services, texts: this.#texts, thresholds: this.#thresholds };
    const { text, beforeId } = await useClassifier(parts, input, await this.modelInUse(), job);
    await this.#changed();
    const sourceIds = await this.#logsOf(beforeId);
    const scored = sourceIds.length === 0 ? '' : ` ${await this.scoreAll(sourceIds, job)}`;
    // What verdicts teach is computed of the scores of now.
    this.#thresholds.refit();
    return `${text}${scored}`;
  }

  /** Whose alerts are by this model. */
  async #logsOf(modelId: string): Promise<number[]> {
    const runs = await this.#services.store.call('list_runs', { modelId });
    return runs.map(({ sourceId }) => sourceId);
  }

  async #retrain(input: InputOf<'retrain'>, job: JobContext): Promise<string> {
    const parent = await this.modelOf(input.parentId);
    if (!parent)
      throw new AppError('NOT_FOUND', 'The model that was to be retrained is no longer there, or not whole.');
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
      return await this.scoreAll([watched.sourceId], job);
    } finally {
      await removeDemoLogs(logs);
    }
  }

  /** Returns what came of it in words. */
  async scoreAll(sourceIds: number[], job: JobContext): Promise<string> {
    let events = 0;
    let alerts = 0;
    let left = 0;
    let over = 0;
    for (const sourceId of sourceIds) {
      const scored = await this.scoreSource(sourceId, job);
      events += scored.eventCount;
      alerts += scored.alertCount;
      over += scored.overCount;
      left += scored.leftOut;
    }
    const kept =
      left > 0
        ? ` Only the most severe are kept, ${counted(left, 'alert')} left out: the log is not like what was learned.`
        : '';
    const threshold = await currentThreshold(this.#services);
    const share = threshold && events > 0 ? ` ${shareOf(threshold, { over, rows: events }).text}` : '';
    return `${counted(alerts, 'alert')} in ${counted(events, 'line')}.${share}${kept}`;
  }

  /** By the model in use. */
  async scoreSource(sourceId: number, job: JobContext, onEvent?: OnEvent): Promise<ScoredSource> {
    await this.modelInUse(); // CONFLICT where there is none
    const context = await this.judging();
    if (!context) throw new AppError('CONFLICT', 'There is no threshold yet. Learn what is normal first.');
    const scored = await scoreSource(this.#services, sourceId, context, job, onEvent);
    await this.#thresholds.wasJudgedUnder(context.version);
    await this.#changed();
    return scored;
  }

  /** The model in use and its threshold, to judge by now; null before anything was learned. */
  async judging(): Promise<(ScoreContext & { version: Threshold }) | null> {
    const version = await currentThreshold(this.#services);
    if (!version) return null;
    const model = this.loaded(version.modelId) ?? (await this.modelInUse());
    const context = scoreContextOf(this.#services, model, version);
    // Rules of a preset are their own: verdicts teach what judges by the budget.
    const detection = version.preset.kind === 'budget' ? await this.#judges.under(model, version) : context.detection;
    return { ...context, detection, version };
  }

  async modelInUse(): Promise<KeyModel> {
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
    const model = this.#models.get(modelId);
    return model && this.#keep(model);
  }

  /** Models that it read lines for are loaded anew, without it. Throws as the registry's. */
  async deleteModel(modelId: string): Promise<void> {
    await deleteModel(this.#services, modelId);
    for (const [id, { lines, tutorial }] of this.#models) {
      if (lines.model?.id === modelId || tutorial?.model?.id === modelId) this.#models.delete(id);
    }
    this.#models.delete(modelId);
  }

  /** Its files are about to go. */
  forget(modelId: string): void {
    this.#models.delete(modelId);
  }

  /** The model that raised an alert, if its files are still there. */
  async modelOf(modelId: string): Promise<KeyModel | undefined> {
    const loaded = this.#models.get(modelId);
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
   * Puts a model in use again, with the threshold it had last. Nothing happens when it is in use. A text model reads lines, or
   * windows, for the models of event keys that are learned from then on.
   */
  async useModel(modelId: string): Promise<void> {
    const { store } = this.#services;
    const record = (await store.call('list_models', undefined)).find((model) => model.id === modelId);
    if (!record) throw new AppError('NOT_FOUND', 'That model is no longer in the workspace.');
    if (isTextCard(record.card)) return this.readWith(modelId);
    if (record.state !== 'kept' && record.state !== 'in_use') {
      throw new AppError('CONFLICT', `Model m${record.number} did not finish learning and cannot be used.`);
    }
    await this.#load(record);
    await this.#thresholds.useModel(modelId, async () => {
      await store.call('use_model', { modelId, actor: await this.#services.actor() });
    });
  }

  /** A text model reads what it was trained on, for the models of event keys that are learned from then on. */
  readWith(modelId: string): Promise<void> {
    return chooseTextModel(this.#services, modelId, new AbortController().signal);
  }

  /** No text model reads lines, or windows, for the models of event keys that are learned from then on. */
  readWithout(reads: TextReads): Promise<void> {
    return keepTextModel(this.#services, reads, null);
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
    return this.#keep(this.#models.get(record.id) ?? (await loadKeyModel(this.#services, record)));
  }

  #keep(model: KeyModel): KeyModel {
    this.#models.delete(model.id);
    this.#models.set(model.id, model);
    const [oldest] = this.#models.keys();
    if (oldest !== undefined && this.#models.size > mostModels) this.#models.delete(oldest);
    return model;
  }
}

export function importOutcome(name: string, source: ImportedSource): string {
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
