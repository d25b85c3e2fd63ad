import { describe, expect, it } from 'vitest';
import {
  stretchEvents,
  type SessionDetector,
  type SessionPartView,
  type TrainingSession,
} from '../../src/main/detect/detector.ts';
import { countVector } from '../../src/main/detect/detectors/countVector.ts';
import { isolation } from '../../src/main/detect/detectors/isolation.ts';
import { keyMean } from '../../src/main/detect/detectors/keyMean.ts';
import { keyRank } from '../../src/main/detect/detectors/keyRank.ts';
import { newKind } from '../../src/main/detect/detectors/newKind.ts';
import { newPair } from '../../src/main/detect/detectors/newPair.ts';
import { ngram } from '../../src/main/detect/detectors/ngram.ts';
import { sessionDetectors } from '../../src/main/detect/detectors/registry.ts';
import { Random } from '../../src/shared/random.ts';
import { keyTokens } from '../../src/shared/sequences.ts';

/** What judges by labels learns nothing of a log by itself: `windowClassifier.test.ts`. */
const learning = sessionDetectors.filter(({ id }) => id !== 'labelled');
const vocabularySize = 20;
const unseenKind = 999;

type Scored = { ids: number[]; bits?: number[]; hasEnd?: boolean; isLast?: boolean };

/** A session in one part, or in parts that end before the given events. */
function partsOf({ ids, bits, hasEnd = true, isLast = true }: Scored, cuts: readonly number[] = []): SessionPartView[] {
  const tokens = [keyTokens.begin, ...ids, keyTokens.end];
  const ends = [...cuts, ids.length];
  return ends.map((end, index): SessionPartView => {
    const from = ends[index - 1] ?? 0;
    const isEnd = end === ids.length;
    return {
      ids: Int32Array.from(tokens.slice(0, end + 1 + (isEnd && hasEnd ? 1 : 0))),
      bits: Float32Array.from(bits ? [0, ...bits].slice(0, end + 2) : []),
      first: from + 1,
      count: end - from,
      firstEvent: from,
      kinds: ids.slice(from, end).map((id) => (id === keyTokens.unseen ? unseenKind : id)),
      hasEnd: isEnd && hasEnd,
      isLast: isEnd && isLast,
    };
  });
}

function scoresOf(
  detector: SessionDetector<never>,
  state: unknown,
  parts: readonly SessionPartView[],
  isWhole: boolean,
): number[] {
  const scorer = detector.open(state as never).begin(isWhole);
  return parts.flatMap((part) => {
    const scores = new Float32Array(part.count).fill(NaN);
    scorer.score(part, scores);
    return [...scores];
  });
}

function learn(
  detector: SessionDetector,
  sessions: readonly (readonly number[])[],
  { isWhole = true, scored = [] as SessionPartView[] } = {},
): { score: (session: Scored, cuts?: readonly number[]) => number[]; state: unknown } {
  const training = sessions.map((ids): TrainingSession => ({ ids, kinds: ids, hasBegin: true, hasEnd: true }));
  // A model is a file: what does not survive JSON is not learned.
  const state: unknown = JSON.parse(JSON.stringify(detector.fit(training, { vocabularySize, isWhole, scored })));
  return {
    state,
    score: (session, cuts) => scoresOf(detector as SessionDetector<never>, state, partsOf(session, cuts), isWhole),
  };
}

const largest = (scores: readonly number[]): number => Math.max(...scores.filter((score) => !Number.isNaN(score)));

/** Open, a few reads and writes in any order, close; now and then with a check before it. */
function usualSession(random: Random): number[] {
  const middle = Array.from({ length: random.integer(3, 8) }, () => random.integer(5, 8));
  return [4, ...middle, ...(random.chance(0.3) ? [9] : []), 10];
}
const usual = (seed: number, count: number): number[][] => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => usualSession(random));
};
const training = usual(1, 1000);

describe('every session detector', () => {
  const random = new Random(5);
  const long = Array.from({ length: 3 * stretchEvents + 40 }, () => random.integer(4, 10));
  const bits = [...long, 0].map(() => random.between(0, 8));
  const scored = partsOf({ ids: long, bits });
  const cuts = [1, 100, stretchEvents, 2 * stretchEvents + 7, long.length - 1];

  it.each(learning)('gives a session that comes in parts what it gives it as a whole: $id', (detector) => {
    for (const isWhole of [false, true]) {
      const { score } = learn(detector as SessionDetector, [...training, long], { isWhole, scored });
      const inParts = score({ ids: long, bits }, cuts);
      expect(inParts).toHaveLength(long.length);
      expect(inParts).toEqual(score({ ids: long, bits }));
    }
  });

  it.each(learning)(
    'neither fails nor says anything infinite where there was nothing to learn from: $id',
    (detector) => {
      const { score } = learn(detector as SessionDetector, []);
      for (const ids of [[4], [keyTokens.unseen, 4, 5]])
        for (const hasEnd of [true, false])
          expect(
            score({ ids, bits: [...ids.map(() => 3), 1], hasEnd }).some((value) => Math.abs(value) === Infinity),
          ).toBe(false);
    },
  );

  it.each(learning)(
    'says of a session that goes on, or that the end of the log cut off, nothing for what it lacks: $id',
    (detector) => {
      if (detector.id === 'key' || detector.id === 'key_rank' || detector.id === 'key_mean') return; // the end's bits are not among its bits
      const { score } = learn(detector as SessionDetector, training);
      const cutOff = largest([0, ...score({ ids: [4, 5, 6], hasEnd: false })]);
      const usualScores = usual(2, 200).map((ids) => largest([0, ...score({ ids })]));
      expect(usualScores.filter((value) => value >= cutOff).length).toBeGreaterThan(20);
    },
  );
});

describe('per-kind rank', () => {
  it('says nothing new of a kind that always surprises, and much of one that never does (one threshold for both finds the wrong one)', () => {
    const random = new Random(1);
    const ids = Array.from({ length: 2000 }, (_, i) => 4 + (i % 2));
    const bits = ids.map((id) => (id === 4 ? random.between(6, 10) : random.between(0, 0.5)));
    const { score } = learn(keyRank, [], { scored: partsOf({ ids, bits: [...bits, 0], hasEnd: false }) });
    const [noisy = NaN, quiet = NaN] = score({ ids: [4, 5], bits: [9, 3, 0] });
    expect(noisy).toBeLessThan(3);
    expect(quiet).toBeGreaterThan(9);
  });

  it('counts equal surprises as equal (a kind that is always certain would be as rare as can be)', () => {
    const ids = Array.from({ length: 100 }, () => 4);
    const { score } = learn(keyRank, [], { scored: partsOf({ ids, bits: ids.map(() => 0.0012), hasEnd: false }) });
    expect(score({ ids: [4], bits: [0.0013], hasEnd: false })[0]).toBeCloseTo(0, 6);
  });
});

describe('mean surprise', () => {
  it('is of each stretch by itself, the session end among the last, and given to its last event', () => {
    const ids = Array.from({ length: stretchEvents + 2 }, () => 4);
    const bits = [...ids.map((_, i) => (i < stretchEvents ? 1 : 4)), 10];
    const scores = learn(keyMean, [], { isWhole: false }).score({ ids, bits });
    expect(scores[stretchEvents - 1]).toBe(1);
    expect(scores[stretchEvents + 1]).toBe(6);
    expect(scores.filter((score) => !Number.isNaN(score))).toHaveLength(2);
    expect(learn(keyMean, []).score({ ids, bits }).at(-1)).toBeCloseTo(
      (stretchEvents + 8 + 10) / (stretchEvents + 3),
      5,
    );
  });
});

describe('n-grams', () => {
  it('give probabilities that sum to one in every context, known or not', () => {
    const { state } = learn(ngram, training);
    for (const context of [[], [4], [4, 5, 6, 7], [10, 10, 10], [keyTokens.unseen]]) {
      let sum = 0;
      for (let id = 0; id < vocabularySize; id++) {
        const [part] = partsOf({ ids: [...context, id], hasEnd: false });
        if (part) sum += 2 ** -(scoresOf(ngram as SessionDetector<never>, state, [part], true).at(-1) ?? NaN);
      }
      expect(sum).toBeCloseTo(1, 6);
    }
  });

  it('are surprised by order, by an unknown kind, and by an end where sessions go on', () => {
    const { score } = learn(ngram, training);
    const atMost = Math.max(...usual(2, 100).map((ids) => largest(score({ ids }))));
    for (const ids of [
      [4, 5, 6, 10, 7],
      [4, 5, keyTokens.unseen, 6, 10],
      [4, 5, 6],
    ])
      expect(largest(score({ ids }))).toBeGreaterThan(atMost);
  });
});

describe('new kinds and pairs', () => {
  it('are as surprising as news is rare in the log', () => {
    const steady = learn(newKind, training);
    const lively = learn(
      newKind,
      training.map((ids, i) => (i % 5 === 0 ? [...ids, 1000 + i] : ids)),
    );
    expect(steady.score({ ids: [keyTokens.unseen] })[0]).toBeCloseTo(Math.log2(1001), 5);
    expect(lively.score({ ids: [keyTokens.unseen] })[0]).toBeNaN();
    expect(steady.score({ ids: [4, 5, 10] })).toEqual([NaN, NaN, NaN]);
  });

  it('of an attack that training had once are hardly less surprising (one copy would make it normal)', () => {
    const attack = [4, 5, 15, 16, 10];
    const clean = { kind: learn(newKind, training), pair: learn(newPair, training) };
    const poisoned = { kind: learn(newKind, [...training, attack]), pair: learn(newPair, [...training, attack]) };
    expect(largest(poisoned.kind.score({ ids: attack }))).toBeGreaterThan(
      largest(clean.kind.score({ ids: attack })) - 2.5,
    );
    expect(largest(poisoned.pair.score({ ids: attack }))).toBeGreaterThan(
      largest(clean.pair.score({ ids: attack })) - 2.5,
    );
  });

  it('count a burst once', () => {
    const burst = [4, ...Array.from({ length: 100 }, () => 15), 10];
    const { score } = learn(newKind, [...training, burst]);
    expect(score({ ids: [15] })[0]).toBeGreaterThan(8);
  });

  it('see what follows the beginning, and where a session ends', () => {
    const { score } = learn(newPair, training);
    expect(score({ ids: [5, 6, 10] })[0]).toBeGreaterThan(5);
    expect(score({ ids: [4, 5, 6] })[2]).toBeGreaterThan(5);
    expect(score({ ids: [4, 5, 6], hasEnd: false })).toEqual([NaN, NaN, NaN]);
  });
});

describe('count vectors', () => {
  it('find the nearest of all, by the definition (an index that passes one over would alarm on what is known)', () => {
    const { score } = learn(countVector, training);
    const random = new Random(9);
    const countsOf = (ids: readonly number[]): number[] => {
      const counts = new Array<number>(vocabularySize).fill(0);
      for (const id of ids) counts[id] = (counts[id] ?? 0) + 1;
      return counts;
    };
    const known = training.map(countsOf);
    for (let i = 0; i < 100; i++) {
      const ids = Array.from({ length: random.integer(1, 20) }, () => random.integer(3, 15));
      const own = countsOf(ids);
      const distances = known.map((other) => {
        const sum = other.reduce((total, count, id) => total + Math.abs(count - (own[id] ?? 0)), 0);
        const length = other.reduce((total, count) => total + count, 0);
        return sum / Math.max(length, ids.length);
      });
      const found = score({ ids }).at(-1) ?? NaN;
      expect(found).toBeGreaterThanOrEqual(Math.min(...distances) - 1e-6);
      expect(found).toBeLessThan(Math.min(...distances) + 0.03); // with its support
    }
  });

  it('are blind to order, and see what is missing or too much', () => {
    const { score } = learn(countVector, [[4, 5, 6, 7, 10], ...training]);
    const distance = (ids: number[], hasEnd = true): number => score({ ids, hasEnd }).at(-1) ?? NaN;
    expect(distance([10, 7, 6, 5, 4])).toBe(distance([4, 5, 6, 7, 10]));
    expect(distance([4, 5, 6, 7])).toBeGreaterThan(distance([4, 5, 6, 7, 10]) + 0.1);
    expect(distance([4, 5, 6, 7], false)).toBeLessThan(0.03);
    expect(distance([4, 5, 6, 15, 15], false)).toBeGreaterThan(0.3);
  });

  it('keep what few stretches had a little away', () => {
    const { score } = learn(countVector, [...Array.from({ length: 1000 }, () => [4, 5, 10]), [4, 15, 16, 10]]);
    expect(score({ ids: [4, 5, 10] }).at(-1)).toBeCloseTo(0, 3);
    expect(score({ ids: [4, 15, 16, 10] }).at(-1)).toBeGreaterThan(0.015);
  });
});

describe('isolation forest over stretches', () => {
  it('sets apart what is unlike all others in length or make-up, the same each time', () => {
    const { score, state } = learn(isolation, training);
    expect(state).toEqual(learn(isolation, training).state);
    const scores = usual(3, 200).map((ids) => score({ ids }).at(-1) ?? NaN);
    const odd = score({ ids: Array.from({ length: 60 }, (_, i) => 9 + (i % 2)) }).at(-1);
    expect(odd).toBeGreaterThan(Math.max(...scores));
  });
});

describe('what detectors keep', () => {
  it('stays small where everything is new all the time (a model of a large log would be as large as the log)', () => {
    const random = new Random(4);
    const noise = Array.from({ length: 400 }, () => Array.from({ length: 300 }, () => random.integer(4, 19_999)));
    for (const detector of learning) {
      const sessions = noise.map((ids): TrainingSession => ({ ids, kinds: ids, hasBegin: true, hasEnd: true }));
      const state = (detector as SessionDetector).fit(sessions, { vocabularySize: 20_000, isWhole: false, scored: [] });
      expect(JSON.stringify(state).length).toBeLessThan(8_000_000);
    }
  });
});
