/**
 * @file What every stream detector owes. Catches one that scores a followed log otherwise than a batch, one that remembers further back than a
 * following that begins again can know, one that speaks of events it knows nothing of, and one that grows with what an attacker makes up.
 */
import { describe, expect, it } from 'vitest';
import { cutPage } from '../../../src/main/app/detection/tablePages.ts';
import { streamHistoryEvents } from '../../../src/main/detect/detector.ts';
import { streamDetectors } from '../../../src/main/detect/detectors/registry.ts';
import { generateOffice } from '../../../src/main/lab/office.ts';
import { loginOutcomes } from '../../../src/shared/eventValues.ts';
import { pageOfLines, scoresOf } from '../../helpers/streamPages.ts';
import { minute, monday, pageOf, times, type Event } from './events.ts';

const office = pageOfLines(
  Array.from(
    generateOffice({ lines: 32_000, seed: 8, anomalyRate: 0.03, startAt: monday, cleanUntil: 0.25 }),
    ({ text }) => text,
  ),
);
const training = cutPage(office, 0, 8000);
const rest = cutPage(office, 8000, 32_000);

describe.each(streamDetectors.map((detector) => [detector.id, detector] as const))('%s', (_id, detector) => {
  const state = JSON.parse(JSON.stringify(detector.fit([[training]]))) as never;
  const whole = scoresOf(detector.open(state), rest);

  it('scores an event the same in pages of any size', () => {
    expect(scoresOf(detector.open(state), cutPage(rest, 0, 3000), 1)).toEqual(whole.slice(0, 3000));
    expect(scoresOf(detector.open(state), rest, 317)).toEqual(whole);
  });

  it('scores the same when it begins again behind the events that it may look back at', () => {
    const end = rest.at.length;
    const from = end - streamHistoryEvents - 2000;
    const again = scoresOf(detector.open(state), cutPage(rest, from, end));
    expect(again.slice(streamHistoryEvents)).toEqual(whole.slice(from + streamHistoryEvents));
  });

  it('says nothing of events whose values nobody kept, and nothing where it learned from none', () => {
    const unknown = pageOf(
      times(600, (index): Event => ({ at: monday + index * minute, kind: index % 3, isUnknown: true })),
    );
    const scorer = detector.open(JSON.parse(JSON.stringify(detector.fit([[unknown]]))) as never);
    expect([...scoresOf(scorer, unknown)].filter((score) => !Number.isNaN(score))).toEqual([]);
    const empty = detector.open(JSON.parse(JSON.stringify(detector.fit([]))) as never);
    expect([...scoresOf(empty, rest)].filter((score) => !Number.isNaN(score))).toEqual([]);
  });

  it('keeps a bounded state of users, networks, hosts and kinds that somebody makes up', () => {
    const { accepted, failed } = loginOutcomes;
    const flood = pageOf(
      times(120_000, (index): Event => {
        const number = index + 1;
        return {
          at: monday + index * 100,
          kind: number,
          user: number,
          network: number,
          host: number,
          outcome: index % 2 ? accepted : failed,
        };
      }),
    );
    expect(JSON.stringify(detector.fit([[flood]])).length).toBeLessThan(8 << 20);
  });
});
