/** @file A split as tokens, with a key model trained on it and its bits: what every way of detecting works on. */
import { keyTokens } from '../../../src/shared/sequences.ts';
import type { SessionPartView, TrainingSession } from '../../../src/main/detect/detector.ts';
import { KindVersions } from '../../../src/main/app/detection/kindVersions.ts';
import { severityOfKind, templateOfKind } from '../../../src/main/learn/keyTable.ts';
import { Vocabulary } from '../../../src/main/learn/vocabulary.ts';
import { bitsOf, trainKeyModel, type KeyModel, type Training } from './keyModel.ts';
import type { BenchSession, Split } from './sessions.ts';

/** A session with its tokens and the key model's bits of them. */
export type Scored = { session: BenchSession; view: SessionPartView };

export type Prepared = {
  isWhole: boolean;
  vocabularySize: number;
  /** What everything but the key model learns from: the part that trains and the one that stops training. */
  learned: BenchSession[];
  training: TrainingSession[];
  tokens: (session: BenchSession) => Int32Array;
  /** As which its events are judged by detectors of new kinds. */
  judgedKinds: (session: BenchSession) => number[];
  /** Between training and calibration: what detectors learn of the key model's bits, as it did not train on them. */
  validation: Scored[];
  calibration: Scored[];
  test: Scored[];
  model: KeyModel;
  /** Events of calibration and test a second. */
  keyEventsPerSecond: number;
};

export async function prepare(split: Split, seed: number, training?: Partial<Training>): Promise<Prepared> {
  const { vocabularySize, tokens, judgedKinds } = vocabularyOf(split.training, split.templates);
  const learned = [...split.training, ...split.validation];
  const data = { training: split.training.map(tokens), validation: split.validation.map(tokens), vocabularySize };
  const model = await trainKeyModel(data, seed, training);
  const judged = [...split.calibration, ...split.test];
  const started = performance.now();
  const scored = await score(model, judged, { tokens, judgedKinds });
  const seconds = (performance.now() - started) / 1000;
  return {
    isWhole: split.isWhole,
    vocabularySize,
    learned,
    training: learned.map((session) => trainingSession(session, tokens)),
    tokens,
    judgedKinds,
    validation: await score(model, split.validation, { tokens, judgedKinds }),
    calibration: scored.slice(0, split.calibration.length),
    test: scored.slice(split.calibration.length),
    model,
    keyEventsPerSecond: countEvents(judged) / seconds,
  };
}

/** Other sessions by the same model. */
export async function score(
  model: KeyModel,
  sessions: readonly BenchSession[],
  { tokens, judgedKinds }: Pick<Prepared, 'tokens' | 'judgedKinds'>,
): Promise<Scored[]> {
  const ids = sessions.map(tokens);
  const bits = await bitsOf(model, ids);
  return sessions.map((session, i): Scored => {
    const view = {
      ids: ids[i] ?? new Int32Array(0),
      bits: bits[i] ?? new Float32Array(0),
      first: session.hasBegin ? 1 : 0,
      count: session.keys.length,
      firstEvent: 0,
      kinds: judgedKinds(session),
      hasEnd: session.hasEnd,
      isLast: true,
    };
    return { session, view };
  });
}

export function countEvents(sessions: readonly BenchSession[]): number {
  return sessions.reduce((sum, { keys }) => sum + keys.length, 0);
}

function trainingSession(session: BenchSession, tokens: Prepared['tokens']): TrainingSession {
  const ids = tokens(session);
  const from = session.hasBegin ? 1 : 0;
  const { hasBegin, hasEnd, keys } = session;
  return { ids: ids.subarray(from, from + keys.length), kinds: keys, hasBegin, hasEnd };
}

/** Keys that training has not are `unseen`, but those of another version of a line that it has. */
function vocabularyOf(
  training: readonly BenchSession[],
  templates: Split['templates'],
): Pick<Prepared, 'vocabularySize' | 'tokens' | 'judgedKinds'> {
  const ids = new Map<number, number>();
  for (const { keys } of training) {
    for (const key of keys) if (!ids.has(key)) ids.set(key, keyTokens.firstEventId + ids.size);
  }
  const knownKey = templates ? versionsOf([...ids.keys()], templates) : (key: number) => key;
  return {
    vocabularySize: keyTokens.firstEventId + ids.size,
    judgedKinds: ({ keys, isRepeat = [] }) => keys.map((key, i) => (isRepeat[i] ? knownKey(key) : key)),
    tokens: ({ keys, hasBegin, hasEnd }) =>
      Int32Array.from([
        ...(hasBegin ? [keyTokens.begin] : []),
        ...keys.map((key) => ids.get(knownKey(key)) ?? keyTokens.unseen),
        ...(hasEnd ? [keyTokens.end] : []),
      ]),
  };
}

/** As the app finds them. */
function versionsOf(known: readonly number[], templates: NonNullable<Split['templates']>): (key: number) => number {
  const entries = known.map((key) => ({
    ...{ templateIndex: templateOfKind(key), severity: severityOfKind(key) },
    ...{ contentHash: '', count: 1 },
  }));
  const vocabulary = new Vocabulary(entries);
  new KindVersions(vocabulary, templates).meet(templates.values());
  return (key) => vocabulary.knownKind(templateOfKind(key), severityOfKind(key));
}
