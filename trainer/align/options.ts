/** @file Whether a request to train by reward can be met, checked before anything is allocated. */
import type { AlignInput, TopKObjective, VerdictObjective } from '../../src/shared/alignProtocol.ts';
import { stakesOf } from '../../src/shared/decisions.ts';
import { AppError } from '../../src/shared/errors.ts';
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { checkShape } from '../gpt2/spec.ts';
import { checkSequences } from '../train/pieces.ts';

/** Throws BAD_REQUEST, naming the option and what it may be. */
export function checkAlignInput(input: AlignInput): void {
  checkShape(input.shape);
  const { epochs, batchSequences, learningRate, intraOpThreads, seed, objective } = input;
  needWhole({ epochs, batchSequences, intraOpThreads });
  need(Number.isSafeInteger(seed) && seed >= 0, `seed is ${seed}; it must be a whole number from 0`);
  need(learningRate > 0 && learningRate < 1, `learningRate is ${learningRate}; it must lie between 0 and 1`);
  if (objective.kind === 'verdicts') checkVerdicts(objective, input.shape);
  else checkTopK(objective, input.shape);
}

function checkVerdicts(objective: VerdictObjective, { vocabularySize, contextLength }: KeyModelShape): void {
  const { threshold, temperature, labelled, isThreat, rewards, leastSteps } = objective;
  needWhole({ leastSteps });
  need(Number.isFinite(threshold), `the threshold is ${threshold}; it must be a number`);
  need(temperature > 0 && Number.isFinite(temperature), `the temperature is ${temperature}; it must be above 0`);
  need(Object.values(rewards).every(Number.isFinite), 'a reward is not a number');
  const { threat, harmless } = stakesOf(rewards);
  need(threat > 0, 'to flag a threat must be worth more than to miss it');
  need(harmless > 0, 'to leave a harmless sequence alone must be worth more than a false alarm');
  checkSequences(labelled, vocabularySize);
  const { offsets } = labelled;
  need(offsets.length === isThreat.length + 1, 'there must be one verdict for each labelled sequence');
  need(isThreat.length > 0, 'there is no verdict to learn from');
  const lengths = isThreat.map((_, index) => (offsets[index + 1] ?? 0) - (offsets[index] ?? 0));
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  need(longest >= 2, 'no labelled sequence has two tokens, so none has a score');
  need(
    longest <= contextLength + 1,
    `a labelled sequence has ${longest} tokens, and the model sees at most ${contextLength + 1}; cut it around what was decided`,
  );
}

function checkTopK({ k }: TopKObjective, { vocabularySize }: KeyModelShape): void {
  need(
    Number.isInteger(k) && k >= 1 && k < vocabularySize,
    `k is ${k}; it must be a whole number from 1 to below the vocabulary of ${vocabularySize}`,
  );
}

function needWhole(options: Record<string, number>): void {
  for (const [name, value] of Object.entries(options)) {
    need(Number.isInteger(value) && value >= 1, `${name} is ${value}; it must be a whole number from 1`);
  }
}

function need(holds: boolean, what: string): void {
  if (!holds) throw new AppError('BAD_REQUEST', `Training by reward: ${what}.`);
}
