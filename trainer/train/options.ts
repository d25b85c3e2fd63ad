/** @file Whether a request to train can be met, checked before anything is allocated. */
import { AppError } from '../../src/shared/errors.ts';
import type { TrainInput } from '../../src/shared/trainerProtocol.ts';
import { checkShape } from '../gpt2/spec.ts';

/** Throws BAD_REQUEST, naming the option and what it may be. */
export function checkTrainInput(input: TrainInput): void {
  checkShape(input.shape);
  const { maxEpochs, patience, learningRate, unseenRate, intraOpThreads, seed } = input;
  for (const [name, value] of Object.entries({ maxEpochs, patience, intraOpThreads })) {
    need(Number.isInteger(value) && value >= 1, `${name} is ${value}; it must be a whole number from 1`);
  }
  need(Number.isSafeInteger(seed) && seed >= 0, `seed is ${seed}; it must be a whole number from 0`);
  need(learningRate > 0 && learningRate < 1, `learningRate is ${learningRate}; it must lie between 0 and 1`);
  need(unseenRate >= 0 && unseenRate <= 0.5, `unseenRate is ${unseenRate}; it must lie between 0 and 0.5`);
}

function need(holds: boolean, what: string): void {
  if (!holds) throw new AppError('BAD_REQUEST', `Training options: ${what}.`);
}
