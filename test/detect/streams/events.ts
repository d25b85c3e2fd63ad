/** @file Pages of made-up events, for tests that are about one value of an event. */
import type { StreamPage } from '../../../src/main/detect/detector.ts';
import type { StreamDetector } from '../../../src/main/detect/detector.ts';
import { emptyValues, shapeNames } from '../../../src/shared/eventValues.ts';
import { scoresOf } from '../../helpers/streamPages.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
/** A Monday, midnight UTC. */
export const monday = Date.UTC(2026, 8, 7);

/** What is left out is that of a line that names nobody. */
export type Event = {
  at: number;
  kind?: number;
  user?: number;
  network?: number;
  host?: number;
  outcome?: number;
  flags?: number;
  shape?: readonly number[];
  isUnknown?: boolean;
};

export function pageOf(events: readonly Event[]): StreamPage {
  const count = events.length;
  const values = emptyValues(count);
  const page: StreamPage = {
    ...values,
    eventIds: Float64Array.from(events, (_, row) => row + 1),
    at: Float64Array.from(events, ({ at }) => at),
    severities: new Int8Array(count).fill(-1),
    templateIndexes: Int32Array.from(events, ({ kind }) => kind ?? 0),
    sessionIds: Float64Array.from(events, (_, row) => row + 1),
  };
  events.forEach(({ user = 0, network = 0, host = 0, outcome = 0, flags = 0, shape, isUnknown }, row) => {
    page.lineHashes[row] = isUnknown ? 0 : 1;
    page.users[row] = user;
    page.networks[row] = network;
    page.hosts[row] = host;
    page.outcomes[row] = outcome;
    page.flags[row] = flags;
    page.shapes.set(shape ?? [], row * shapeNames.length);
  });
  return page;
}

/** Scores of `events` by what was learned of `training`, kept as JSON in between; NaN where the detector says nothing. */
export function scored(
  detector: StreamDetector<never>,
  training: readonly Event[],
  events: readonly Event[],
): number[] {
  const state = JSON.parse(JSON.stringify(detector.fit([[pageOf(training)]]))) as never;
  return [...scoresOf(detector.open(state), pageOf(events), 7)];
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** What was said: place and score. */
export function said(scores: readonly number[]): number[] {
  return scores.flatMap((score, place) => (Number.isNaN(score) ? [] : [place]));
}
