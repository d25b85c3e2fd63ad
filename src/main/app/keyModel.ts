/** @file A learned key model with everything that turns its log-probabilities into alerts: vocabulary, kinds, calibration. Kept as files beside the weights. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LeftOut, Quantisation } from '../../shared/models.ts';
import { AppError } from '../../shared/errors.ts';
import type { EngineMethods, ScoreGraph, ScoreOutput } from '../../shared/engineProtocol.ts';
import type { Client } from '../../shared/port.ts';
import { keyTokens, type SequenceSet } from '../../shared/sequences.ts';
import type { KeyModelShape, ModelFile, TrainProvider } from '../../shared/trainerProtocol.ts';
import type { Calibration } from '../detect/calibration.ts';
import { stretchEvents, type TokenScores } from '../detect/detector.ts';
import type { LabelledState } from '../detect/detectors/labelled.ts';
import type { FusionData } from '../detect/fusion.ts';
import { encodeOwnRows, type OwnRows } from '../detect/ownRows.ts';
import { leastTopKBits } from '../detect/topK.ts';
import { KindModel, type Kind, type KindStatistics } from '../detect/kinds.ts';
import { kindKey } from '../learn/keyTable.ts';
import { Vocabulary, type VocabularyEntry } from '../learn/vocabulary.ts';
import type { ModelRecord } from '../store/protocol/models.ts';
import type { TemplateRecord } from '../store/protocol/sources.ts';
import type { Detection } from './detection/detection.ts';
import { keyAlone, openDetectors, type Learned } from './detection/detectorSet.ts';
import { judgeBy, type VoteJudge } from './detection/judge.ts';
import { KindVersions } from './detection/kindVersions.ts';
import type { LineDetection, LineModel } from './detection/lineDetection.ts';
import { lineDetectionOf, openWindowModel, readingModel } from './detection/lineModels.ts';
import { LineScores } from './detection/lineScores.ts';
import type { TutorialData } from './detection/tutorial.ts';
import { logitsOf, windowClassifier } from './detection/windowClassifier.ts';
import { modelDirectory, type Services } from './services.ts';
import { writeWhole } from './wholeFile.ts';

export type ModelCard = {
  learnedFrom: string;
  keys: 'lines' | 'sequences';
  lineCount: number;
  sessionCount: number;
  eventKinds: number;
  parameterCount: number;
  trainingBits: number | null;
  validationBits: number | null;
  epochs: number;
  elapsedMs: number;
  seed: number;
  /** Null for one that only counts: no network was trained. */
  shape: KeyModelShape | null;
  durationMs: number | null;
  /** Times of the first and the last event; null or absent (in cards of earlier versions) where they are not known. */
  firstAt?: number | null;
  lastAt?: number | null;
  provider?: TrainProvider;
  /** The logs by id, with as many of their events as there were then. Models of before it have names only. */
  learnedLogs?: { sourceId: number; eventCount: number }[];
  /** Absent where nothing was. */
  leftOut?: LeftOut;
  /** Of a model that was retrained on verdicts. */
  retrainedFrom?: { id: string; number: number };
  /** That judges beside the other detectors. */
  classifier?: ClassifierInUse;
  /** Models of before it have none. */
  quantisation?: Quantisation;
  /** Why learning failed. */
  failure?: string;
};

/** `asModel`: the model that adopting it made. `without`: the one that judged before any classifier did. */
export type ClassifierInUse = { id: string; number: number; asModel: string; without: { id: string; number: number } };

export type KeyModel = {
  id: string;
  number: number;
  card: ModelCard;
  vocabulary: Vocabulary;
  kinds: KindModel;
  /** What scores on the CPU. */
  graph: ScoreGraph;
  /** By what scored: bits of one graph have no p-value by the other's. */
  calibrations: Record<ScoreGraph, Calibrations>;
  detection: Detection & { judges: Record<ScoreGraph, VoteJudge> };
  /** What its detectors learned, to be asked why they say something. */
  learned: Learned;
  /** Detectors of single lines. `lacks`: why the text model that read them does so no longer. */
  lines: LineDetection & { lacks: string | null };
  /** What nineteen in twenty held-back events' stretches have less than. */
  usualPerplexity: number;
  /** Where it was learned with the tutorial's preset. `lacks`: why its text model reads no more. */
  tutorial: { data: TutorialData; model: LineModel | null; lacks: string | null } | null;
  histogram: { binBits: number; counts: number[] };
};

export type Calibrations = {
  /** Surprise of single events held back from training. */
  calibration: Calibration;
  /** Largest surprise of whole sessions held back from training. */
  sessionCalibration: Calibration;
  /** Of all detectors; models of before them have none, and judge by the key model's surprise alone. */
  fusion?: FusionData;
  usualPerplexity?: number;
};

/** What calibration gives of a model. */
export type Calibrated = {
  data: ModelData;
  learned: Learned;
  /** Null where there is no network. */
  quantisation: Quantisation | null;
  /** By graph; `int8` where that could be run. */
  ownRows: { f32: OwnRows; int8?: OwnRows };
};

/** The calibrations beside `int8` are those of the f32 graph. Models of before the int8 graph have none of its. */
export type ModelData = Calibrations & {
  vocabulary: VocabularyEntry[];
  kinds: KindStatistics;
  int8?: Calibrations;
  /** `TemplateVersions`. Models of before them have none: to those every kind that they do not know is new. */
  versions?: { programs: number[] };
  histogram: { binBits: number; counts: number[] };
};

export const dataFile = 'detector.json';
/** What each detector said of held-back rows, with the bits of one graph: what verdicts teach is calibrated on it. */
export function ownRowsFile(graph: ScoreGraph): string {
  return `held-back-${graph}.bin`;
}
/** What the other detectors learned: counts of the training part, larger than all the rest. */
export const learnedFile = 'detectors.json';
export const tutorialFile = 'tutorial.json';

/** Writes what belongs to the model beside its weights, each file whole or not at all. */
export function writeModelData(
  directory: string,
  { data, learned, ownRows }: Pick<Calibrated, 'data' | 'learned' | 'ownRows'>,
  tutorial: TutorialData | null,
): Promise<ModelFile[]> {
  return Promise.all([
    writeData(directory, learnedFile, JSON.stringify(learned)),
    writeData(directory, dataFile, JSON.stringify(data)),
    ...(tutorial ? [writeData(directory, tutorialFile, JSON.stringify(tutorial))] : []),
    ...Object.entries(ownRows).map(([graph, rows]) =>
      writeData(directory, ownRowsFile(graph as ScoreGraph), encodeOwnRows(rows)),
    ),
  ]);
}

async function writeData(directory: string, name: string, data: string | Uint8Array): Promise<ModelFile> {
  await writeWhole(join(directory, name), data);
  return {
    name,
    sizeBytes: Buffer.byteLength(data),
    sha256: createHash('sha256').update(data).digest('hex'),
  };
}

/** Loads a model for scoring. Throws MODEL_INVALID when a file is missing or not the one that was written. */
export async function loadKeyModel(services: Services, record: ModelRecord): Promise<KeyModel> {
  const directory = modelDirectory(services, record.id);
  for (const file of record.files) {
    const bytes = await readFile(join(directory, file.name)).catch(() => undefined);
    if (!bytes || createHash('sha256').update(bytes).digest('hex') !== file.sha256) {
      const what = bytes ? 'is not the file that was written when it learned' : 'is missing';
      throw new AppError(
        'MODEL_INVALID',
        `Model m${record.number}: ${file.name} ${what}. Use another model, or learn again.`,
      );
    }
  }
  const data = JSON.parse(await readFile(join(directory, dataFile), 'utf8')) as ModelData;
  const hasLearned = data.fusion !== undefined && record.files.some(({ name }) => name === learnedFile);
  const learned = hasLearned ? (JSON.parse(await readFile(join(directory, learnedFile), 'utf8')) as Learned) : keyAlone;
  const card = record.card as ModelCard;
  const vocabulary = new Vocabulary(data.vocabulary);
  if (card.shape && vocabulary.size !== card.shape.vocabularySize) {
    throw new AppError(
      'MODEL_INVALID',
      `Model m${record.number}: ${dataFile} names ${vocabulary.size} kinds, its weights are for ${card.shape.vocabularySize}: they are of two models. Use another model, or learn again.`,
    );
  }
  const versions = data.versions
    ? new KindVersions(vocabulary, await templatesOf(services), { ...data.versions, store: services.store })
    : null;
  const graph = scoreGraphOf(card);
  if (card.shape) await services.engine().call('load', { modelId: record.id, directory, shape: card.shape, graph });
  const calibrations = { f32: data, int8: data.int8 ?? data };
  const lines = await lineDetectionOf(services, learned, new AbortController().signal);
  const lineScores = new LineScores({ store: services.store, engine: services.engine() }, lines);
  const set = openDetectors(learned, lines.ids);
  const labelled = learned.labelled as LabelledState | undefined;
  const judgeOf = (graph: ScoreGraph): VoteJudge => judgeBy(calibrations[graph], card.keys, set.ids);
  return {
    id: record.id,
    number: record.number,
    card,
    vocabulary,
    kinds: new KindModel(data.kinds),
    graph,
    calibrations,
    detection: {
      vocabulary,
      versions,
      set,
      readLines: () => lineScores,
      judges: { f32: judgeOf('f32'), int8: judgeOf('int8') },
      classifier: labelled ? windowClassifier(directory, labelled, vocabulary) : null,
      ...{ k: null, isOfLog: false },
    },
    learned,
    lines,
    usualPerplexity: calibrations[graph].usualPerplexity ?? Infinity,
    tutorial: await tutorialOf(services, record, directory),
    histogram: data.histogram,
  };
}

async function templatesOf({ store }: Services): Promise<Map<number, TemplateRecord>> {
  return new Map((await store.call('list_templates', undefined)).map((template) => [template.index, template]));
}

async function tutorialOf(
  services: Services,
  { files }: ModelRecord,
  directory: string,
): Promise<KeyModel['tutorial']> {
  if (!files.some(({ name }) => name === tutorialFile)) return null;
  const data = JSON.parse(await readFile(join(directory, tutorialFile), 'utf8')) as TutorialData;
  return { data, ...(await readingModel(services, data.textModelId, openWindowModel, new AbortController().signal)) };
}

/** Sessions are read in parts as long as a model's context; without a model, as the detectors of stretches read. */
export function contextLengthOf({ shape }: Pick<ModelCard, 'shape'>): number {
  return shape?.contextLength ?? stretchEvents;
}

/** On the CPU; other providers score with f32. */
export function scoreGraphOf(card: ModelCard): ScoreGraph {
  return card.quantisation?.isUsed ? 'int8' : 'f32';
}

/** What is known of the kind of an event besides its key. */
export function kindOf(template: TemplateRecord | undefined, severity: number): Kind {
  return {
    key: kindKey(template?.index ?? -1, severity),
    severity,
    processHash: template?.prefixHash ?? 0,
    wordHashes: template?.tokens.filter((token) => token > 0) ?? [],
  };
}

/**
 * Surprise in bits of every position of each sequence, unseen kinds included, and the graph that gave it. `kindAt(sequence, position)` names the kind at a position.
 */
export async function surpriseOf(
  engine: Client<EngineMethods>,
  model: Pick<KeyModel, 'id' | 'kinds' | 'card'>,
  packed: SequenceSet,
  kindAt: (sequence: number, position: number) => Kind,
  signal?: AbortSignal,
): Promise<Pick<ScoreOutput, 'bits' | 'graph'>> {
  if (model.card.shape === null) return { bits: new Float32Array(), graph: 'f32' };
  const options = signal ? { signal } : {};
  const { bits, graph } = await engine.call('score', { modelId: model.id, sequences: packed }, options);
  addUnseenBits(bits, model.kinds, packed, kindAt);
  return { bits, graph };
}

/** As `surpriseOf`; with which tokens are outside the K most expected, and what a classifier says of each, where the detection asks for that. */
export async function surpriseBy(
  engine: Client<EngineMethods>,
  { model, detection: { k, classifier } }: { model: KeyModel; detection: Detection },
  packed: SequenceSet,
  kindAt: (sequence: number, position: number) => Kind,
  signal?: AbortSignal,
): Promise<TokenScores & Pick<ScoreOutput, 'graph'>> {
  const [surprise, logits] = await Promise.all([
    surpriseOf(engine, model, packed, kindAt, signal),
    classifier ? logitsOf(engine, classifier, packed, signal) : undefined,
  ]);
  if (k === null) return { ...surprise, logits };
  return { ...surprise, logits, unexpected: await unexpectedOf(engine, model.id, k, packed, surprise.bits, signal) };
}

/** Bits by which the graph that scored and the one that ranks may differ. */
const rankSlackBits = 0.1;

/** Asks for the rank only of what may be outside: what has K others before it surprises by log2(K + 1) bits at least. */
async function unexpectedOf(
  engine: Client<EngineMethods>,
  modelId: string,
  k: number,
  packed: SequenceSet,
  bits: Float32Array,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const unexpected = new Uint8Array(packed.ids.length);
  const positions: number[] = [];
  for (let sequence = 0; sequence + 1 < packed.offsets.length; sequence++) {
    for (let at = (packed.offsets[sequence] ?? 0) + 1; at < (packed.offsets[sequence + 1] ?? 0); at++) {
      // Never seen in training, and never expected.
      if (packed.ids[at] === keyTokens.unseen) unexpected[at] = 1;
      else if ((bits[at] ?? 0) >= leastTopKBits(k) - rankSlackBits) positions.push(at);
    }
  }
  if (positions.length === 0) return unexpected;
  const asked = { modelId, sequences: packed, positions: Int32Array.from(positions), k };
  const { isUnexpected } = await engine.call('unexpected', asked, signal ? { signal } : {});
  positions.forEach((at, index) => (unexpected[at] = isUnexpected[index] ?? 0));
  return unexpected;
}

/** What the kinds' own features say, added to what the model gave `unseen`. */
export function addUnseenBits(
  bits: Float32Array,
  kinds: KindModel,
  packed: { ids: Int32Array; offsets: Int32Array },
  kindAt: (sequence: number, position: number) => Kind,
): void {
  for (let sequence = 0; sequence + 1 < packed.offsets.length; sequence++) {
    const start = packed.offsets[sequence] ?? 0;
    const end = packed.offsets[sequence + 1] ?? 0;
    for (let i = start + 1; i < end; i++) {
      if (packed.ids[i] === keyTokens.unseen) bits[i] = (bits[i] ?? 0) + kinds.bits(kindAt(sequence, i - start));
    }
  }
}
