/** @file What is decided about a proposed model: adopted, also against the gate in so many words; discarded; and going back to an earlier model. */
import { carriedOver } from '../detection/taughtJudges.ts';
import { rm } from 'node:fs/promises';
import type { Threshold } from '../../../shared/thresholds.ts';
import type { PlannedScoring } from '../work.ts';
import { AppError } from '../../../shared/errors.ts';
import { blockingOf, overrideSentenceOf, type GateReport, type Retraining } from '../../../shared/retraining.ts';
import { thresholdMeaning } from '../../detect/budget.ts';
import type { ModelRecord, RetrainingRecord } from '../../store/protocol/models.ts';
import type { KeyModel } from '../keyModel.ts';
import { putBack } from '../newVersions.ts';
import { modelBefore } from '../modelRegistry.ts';
import type { Models } from '../models.ts';
import { modelDirectory, type Services } from '../services.ts';
import { isTextCard } from '../textModelCard.ts';
import { currentThreshold } from '../thresholdInForce.ts';
import type { Thresholds } from '../thresholds.ts';
import { DiffGatherer } from './diff.ts';
import { judgedAnew, type HeldOutVerdict } from './gate.ts';
import { isOfClass } from './labelled.ts';
import { replayAlerts } from './replay.ts';

/** Of logs that the model before had scored: their alerts are by that one until they are scored again. Null: nothing is. */
export type PlanScoring = (sourceIds: number[]) => Promise<PlannedScoring | null>;
const none: PlanScoring = () => Promise.resolve(null);

export type Decided = { retraining: Retraining; scoring: PlannedScoring | null };

/** Verdicts that come while a gate looks are looked at, too; so often. */
export const mostTries = 4;

export class Proposals {
  readonly #services: Services;
  readonly #models: Models;
  readonly #thresholds: Thresholds;

  constructor(services: Services, models: Models, thresholds: Thresholds) {
    this.#services = services;
    this.#models = models;
    this.#thresholds = thresholds;
  }

  /** Newest first. */
  async list(): Promise<Retraining[]> {
    const { store } = this.#services;
    const [all, newest] = await Promise.all([
      store.call('list_retrainings', undefined),
      store.call('newest_verdict', undefined),
    ]);
    return all.map((record) => shown(record, newest));
  }

  /** By id, or the one that waits. Throws NOT_FOUND. */
  async get(modelId?: string): Promise<Retraining> {
    const record = await this.#record(modelId);
    return shown(record, await this.#services.store.call('newest_verdict', undefined));
  }

  /**
   * Puts the model in use with its calibration and a threshold of the same budget. What was decided since it was proposed counts: verdicts are
   * gone through again; the scoring that is planned is kept with it. Throws CONFLICT where the gate is against it and `override` is not the sentence that says so, and where another model is in use.
   */
  async adopt(modelId: string | undefined, override: string | null, plan = none): Promise<Decided> {
    const { modelId: id } = await this.#record(modelId);
    for (let tries = 0; tries < mostTries; tries++) {
      const adopted = await this.#adoptUnlessJudged(id, override, plan);
      if (adopted) return adopted;
    }
    throw new AppError(
      'CONFLICT',
      'Verdicts came each time while it was compared with those there are. Nothing was adopted; adopt it again when none come for a moment.',
    );
  }

  /** Null where a verdict or the threshold changed while the gate looked: what it found is of before. */
  async #adoptUnlessJudged(modelId: string, override: string | null, plan: PlanScoring): Promise<Decided | null> {
    const { store } = this.#services;
    const verdictNumber = await store.call('newest_verdict', undefined);
    const record = await this.#record(modelId);
    this.#needProposed(record);
    const current = await currentThreshold(this.#services);
    if (current?.modelId !== record.parentId) {
      throw new AppError(
        'CONFLICT',
        `Model m${record.modelNumber} was retrained from m${record.parentNumber}, which is not in use now: what the gate found is of that one. Discard it and retrain.`,
      );
    }
    if (current.preset.kind !== 'budget')
      throw new AppError('CONFLICT', 'Alerts are raised by a preset’s rule now. Choose the alert budget to adopt.');
    const candidate = await this.#models.of(record.modelId);
    if (!candidate)
      throw new AppError('MODEL_INVALID', `Files of model m${record.modelNumber} are missing or changed.`);
    const report = await this.#judgedNow(record, candidate, current, verdictNumber);
    const sentence = overrideSentenceOf(record.modelNumber, report);
    const isOverridden = sentence !== null && override?.trim() === sentence;
    const isRefused = sentence !== null && !isOverridden;
    const actor = await this.#services.actor();
    await store.call('set_gate_report', { modelId: record.modelId, report, isRefused, actor });
    if (isRefused) {
      throw new AppError(
        'CONFLICT',
        `The gate is against m${record.modelNumber}. ${blockingOf(report).join(' ')} To adopt it all the same, say: ${sentence}`,
      );
    }
    const scoring = await plan(await this.#models.logsOf(record.parentId));
    let isAdopted = false;
    await this.#thresholds.useModel(async (before) => {
      if (before?.version !== current.version) return;
      ({ isAdopted } = await store.call('adopt_retraining', {
        modelId: record.modelId,
        threshold: {
          ...successorOf(current, candidate, `retraining m${candidate.card.retrainedFrom?.number ?? '?'}`),
          createdAt: this.#services.host.now(),
        },
        override: isOverridden ? sentence : null,
        verdictNumber,
        scoring: scoring?.kept ?? null,
        actor,
      }));
    });
    return isAdopted ? { retraining: await this.get(record.modelId), scoring } : null;
  }

  /** Its row goes with its files; the report stays. */
  async discard(modelId?: string): Promise<Retraining> {
    const record = await this.#record(modelId);
    this.#needProposed(record);
    await this.#services.store.call('discard_retraining', {
      modelId: record.modelId,
      actor: await this.#services.actor(),
    });
    this.#models.forget(record.modelId);
    await rm(modelDirectory(this.#services, record.modelId), { recursive: true, force: true });
    return this.get(record.modelId);
  }

  /** The model that going back leads to: the one that was named, else the one that was in use before. */
  async earlier(modelId?: string): Promise<ModelRecord> {
    const models = await this.#services.store.call('list_models', undefined);
    const found =
      modelId === undefined ? await modelBefore(this.#services, models) : await this.#ready(models, modelId);
    if (found) return found;
    throw new AppError('NOT_FOUND', 'There is no earlier model to go back to.');
  }

  /** One that may judge: neither a text model nor one that nobody adopted. */
  async #ready(models: readonly ModelRecord[], modelId: string): Promise<ModelRecord | undefined> {
    const isWaiting = (await this.list()).some((one) => one.modelId === modelId && one.state !== 'adopted');
    return models.find(({ id, state, card }) => id === modelId && state === 'kept' && !isTextCard(card) && !isWaiting);
  }

  /** With the threshold and the calibration that it had last; the scoring that is planned is kept with it. */
  async rollBack(modelId?: string, plan = none): Promise<{ model: ModelRecord; scoring: PlannedScoring | null }> {
    const target = await this.earlier(modelId);
    const from = (await currentThreshold(this.#services))?.modelId ?? '';
    const scoring = await plan(await this.#models.logsOf(from));
    await this.#models.use(target.id, { kind: 'roll_back', from, scoring: scoring?.kept ?? null });
    return { model: target, scoring };
  }

  #needProposed({ state, modelNumber }: RetrainingRecord): void {
    if (state !== 'proposed') throw new AppError('CONFLICT', `Model m${modelNumber} was ${state} already.`);
  }

  async #record(modelId: string | undefined): Promise<RetrainingRecord> {
    const all = await this.#services.store.call('list_retrainings', undefined);
    const found = all.find((one) => (modelId === undefined ? one.state === 'proposed' : one.modelId === modelId));
    if (found) return found;
    throw new AppError(
      'NOT_FOUND',
      modelId === undefined ? 'No retrained model waits for a decision.' : 'That model did not come of a retraining.',
    );
  }

  /** The report with what it says of verdicts made again: some came since, or were taken back. */
  async #judgedNow(
    { report }: RetrainingRecord,
    candidate: KeyModel,
    current: Threshold,
    verdictNumber: number,
  ): Promise<GateReport> {
    const { host } = this.#services;
    const at = host.now();
    const wasHeldOut = report.heldOutAlerts && new Set(report.heldOutAlerts);
    const heldOut: HeldOutVerdict[] = [];
    const thresholds = { before: current.score, after: current.score };
    const gatherer = new DiffGatherer(thresholds);
    const templates = await this.#services.store.call('list_templates', undefined);
    let threats = 0;
    await replayAlerts(this.#services, candidate, {
      templates: new Map(templates.map((template) => [template.index, template])),
      decidedOnly: true,
      version: carriedOver(current),
      signal: new AbortController().signal,
      onAlert: (one) => {
        gatherer.add(one);
        const { number, score, verdict } = one.alert;
        const isThreat = verdict === 'true_positive';
        if (isThreat) threats++;
        if (verdict !== null && isOfClass(verdict) && wasHeldOut?.has(number))
          heldOut.push({ isThreat, before: score >= thresholds.before, after: one.after >= thresholds.after });
      },
    });
    const now = { thresholdBefore: thresholds.before, thresholdAfter: thresholds.after, judged: { at, verdictNumber } };
    const replay = gatherer.finish(report.replay);
    return judgedAnew({ ...report, ...now }, { replay, threats, heldOut: wasHeldOut ? heldOut : null });
  }
}

function shown(record: RetrainingRecord, newestVerdict: number): Retraining {
  const isOpen = record.state === 'proposed';
  const { heldOutAlerts: _numbers, ...report } = record.report;
  const { judged } = report;
  return {
    ...record,
    report,
    verdictsSince: isOpen && judged ? newestVerdict - judged.verdictNumber : null,
    blocking: isOpen ? blockingOf(record.report) : [],
    overrideSentence: isOpen ? overrideSentenceOf(record.modelNumber, record.report) : null,
  };
}

/** The same p-value alerts as before: the model is calibrated anew after something, and the budget and what verdicts taught stay. */
export function successorOf(current: Threshold, { id: modelId, calibrations, graph }: KeyModel, after: string) {
  const { version: _version, isCurrent: _isCurrent, createdAt: _createdAt, ...kept } = current;
  const calibrationEvents = calibrations[graph].fusion?.second.pooled.count ?? 0;
  const spread = { budget: current.budget, eventsPerPeriod: current.eventsPerPeriod, score: current.budgetScore };
  const next = {
    ...kept,
    // Who is believed stays so; what joined the calibration had scores of the model before.
    taught: carriedOver(current).taught ?? null,
    modelId,
    reason: 'learned' as const,
    calibrationEvents,
    meaning: `${thresholdMeaning(spread, current.score, calibrationEvents)} Calibrated anew after ${after}.`,
  };
  return current.reason === 'reverted' ? putBack(next) : next;
}
