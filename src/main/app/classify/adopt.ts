/**
 * @file Putting a classifier in use, or out of it: another version of the model in use, of the same weights, calibrated anew with the classifier as one more
 * detector or without it. Going back to the model before undoes it. A classifier that the gate is against is refused, and nothing is changed.
 */
import { mkdir, rm } from 'node:fs/promises';
import type { Classifier, ClassifierGate } from '../../../shared/classify.ts';
import { AppError } from '../../../shared/errors.ts';
import { blockingOf } from '../../../shared/retraining.ts';
import type { Threshold } from '../../../shared/thresholds.ts';
import type { ModelFile } from '../../../shared/trainerProtocol.ts';
import type { ModelRecord } from '../../store/protocol/models.ts';
import { calibrate, type CalibratedClassifier } from '../calibrate.ts';
import { LineScores } from '../detection/lineScores.ts';
import { longestWindow, windowClassifier } from '../detection/windowClassifier.ts';
import type { JobContext } from '../jobs.ts';
import {
  contextLengthOf,
  dataFile,
  learnedFile,
  loadKeyModel,
  ownRowsFile,
  tutorialFile,
  writeModelData,
  type ClassifierInUse,
  type KeyModel,
  type ModelCard,
} from '../keyModel.ts';
import { pagesOf } from '../detection/learnFrom.ts';
import type { TemplateTexts } from '../presenter.ts';
import { mostTries, successorOf } from '../retraining/proposals.ts';
import { readMaterial, type Material } from '../retraining/material.ts';
import { modelDirectory, type Services } from '../services.ts';
import { currentThreshold } from '../thresholdInForce.ts';
import type { Thresholds } from '../thresholds.ts';
import { gateOf, gateSince, type ClassifierGateParts, type FoundGate } from './gate.ts';
import { classifierGraph, copyFile, taughtClassifier } from './inModel.ts';
import { openClassifier, type OpenClassifier } from './read.ts';

export type AdoptParts = { services: Services; texts: TemplateTexts; thresholds: Thresholds };

/** `modelId`: of the model that comes of it. `classifierId` null: none is to judge any more. */
export type UseClassifierInput = { modelId: string; classifierId: string | null };

/** Fewer threats that it was not trained on say nothing of it. */
const leastHeldOutThreats = 3;

/** Written when a model is calibrated; all its other files are of its weights. */
const madeByCalibration = [
  dataFile,
  learnedFile,
  tutorialFile,
  ownRowsFile('f32'),
  ownRowsFile('int8'),
  classifierGraph,
];

/** Answers what came of it in words. Throws CONFLICT with what speaks against it. */
export async function useClassifier(
  parts: AdoptParts,
  { modelId: id, classifierId }: UseClassifierInput,
  base: KeyModel,
  job: JobContext,
): Promise<string> {
  const { services, thresholds } = parts;
  const { store, host } = services;
  const models = await store.call('list_models', undefined);
  const earlier = models.find((model) => model.id === id);
  if (earlier && earlier.state !== 'training') return ended(earlier);
  job.update({ step: 'reading what the model learned from' });
  const threshold = await currentThreshold(services);
  if (!threshold || threshold.modelId !== base.id)
    throw new AppError('CONFLICT', 'Another model is in use now. Ask again.');
  if (threshold.preset.kind !== 'budget')
    throw new AppError(
      'CONFLICT',
      'Alerts are raised by a preset’s rule now. Choose the alert budget to use a classifier.',
    );
  const opened = classifierId === null ? null : await openClassifier(parts, classifierId);
  if (opened) refuseUnfit(opened.classifier, base);
  const record = models.find((model) => model.id === base.id);
  if (!record) throw new AppError('NOT_FOUND', 'The model in use is no longer there.');
  const material = await readMaterial(services, base, job.signal);
  const pages = await pagesOf(services, { sourceIds: material.sourceIds, keys: 'lines' }, material.cut, job.signal);
  const directory = modelDirectory(services, id);
  try {
    await mkdir(directory, { recursive: true });
    job.update({ step: 'calibrating on what was held back', share: 0.1 });
    const files: ModelFile[] = [];
    for (const { name } of record.files)
      if (!madeByCalibration.includes(name))
        files.push(await copyFile(modelDirectory(services, base.id), directory, name));
    const classifier = opened && (await inModel(services, opened, { directory, base, material }, job.signal));
    if (opened) files.push(await copyFile(opened.directory, directory, classifierGraph));
    const calibrated = await calibrate(
      services.engine(),
      {
        ...{ directory, shape: base.card.shape, cut: material.cut, vocabulary: base.vocabulary },
        ...{ templates: material.templates, keys: 'lines', budgetScore: threshold.budgetScore, pages },
        ...{ formats: material.formats, classifier: classifier ?? undefined },
        lines: new LineScores({ store, engine: services.engine() }, base.lines),
      },
      job.signal,
    );
    files.push(...(await writeModelData(directory, calibrated, base.tutorial?.data ?? null)));
    const { classifier: _before, quantisation: _quantisation, ...kept } = base.card;
    const card: ModelCard = {
      ...kept,
      ...(calibrated.quantisation ? { quantisation: calibrated.quantisation } : {}),
      ...(opened ? { classifier: inUse(opened.classifier, id, base) } : {}),
    };
    const made = { ...record, id, directory: `models/${id}`, card, files, createdAt: host.now() };
    const candidate = await loadKeyModel(services, made);
    const after = opened ? `classifier c${opened.classifier.number} came to its detectors` : 'its classifier went';
    const adopted = async (verdictNumber: number | null): Promise<boolean> => {
      // The last moment to cancel: from here on it is in use.
      if (job.signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
      const actor = await services.actor();
      let isAdopted = false;
      await thresholds.useModel(async (before) => {
        // What was done meanwhile stands: the budget, and what verdicts taught, are those of now.
        refuseOther(before, base);
        ({ isAdopted } = await store.call('adopt_model', {
          ...{ id, card, files, curve: record.curve, isUsed: true, actor, verdictNumber, classifierId },
          ...(earlier ? {} : { added: { ...made, state: 'training', curve: [], files: [] } }),
          threshold: { ...successorOf(before, candidate, after), createdAt: host.now() },
        }));
      });
      return isAdopted;
    };
    if (!opened || !classifier) await adopted(null);
    else {
      const gateParts = { base, candidate, opened, material, pages, labelled: classifier.labelled, threshold };
      await adoptPastGate(services, gateParts, adopted, job);
    }
    return outcomeText(base.number, opened?.classifier.number);
  } catch (error) {
    const isKept = (await store.call('list_models', undefined)).some(
      (model) => model.id === id && model.state !== 'training',
    );
    if (isKept) throw error;
    await rm(directory, { recursive: true, force: true });
    if (base.card.shape)
      await services
        .engine()
        .call('unload', { modelId: id })
        .catch(() => undefined);
    throw error;
  }
}

/** A confirmed threat counts whenever it was: verdicts that come while the gate looks are looked at, too. `adopted` answers whether none did. */
async function adoptPastGate(
  services: Services,
  parts: ClassifierGateParts & { opened: OpenClassifier },
  adopted: (verdictNumber: number) => Promise<boolean>,
  job: JobContext,
): Promise<void> {
  const { classifier } = parts.opened;
  const refuse = async (found: FoundGate, why: string): Promise<never> => {
    await keepGate(services, classifier, { ...found, isAdopted: false }, parts.base.id);
    throw new AppError('CONFLICT', `Classifier c${classifier.number} is not used. ${why}`);
  };
  let verdictNumber = await services.store.call('newest_verdict', undefined);
  let found = await gateOf(services, parts, job);
  for (let tries = 1; ; tries++) {
    const objections = objectionsTo(found);
    if (objections.length > 0) await refuse(found, objections.join(' '));
    await keepGate(services, classifier, { ...found, isAdopted: true }, null);
    if (await adopted(verdictNumber)) return;
    if (tries === mostTries)
      await refuse(
        found,
        'Verdicts came each time while it was held against those there are. Ask again when none come for a moment.',
      );
    verdictNumber = await services.store.call('newest_verdict', undefined);
    const threshold = await currentThreshold(services);
    refuseOther(threshold, parts.base);
    found = await gateSince(services, found, { ...parts, threshold }, job.signal);
  }
}

function refuseOther(threshold: Threshold | undefined, base: KeyModel): asserts threshold is Threshold {
  if (threshold?.modelId !== base.id || threshold.preset.kind !== 'budget')
    throw new AppError('CONFLICT', 'Another model or preset came in use meanwhile, and stays so. Ask again.');
}

/** Before anything is computed. */
function refuseUnfit({ number, card }: Classifier, base: KeyModel): void {
  const refuse = (why: string): never => {
    throw new AppError('CONFLICT', `Classifier c${number} cannot be used. ${why}`);
  };
  if (card.source === 'archive')
    refuse('It knows the event ids of an archive, which are no kinds of line of this workspace.');
  if (base.card.keys === 'sequences')
    refuse(`Model m${base.number} learned sessions of ids, whose verdicts have no windows of lines.`);
  if (card.noQuality !== null) refuse(card.noQuality);
  if (card.calibration?.kind !== 'platt')
    refuse(
      'Too few windows of one class were held back from its training: its probabilities are not calibrated. Decide more alerts and train again.',
    );
  if ((card.calibration?.slope ?? 0) <= 0)
    refuse(
      'On what was held back it takes threats for less likely threats than all else: it learned nothing that holds.',
    );
  const heldOut = card.verdicts?.heldOut.threats ?? 0;
  if (heldOut < leastHeldOutThreats)
    refuse(
      `Of the threats ${heldOut} were held out from its training; at least ${leastHeldOutThreats} are needed to tell whether it finds any.`,
    );
  const longest = longestWindow(contextLengthOf(base.card));
  if (card.length > longest)
    refuse(
      `Its windows have ${card.length} events, and model m${base.number} scores an event by up to ${longest} before it.`,
    );
}

async function inModel(
  services: Services,
  { classifier, vocabulary }: OpenClassifier,
  { directory, base, material }: { directory: string; base: KeyModel; material: Material },
  signal: AbortSignal,
): Promise<CalibratedClassifier> {
  const { id, number, card } = classifier;
  const { slope, offset } = card.calibration ?? { slope: 1, offset: 0 };
  const state = { classifierId: id, classifierNumber: number, length: card.length, eventIds: [...vocabulary.ids] };
  const own = windowClassifier(directory, { ...state, slope, offset }, base.vocabulary);
  return taughtClassifier(services, own, material, signal);
}

function inUse({ id, number }: Classifier, asModel: string, base: KeyModel): ClassifierInUse {
  const without = base.card.classifier?.without ?? { id: base.id, number: base.number };
  return { id, number, asModel, without };
}

function objectionsTo(gate: FoundGate): string[] {
  const { threats } = gate.heldOut;
  return threats < leastHeldOutThreats
    ? [`Of the threats held out ${threats} are still there and decided so; at least ${leastHeldOutThreats} are needed.`]
    : blockingOf(gate);
}

/** `refusedFor`: the model that it was asked to judge with and does not. */
async function keepGate(
  services: Services,
  { id, card }: Classifier,
  gate: ClassifierGate,
  refusedFor: string | null,
): Promise<void> {
  const actor = await services.actor();
  await services.store.call('update_classifier', { id, card: { ...card, gate }, refusedFor, actor });
}

function outcomeText(modelNumber: number, classifierNumber: number | undefined): string {
  return classifierNumber === undefined
    ? `No classifier judges with model m${modelNumber} any more.`
    : `Classifier c${classifierNumber} judges with model m${modelNumber}, as one more detector.`;
}

/** The app ended behind the last moment: what is left is said again. */
function ended({ number, card }: ModelRecord): string {
  const { classifier } = card as ModelCard;
  return outcomeText(classifier?.without.number ?? number, classifier?.number);
}
