/** @file What a trained classifier says of single windows: probability, reason, and a picture of attention. The reason is what the score loses when an event is hidden. */
import {
  alarmProbability,
  windowTokens,
  type Classifier,
  type ClassifiedWindow,
  type WindowExplanation,
  type WindowPart,
} from '../../../shared/classify.ts';
import { AppError } from '../../../shared/errors.ts';
import { probabilityOf } from '../../classify/calibrate.ts';
import { fitPart } from '../../classify/prepare.ts';
import type { Parts } from '../../classify/report.ts';
import { rowOf, SeenWindows, tokensOf, vocabularyOf, type WindowVocabulary } from '../../classify/windows.ts';
import type { TemplateTexts } from '../presenter.ts';
import type { Services } from '../services.ts';
import { classifierDirectory, readData, readKeptTemplates } from './folders.ts';

export type OpenClassifier = {
  classifier: Classifier;
  parts: Parts;
  vocabulary: WindowVocabulary;
  seen: SeenWindows;
  directory: string;
  /** Null where nothing says what an id stands for. */
  textsOf: (ids: readonly number[]) => Promise<(id: number) => string | null>;
};

type Reading = { services: Services; texts: TemplateTexts };

/** By number (c3) or id; without one the newest that is trained. Throws NOT_FOUND. */
export function findClassifier(classifiers: readonly Classifier[], called?: string): Classifier {
  const found =
    called === undefined
      ? classifiers.findLast(({ state }) => state === 'kept')
      : classifiers.find(({ id, number }) => id === called || `c${number}` === called);
  if (found) return found;
  throw new AppError(
    'NOT_FOUND',
    called === undefined
      ? 'No classifier is trained in this workspace yet.'
      : `There is no classifier ${called} in this workspace.`,
  );
}

/** Throws NOT_FOUND, CONFLICT for one that is not trained, MODEL_INVALID where its files are gone. */
export async function openClassifier({ services, texts }: Reading, called?: string): Promise<OpenClassifier> {
  const classifier = findClassifier(await services.store.call('list_classifiers', undefined), called);
  const { id, number, state, card } = classifier;
  if (state !== 'kept') throw new AppError('CONFLICT', `Classifier c${number} is not trained.`);
  const parts = await readData(services, classifier);
  const kept = card.source === 'archive' ? await readKeptTemplates(services, id) : null;
  return {
    classifier,
    parts,
    vocabulary: vocabularyOf(fitPart(parts.train).ids),
    seen: new SeenWindows(parts.train),
    directory: classifierDirectory(services, id),
    textsOf: async (ids) => {
      if (card.source === 'verdicts') return texts.of(ids.filter((id) => id >= 0));
      return (id) => kept?.get(id) ?? null;
    },
  };
}

/** In the order of the part, from `from` on. Throws BAD_REQUEST for a place that is not there. */
export async function classifyWindows(
  { services }: Reading,
  open: OpenClassifier,
  { part, from, count }: { part: WindowPart; from: number; count: number },
): Promise<ClassifiedWindow[]> {
  const windows = open.parts[part];
  const { card, number } = open.classifier;
  const { length } = windows;
  const total = windows.labels.length;
  if (from >= total)
    throw new AppError(
      'BAD_REQUEST',
      `Classifier c${number} has ${total} windows to ${part}, from 0; there is no ${from}.`,
    );
  const places = Array.from({ length: Math.min(count, total - from) }, (_, i) => from + i);
  // Each window whole, then once without each of its events.
  const perWindow = length + 1;
  const tokens = new Int32Array(places.length * perWindow * length);
  places.forEach((place, i) => {
    const whole = tokensOf(rowOf(windows, place), open.vocabulary);
    for (let variant = 0; variant < perWindow; variant++) {
      const at = (i * perWindow + variant) * length;
      tokens.set(whole, at);
      if (variant > 0) tokens[at + variant - 1] = windowTokens.hidden;
    }
  });
  const asked = { directory: open.directory, ids: tokens, length };
  const { logits } = await services.engine().call('classify', asked);
  const textOf = await open.textsOf([...new Set(places.flatMap((place) => [...rowOf(windows, place)]))]);
  const calibration = card.calibration ?? { slope: 1, offset: 0 };
  return places.map((index, i): ClassifiedWindow => {
    const row = rowOf(windows, index);
    const logit = logits[i * perWindow] ?? NaN;
    const probability = probabilityOf(logit, calibration);
    return {
      part,
      index,
      label: windows.labels[index] === 1,
      probability,
      logit,
      isAlarm: probability >= alarmProbability,
      sameInTraining: open.seen.of(row),
      events: Array.from(row, (eventId, place) => ({
        eventId,
        text: eventId < 0 ? null : textOf(eventId),
        isUnseen: open.vocabulary.tokenOf(eventId) === windowTokens.unseen,
        change: logit - (logits[i * perWindow + 1 + place] ?? NaN),
      })),
    };
  });
}

export async function explainWindow(
  reading: Reading,
  open: OpenClassifier,
  { part, index }: { part: WindowPart; index: number },
): Promise<WindowExplanation> {
  const [found] = await classifyWindows(reading, open, { part, from: index, count: 1 });
  const shape = open.classifier.card.shape;
  if (!found || !shape) throw new AppError('INTERNAL', 'A trained classifier has no shape.');
  const ids = tokensOf(rowOf(open.parts[part], index), open.vocabulary);
  const asked = { directory: open.directory, ids, layers: shape.layers };
  const { layers } = await reading.services.engine().call('classify_attention', asked);
  const P = shape.contextLength;
  const attention = layers.map((values) =>
    Array.from({ length: shape.heads }, (_, head) =>
      Array.from({ length: P }, (_, row) =>
        Array.from(values.subarray((head * P + row) * P, (head * P + row + 1) * P)),
      ),
    ),
  );
  return { ...found, attention };
}

/** The first whose label says so; null where none does. */
export function firstAnomalous({ parts }: OpenClassifier, part: WindowPart): number | null {
  const index = parts[part].labels.indexOf(1);
  return index < 0 ? null : index;
}
