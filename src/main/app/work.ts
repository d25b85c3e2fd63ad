/** @file The jobs an app can be asked for: kept before they begin, gone on with after the app ended. The command line and the routes ask alike. */
import { resolve } from 'node:path';
import type { Job } from '../../shared/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import type { FormatId } from '../../shared/lines.ts';
import type { NewJob, UnfinishedJob } from '../store/protocol/workspace.ts';
import { findClassifier } from './classify/read.ts';
import { filesOf, isLeftPaused, modelOf, questionOf, readAsked, type Asked } from './asked.ts';
import type { OfferedFile, OfferedFiles } from './files.ts';
import type { Jobs } from './jobs.ts';
import { JobTasks, type TaskParts } from './jobTasks.ts';
import type { LearnInput } from './learn.ts';
import { abandonUnwanted, placeOf, type CutOff } from './leftovers.ts';
import type { Models } from './models.ts';
import { retrainPlan, whyNotRetrained } from './retraining/plan.ts';
import { incomingDirectory, type Services } from './services.ts';
import { currentThreshold } from './thresholdInForce.ts';
import type { Thresholds } from './thresholds.ts';
import type { TrainingPlan } from './training/estimate.ts';
import { checkTextPlan } from './training/trainText.ts';
import { counted } from './words.ts';

/** `modelId`: of the model that comes of it. */
type Started = { jobId: string; finished: Promise<Job>; modelId: string | undefined };
type Kept = Pick<UnfinishedJob, 'id' | 'subject' | 'startedAt'>;
/** Begun when `kept` is stored. */
export type PlannedScoring = { kept: NewJob; start: () => Started };

export class Work {
  readonly #services: Services;
  readonly #jobs: Jobs;
  readonly #files: OfferedFiles;
  readonly #models: Models;
  readonly #thresholds: Thresholds;
  readonly #tasks: JobTasks;
  readonly #changed: () => Promise<void>;
  /** Jobs that were cut off and are gone on with when the same is asked for. */
  readonly #left: CutOff[];

  constructor(parts: TaskParts & { jobs: Jobs; left: readonly CutOff[] }) {
    this.#services = parts.services;
    this.#jobs = parts.jobs;
    this.#files = parts.files;
    this.#models = parts.models;
    this.#thresholds = parts.thresholds;
    this.#tasks = new JobTasks(parts);
    this.#changed = parts.changed;
    this.#left = [...parts.left];
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
    await this.#models.inUse(); // CONFLICT where there is none
    const classifiers = await store.call('list_classifiers', undefined);
    const found = classifierId === null ? null : findClassifier(classifiers, classifierId);
    const question: Asked = {
      kind: 'use_classifier',
      input: { modelId: host.newId(), classifierId: found?.id ?? null },
    };
    // Last, and listed without another wait: of two that are asked for at once one is.
    if (this.#jobs.isRunning('use_classifier'))
      throw new AppError('CONFLICT', 'A classifier is being calibrated with already. Wait for it, or cancel it.');
    return this.#ask(question, found ? `c${found.number}` : 'no classifier');
  }

  /** Another model judges from now on. Null: no log has alerts of the one before, or it is none that judges, or in use already. */
  async startUsingModel(modelId: string): Promise<Started | null> {
    const before = (await currentThreshold(this.#services))?.modelId;
    const scoring = before === undefined || before === modelId ? null : await this.#planScoreAfter(before);
    const isOther = await this.#models.use(modelId, { kind: 'choose', scoring: scoring?.kept ?? null });
    return isOther && scoring ? scoring.start() : null;
  }

  /**
   * No classifier judges any more. Where the model in use came of adopting it, the one before is in use again, at once; where it was retrained since, it is calibrated
   * anew in a job. Throws CONFLICT where none judges.
   */
  async dropClassifier(): Promise<{ modelNumber: number; jobId: string | null; finished: Promise<Job> | null }> {
    const { store } = this.#services;
    const model = await this.#models.inUse();
    const { classifier } = model.card;
    if (!classifier) throw new AppError('CONFLICT', `No classifier judges with model m${model.number}.`);
    const models = await store.call('list_models', undefined);
    const before = models.find(({ id, state }) => id === classifier.without.id && state === 'kept');
    if (classifier.asModel !== model.id || !before) {
      const started = await this.startUsingClassifier(null);
      return { modelNumber: model.number, jobId: started.jobId, finished: started.finished };
    }
    const scoring = await this.#planScoreAfter(model.id);
    await this.#models.use(before.id, {
      ...{ kind: 'withdraw_classifier', classifierId: classifier.id, from: model.id },
      scoring: scoring?.kept ?? null,
    });
    const started = scoring?.start();
    return { modelNumber: before.number, jobId: started?.jobId ?? null, finished: started?.finished ?? null };
  }

  /** Of the model in use, beside other work. Throws BAD_INPUT with what is missing, CONFLICT where one is under way or waits for a decision. */
  async startRetraining(options: { seed?: number | undefined } = {}): Promise<Started> {
    const parent = await this.#models.inUse();
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
    const waiting = (await store.call('list_retrainings', undefined)).find(({ state }) => state === 'proposed');
    if (waiting)
      throw new AppError(
        'CONFLICT',
        `Model m${waiting.modelNumber} is proposed already. Adopt it or discard it first.`,
      );
    const { missing } = await retrainPlan(this.#services, parent, new AbortController().signal);
    if (missing !== null) throw new AppError('BAD_INPUT', missing);
    // Last, and listed without another wait: of two that are asked for at once one is.
    if (this.#jobs.isRunning('retrain')) throw new AppError('CONFLICT', 'A retraining is under way already.');
    return this.#ask(question, `m${parent.number}`);
  }

  startScore(sourceIds: number[], subject: string): Promise<Started> {
    return this.#ask({ kind: 'score', input: { sourceIds } }, subject);
  }

  /** Scoring that is kept in one transaction with what makes it needed: a kill in between would leave alerts of the model before. */
  planScore(sourceIds: number[], subject: string): PlannedScoring {
    const { host } = this.#services;
    const asked: Asked = { kind: 'score', input: { sourceIds, isReplacing: true } };
    const kept = { ...asked, id: host.newId(), subject, startedAt: host.now() };
    const begun = { goesOn: false, isPaused: false, keeping: Promise.resolve() };
    return { kept, start: () => this.#start(kept, asked, begun) };
  }

  /** Of the logs whose alerts are by a model that another is about to replace. */
  async #planScoreAfter(modelId: string): Promise<PlannedScoring | null> {
    const sourceIds = await this.#models.logsOf(modelId);
    return sourceIds.length === 0 ? null : this.planScore(sourceIds, counted(sourceIds.length, 'log'));
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
    await this.#letGo(jobId);
    await abandonUnwanted(this.#services);
  }

  /** Acknowledged when a later start will not go on with it either. */
  async cancel(jobId: string): Promise<Job> {
    const job = this.#jobs.cancel(jobId);
    await this.#letGo(jobId);
    return job;
  }

  /** Its files with it: what was uploaded for it goes when the app closes. */
  async #letGo(jobId: string): Promise<void> {
    const { store } = this.#services;
    const record = (await store.call('list_jobs', undefined)).find(({ id }) => id === jobId);
    if (!record) return;
    await store.call('end_job', { id: jobId });
    const asked = readAsked(record);
    // What verdicts teach waited for it, and is computed of the scores of now.
    if (asked?.kind === 'use_classifier' || (asked?.kind === 'score' && asked.input.isReplacing))
      this.#thresholds.refit();
    else this.#thresholds.jobEnded();
    for (const path of asked ? filesOf(asked, incomingDirectory(this.#services)) : [])
      this.#files.setNeeded(path, false);
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
      const place = await placeOf(this.#services, asked);
      // Behind what closing takes off its count, this would count as a start that ended the app.
      if (job.signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
      await this.#services.store.call('begin_job', { id, place });
      return this.#tasks.do(asked, id, job);
    });
    void started.finished.then(() => this.#changed());
    return { ...started, modelId };
  }
}
