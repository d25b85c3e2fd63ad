/** @file Whether a request to train can be met, checked before anything is allocated. */
import { AppError } from '../../src/shared/errors.ts';
import { checkLora } from '../gpt2/lora.ts';
import { checkShape } from '../gpt2/spec.ts';
import type { TrainTask } from './task.ts';

/** Throws BAD_REQUEST, naming the option and what it may be. */
export function checkTask(task: TrainTask): void {
  const { recipe } = task;
  checkShape(task.shape, task.lora !== undefined);
  if (task.lora) {
    checkLora(task.lora, task.shape);
    need(task.startWeights !== undefined, 'LoRA wants the weights of the model that it adapts');
  }
  const { maxEpochs, patience, learningRate, unseenRate, intraOpThreads, seed } = task;
  for (const [name, value] of Object.entries({ maxEpochs, patience, intraOpThreads })) {
    need(Number.isInteger(value) && value >= 1, `${name} is ${value}; it must be a whole number from 1`);
  }
  need(Number.isSafeInteger(seed) && seed >= 0, `seed is ${seed}; it must be a whole number from 0`);
  need(learningRate > 0 && learningRate < 1, `learningRate is ${learningRate}; it must lie between 0 and 1`);
  const { batchTokens, accumulation, countPerEntry, dropout, weightDecay, warmUp, evaluateEverySteps, downWeight } =
    recipe;
  for (const [name, value] of Object.entries({ batchTokens, accumulation, countPerEntry })) {
    need(Number.isInteger(value) && value >= 1, `${name} is ${value}; it must be a whole number from 1`);
  }
  need(dropout >= 0 && dropout < 1, `dropout is ${dropout}; it must lie from 0 to below 1`);
  need(weightDecay >= 0 && weightDecay < 1, `weightDecay is ${weightDecay}; it must lie from 0 to below 1`);
  need(warmUp.share >= 0 && warmUp.share <= 1, `warmUp.share is ${warmUp.share}; it must lie between 0 and 1`);
  need(warmUp.mostSteps >= 1, `warmUp.mostSteps is ${warmUp.mostSteps}; it must be at least 1`);
  need(
    evaluateEverySteps === null || (Number.isInteger(evaluateEverySteps) && evaluateEverySteps >= 1),
    `evaluateEverySteps is ${evaluateEverySteps}; it must be a whole number from 1`,
  );
  for (const [name, value] of Object.entries(downWeight ?? {})) {
    need(value >= 0 && value <= 1, `downWeight.${name} is ${value}; it must lie from 0 to 1`);
  }
  need(unseenRate >= 0 && unseenRate <= 0.5, `unseenRate is ${unseenRate}; it must lie between 0 and 0.5`);
}

function need(holds: boolean, what: string): void {
  if (!holds) throw new AppError('BAD_REQUEST', `Training options: ${what}.`);
}
