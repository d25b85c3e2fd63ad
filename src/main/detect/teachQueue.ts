/**
 * @file What to ask an analyst next, so that each label teaches most: a share drawn at random, the rest where the decision is least certain and what is
 * asked is least like what was decided or is asked already. Pure: the same input gives the same order.
 */
import { permanentNumber } from './sampling.ts';
import { leastAgreeing, leastScoreOf, severeFrom } from './severity.ts';

export type TeachCandidate = {
  number: number;
  /** -log10 p. */
  score: number;
  /** What makes alerts alike: a verdict on one stands for all. */
  signature: string;
  template: number;
  /** Drawn by chance: such are asked in an order of chance alone, or recall could not be estimated from them. */
  isSample: boolean;
};

/** How many of each were decided. */
export type Decided = {
  signatures: ReadonlyMap<string, number>;
  templates: ReadonlyMap<number, number>;
};

export type TeachOptions = {
  thresholdScore: number;
  /** Share of what is asked that is drawn at random, 0 to 1. */
  share: number;
  /** Labels given so far: the share is kept over all of them, not within one list. */
  labelCount: number;
  seed: number;
  most: number;
};

/** `unlike`: nothing of its kind was decided yet. */
export type TeachPick = { number: number; why: 'uncertain' | 'unlike' | 'sample' };

/**
 * In -log10 p: at this distance from the threshold a decision is worth asking about by a factor of e less. Wide: on the made-up office labels that
 * stand for many teach more than those near the threshold. Average precision with what is remembered of 25, 50 and 100 labels (three seeds): 0.63,
 * 0.75 and 0.78; with 0.75 here and alike alerts counted by their logarithm 0.51, 0.59 and 0.72; in random order 0.43, 0.58 and 0.71.
 */
const scale = 3;

/** In the order to be asked in, at most `most`. */
export function selectToTeach(
  candidates: readonly TeachCandidate[],
  decided: Decided,
  { thresholdScore, share, labelCount, seed, most }: TeachOptions,
): TeachPick[] {
  const random = candidates
    .filter(({ isSample }) => isSample)
    .map(({ number }) => ({ number, place: permanentNumber(seed, number) }))
    .sort((one, other) => one.place - other.place);
  const telling = tellingOrder(
    candidates.filter(({ isSample }) => !isSample),
    decided,
    thresholdScore,
  );
  const phase = permanentNumber(seed, 0);
  const isRandomTurn = (turn: number): boolean =>
    Math.floor((turn + 1) * share + phase) > Math.floor(turn * share + phase);
  const picks: TeachPick[] = [];
  let nextRandom = 0;
  for (let turn = labelCount; picks.length < most; turn++) {
    const drawn = random[nextRandom];
    // Where there is nothing else to ask, chance has every turn, and the other way round.
    const pick = drawn && isRandomTurn(turn) ? null : telling.next();
    if (pick) picks.push(pick);
    else if (drawn) {
      picks.push({ number: drawn.number, why: 'sample' });
      nextRandom++;
    } else break;
  }
  return picks;
}

/**
 * Greedily the one that is worth most next. Its worth falls as its like are picked, never rises: what it was worth when it was looked at last bounds it, so
 * that only the top of a heap is looked at for each pick.
 */
function tellingOrder(candidates: readonly TeachCandidate[], decided: Decided, thresholdScore: number) {
  const alike = new Map<string, { count: number; distance: number }>();
  for (const { signature, score } of candidates) {
    const { count, distance } = alike.get(signature) ?? { count: 0, distance: Infinity };
    alike.set(signature, {
      count: count + 1,
      distance: Math.min(distance, Math.abs(score - thresholdScore)),
    });
  }
  const signatures = new Map(decided.signatures);
  const templates = new Map(decided.templates);
  const severe = leastScoreOf(severeFrom, thresholdScore);
  const worthOf = ({ signature, template, score }: TeachCandidate): number => {
    const { count = 1, distance = 0 } = alike.get(signature) ?? {};
    const [same, kind] = [signatures.get(signature) ?? 0, templates.get(template) ?? 0];
    // A label stands for all that are alike; of what is severe the first does not yet.
    const told = Math.max(0, same - (score >= severe ? leastAgreeing - 1 : 0));
    return (count * Math.exp(-distance / scale)) / ((1 + told) ** 2 * Math.sqrt(1 + kind));
  };
  const heap = candidates
    .map((candidate): Valued => ({ candidate, worth: worthOf(candidate) }))
    .sort((one, other) => (isBefore(one, other) ? -1 : 1)); // sorted is a heap

  return {
    next: (): TeachPick | null => {
      for (;;) {
        const [top] = heap;
        if (!top) return null;
        const worth = worthOf(top.candidate);
        if (worth < top.worth) {
          heap[0] = { candidate: top.candidate, worth };
          sink(heap);
          continue;
        }
        const last = heap.pop();
        if (last && heap.length > 0) {
          heap[0] = last;
          sink(heap);
        }
        const { signature, template, number } = top.candidate;
        const isUnlike = !decided.signatures.has(signature) && !decided.templates.has(template);
        signatures.set(signature, (signatures.get(signature) ?? 0) + 1);
        templates.set(template, (templates.get(template) ?? 0) + 1);
        return { number, why: isUnlike ? 'unlike' : 'uncertain' };
      }
    },
  };
}

type Valued = { candidate: TeachCandidate; worth: number };

/** Of those that are alike the most unusual speaks for all: what it folds is no more unusual than it. */
function isBefore(one: Valued, other: Valued): boolean {
  if (one.worth !== other.worth) return one.worth > other.worth;
  const [a, b] = [one.candidate, other.candidate];
  return a.score > b.score || (a.score === b.score && a.number < b.number);
}

/** Puts the first where it belongs. */
function sink(heap: Valued[]): void {
  for (let at = 0; ;) {
    const [own, left, right] = [heap[at], heap[2 * at + 1], heap[2 * at + 2]];
    if (!own || !left) return;
    const child = right && isBefore(right, left) ? right : left;
    if (!isBefore(child, own)) return;
    const to = child === left ? 2 * at + 1 : 2 * at + 2;
    heap[at] = child;
    heap[to] = own;
    at = to;
  }
}
