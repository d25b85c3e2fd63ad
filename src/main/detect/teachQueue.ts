/**
 * @file What to ask an analyst next, so that each label teaches most: a share drawn at random, the rest where the decision is least certain and what is
 * asked is least like what was decided or is asked already. Pure: the same input gives the same order.
 */
import { permanentNumber } from './sampling.ts';

export type TeachCandidate = {
  number: number;
  /** -log10 p. */
  score: number;
  /** What makes alerts alike: a verdict on one stands for all. */
  signature: string;
  template: number;
  entity: string;
  /** Drawn by chance: such are asked in an order of chance alone, or recall could not be estimated from them. */
  isSample: boolean;
};

/** How many of each were decided. */
export type Decided = {
  signatures: ReadonlyMap<string, number>;
  templates: ReadonlyMap<number, number>;
  entities: ReadonlyMap<string, number>;
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

/** In -log10 p: at this distance from the threshold a decision is worth asking about by a factor of e less. */
const scale = 0.75;

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
  const alike = new Map<string, number>();
  for (const { signature } of candidates) alike.set(signature, (alike.get(signature) ?? 0) + 1);
  const signatures = new Map(decided.signatures);
  const templates = new Map(decided.templates);
  const entities = new Map(decided.entities);
  const worthOf = ({ score, signature, template, entity }: TeachCandidate): number => {
    const uncertainty = Math.exp(-Math.abs(score - thresholdScore) / scale);
    const [same, kind, who] = [signatures.get(signature) ?? 0, templates.get(template) ?? 0, entities.get(entity) ?? 0];
    // A label that stands for many is worth more.
    const mass = 1 + Math.log2(alike.get(signature) ?? 1);
    return (uncertainty * mass) / ((1 + same) ** 4 * Math.sqrt(1 + kind) * (1 + who) ** 0.25);
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
        const { signature, template, entity, number } = top.candidate;
        const isUnlike = !decided.signatures.has(signature) && !decided.templates.has(template);
        signatures.set(signature, (signatures.get(signature) ?? 0) + 1);
        templates.set(template, (templates.get(template) ?? 0) + 1);
        entities.set(entity, (entities.get(entity) ?? 0) + 1);
        return { number, why: isUnlike ? 'unlike' : 'uncertain' };
      }
    },
  };
}

type Valued = { candidate: TeachCandidate; worth: number };

function isBefore(one: Valued, other: Valued): boolean {
  return one.worth > other.worth || (one.worth === other.worth && one.candidate.number < other.candidate.number);
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
