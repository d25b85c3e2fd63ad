/** @file Labelled windows as data: their rows, their vocabulary, what is the same in two parts, and what they are trained with. */
import { labelTokens, windowTokens, type Counts, type LabelledWindows } from '../../shared/classify.ts';
import { AppError } from '../../shared/errors.ts';
import type { Random } from '../../shared/random.ts';
import type { SequenceSet } from '../../shared/sequences.ts';

/** More kinds than that are no kinds, and a token is one UTF-16 unit in the keys of pieces. */
const mostEventIds = 60_000;

export function countOf({ labels }: Pick<LabelledWindows, 'labels'>): Counts {
  return { windows: labels.length, anomalous: labels.reduce((sum, label) => sum + label, 0) };
}

export function rowOf({ ids, length }: LabelledWindows, index: number): Int32Array {
  return ids.subarray(index * length, (index + 1) * length);
}

/** Windows `from` to `to`. */
export function slice({ ids, labels, length, about }: LabelledWindows, from: number, to: number): LabelledWindows {
  const part = { length, ids: ids.subarray(from * length, to * length), labels: labels.subarray(from, to) };
  if (!about) return part;
  const { weights, groups, alerts } = about;
  const own = {
    weights: weights.subarray(from, to),
    groups: groups.subarray(from, to),
    alerts: alerts.subarray(from, to),
  };
  return { ...part, about: own };
}

/** What a window weighs in training, by itself. */
export function weightOf({ about }: Pick<LabelledWindows, 'about'>, index: number): number {
  return about?.weights[index] ?? 1;
}

/** Event ids of the training part, rising: the place of one is its token, counted from the first event's. */
export type WindowVocabulary = {
  ids: readonly number[];
  tokenOf: (eventId: number) => number;
  size: number;
};

/** `padding`: an event id that stands for none. Throws BAD_INPUT for more ids than can be told apart. */
export function vocabularyOf(ids: Iterable<number>): WindowVocabulary {
  const known = [...new Set(ids)].filter((id) => id >= 0).sort((a, b) => a - b);
  if (known.length > mostEventIds)
    throw new AppError(
      'BAD_INPUT',
      `There are ${known.length} different event ids; at most ${mostEventIds} are told apart.`,
    );
  const tokens = new Map(known.map((id, place) => [id, windowTokens.firstEventId + place]));
  return {
    ids: known,
    tokenOf: (id) => (id === noEvent ? windowTokens.padding : (tokens.get(id) ?? windowTokens.unseen)),
    size: Math.max(5, windowTokens.firstEventId + known.length),
  };
}

/** In the place of an event that was not there yet: a session's first events have none before them. */
export const noEvent = -1;
/** In the place of an event of a kind that the model in use did not know. */
export const unknownEvent = -2;

export function tokensOf(ids: Int32Array, { tokenOf }: WindowVocabulary): Int32Array {
  return ids.map(tokenOf);
}

/** How often each window is in the training part, by label. */
export class SeenWindows {
  readonly #counts = new Map<string, { normal: number; anomalous: number }>();

  constructor(train: LabelledWindows) {
    train.labels.forEach((label, index) => {
      const key = keyOf(rowOf(train, index));
      const counts = this.#counts.get(key) ?? { normal: 0, anomalous: 0 };
      if (label === 1) counts.anomalous++;
      else counts.normal++;
      this.#counts.set(key, counts);
    });
  }

  get distinct(): number {
    return this.#counts.size;
  }

  of(row: Int32Array): { normal: number; anomalous: number } {
    return this.#counts.get(keyOf(row)) ?? { normal: 0, anomalous: 0 };
  }
}

function keyOf(row: Int32Array): string {
  return row.join();
}

/** A training sequence: the window's tokens and its label. */
export function trainingSequences(
  windows: LabelledWindows,
  tokens: Int32Array,
  classWeight: number,
): { sequences: SequenceSet; weights: Float32Array } {
  const { length, labels } = windows;
  const width = length + 1;
  const ids = new Int32Array(labels.length * width);
  const weights = new Float32Array(ids.length);
  labels.forEach((label, index) => {
    ids.set(tokens.subarray(index * length, (index + 1) * length), index * width);
    ids[(index + 1) * width - 1] = label === 1 ? labelTokens.anomalous : labelTokens.normal;
    // Times the length, since a loss is a mean over all tokens, and this is the one that counts.
    weights[(index + 1) * width - 1] = length * (label === 1 ? classWeight : 1) * weightOf(windows, index);
  });
  const offsets = Int32Array.from({ length: labels.length + 1 }, (_, index) => index * width);
  return { sequences: { ids, offsets }, weights };
}

/**
 * The same windows with events hidden, each at this rate, drawn by `random`: leave-one-out asks the model about windows that lack an event, and it must have
 * seen such.
 */
export function withHidden(tokens: Int32Array, rate: number, random: Random): Int32Array {
  return tokens.map((token) => (random.chance(rate) ? windowTokens.hidden : token));
}

export function joined(a: { sequences: SequenceSet; weights: Float32Array }, b: typeof a): typeof a {
  const ids = new Int32Array(a.sequences.ids.length + b.sequences.ids.length);
  ids.set(a.sequences.ids);
  ids.set(b.sequences.ids, a.sequences.ids.length);
  const weights = new Float32Array(ids.length);
  weights.set(a.weights);
  weights.set(b.weights, a.weights.length);
  const offsets = new Int32Array(a.sequences.offsets.length + b.sequences.offsets.length - 1);
  offsets.set(a.sequences.offsets);
  b.sequences.offsets.forEach((offset, i) => {
    if (i > 0) offsets[a.sequences.offsets.length - 1 + i] = a.sequences.ids.length + offset;
  });
  return { sequences: { ids, offsets }, weights };
}
