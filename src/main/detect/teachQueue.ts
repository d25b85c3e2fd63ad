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
 * Greedily the one that is worth most next. Its worth falls as its like are picked, never rises: what it was worth at first bounds it, so that only
 * the top of the list is looked at for each pick.
 */
function tellingOrder(candidates: readonly TeachCandidate[], decided: Decided, thresholdScore: number) {
  const alike = new Map<string, number>();
  for (const { signature } of candidates) alike.set(signature, (alike.get(signature) ?? 0) + 1);
  const [signatures, templates, entities] = [
    new Map(decided.signatures),
    new Map(decided.templates),
    new Map(decided.entities),
  ];
  const first = candidates
    .map((candidate) => {
      const uncertainty = Math.exp(-Math.abs(candidate.score - thresholdScore) / scale);
      // A label that stands for many is worth more.
      const worth = uncertainty * (1 + Math.log2(alike.get(candidate.signature) ?? 1));
      return { candidate, worth, bound: worth * freshness(candidate) };
    })
    .sort((one, other) => other.bound - one.bound || one.candidate.number - other.candidate.number);

  function freshness({ signature, template, entity }: TeachCandidate): number {
    const [same, kind, who] = [signatures.get(signature) ?? 0, templates.get(template) ?? 0, entities.get(entity) ?? 0];
    return 1 / ((1 + same) ** 4 * Math.sqrt(1 + kind) * (1 + who) ** 0.25);
  }

  return {
    next: (): TeachPick | null => {
      let [best, bestWorth] = [-1, -1];
      for (const [index, { candidate, worth, bound }] of first.entries()) {
        if (bound <= bestWorth) break;
        const now = worth * freshness(candidate);
        if (now > bestWorth) [best, bestWorth] = [index, now];
      }
      const picked = first[best]?.candidate;
      if (!picked) return null;
      first.splice(best, 1);
      const { signature, template, entity, number } = picked;
      const isUnlike = !decided.signatures.has(signature) && !decided.templates.has(template);
      signatures.set(signature, (signatures.get(signature) ?? 0) + 1);
      templates.set(template, (templates.get(template) ?? 0) + 1);
      entities.set(entity, (entities.get(entity) ?? 0) + 1);
      return { number, why: isUnlike ? 'unlike' : 'uncertain' };
    },
  };
}
