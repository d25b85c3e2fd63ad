/** @file The classifier of labelled windows that a model judges with: what it says of the window up to each token that the model reads. */
import { windowTokens } from '../../../shared/classify.ts';
import type { EngineMethods } from '../../../shared/engineProtocol.ts';
import type { Client } from '../../../shared/port.ts';
import { keyTokens, type SequenceSet } from '../../../shared/sequences.ts';
import { vocabularyOf } from '../../classify/windows.ts';
import type { LabelledState } from '../../detect/detectors/labelled.ts';
import type { Vocabulary } from '../../learn/vocabulary.ts';

export type WindowClassifier = {
  state: LabelledState;
  /** Where its graph lies. */
  directory: string;
  /** Its token of each of the model's; padding for what is no event. */
  tokens: Int32Array;
};

export function windowClassifier(directory: string, state: LabelledState, vocabulary: Vocabulary): WindowClassifier {
  const { tokenOf } = vocabularyOf(state.eventIds);
  const tokens = new Int32Array(vocabulary.size).fill(windowTokens.padding);
  tokens[keyTokens.unseen] = windowTokens.unseen;
  vocabulary.entries.forEach(({ templateIndex }, index) => {
    tokens[keyTokens.firstEventId + index] = tokenOf(templateIndex);
  });
  return { state, directory, tokens };
}

/** Logits aligned with the tokens; NaN for what is no event. */
export async function logitsOf(
  engine: Client<EngineMethods>,
  { state: { length }, directory, tokens }: WindowClassifier,
  { ids, offsets }: SequenceSet,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const sequences = { ids: ids.map((id) => tokens[id] ?? windowTokens.padding), offsets };
  const asked = { directory, sequences, length };
  return (await engine.call('classify_events', asked, signal ? { signal } : {})).logits;
}

/** Windows must lie within what scoring has of a session before any event (`planWindows`). */
export function longestWindow(contextLength: number): number {
  return Math.floor(contextLength / 2);
}
