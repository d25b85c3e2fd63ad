/** @file Trying a training before it is started: its figures are those of the training, and nothing comes of it. */
import { expect, test } from 'vitest';
import type { LoraOptions, TrainInput, TrainingTrial, TrainProgress } from '../../src/shared/trainerProtocol.ts';
import { createBackend, type CreateBackend } from '../../trainer/train/providers.ts';
import { keyTask, pieceTokensOf, type TrainTask } from '../../trainer/train/task.ts';
import { textTask } from '../../trainer/train/textTask.ts';
import { runTask } from '../../trainer/train/train.ts';
import { tryTask } from '../../trainer/train/trial.ts';
import { trainInput } from './models.ts';
import { fineTuning, importedTiny } from './textTrainingInput.ts';

const lora: LoraOptions = { rank: 2, alpha: 4, matrices: ['c_attn'] };
const keys = (changes: Partial<TrainInput> = {}): TrainTask => keyTask(trainInput('', changes));

/** What the trial says, and what the first epoch then was. */
async function both(
  task: TrainTask,
): Promise<{ trial: TrainingTrial; last: TrainProgress | undefined; count: number }> {
  const signal = new AbortController().signal;
  const seen: TrainProgress[] = [];
  const trial = await tryTask(task, { signal });
  const { parameters } = await runTask({ ...task, maxEpochs: 1 }, { signal, progress: (value) => seen.push(value) });
  return { trial, last: seen.at(-1), count: parameters.length };
}

test.each<[string, () => TrainTask | Promise<TrainTask>]>([
  ['event keys', () => keys()],
  [
    'event keys in several micro-batches a step',
    () => keys({ recipe: { batchTokens: 40, countPerEntry: 1, accumulation: 4 } }),
  ],
  ['a text model by adapters', async () => (await textTask(fineTuning(await importedTiny(), { lora }))).task],
])(
  '%s: tokens, steps and what is trained are exactly those of training, the speed is of its order',
  async (_what, taskOf) => {
    const { trial, last, count } = await both(await taskOf());
    expect(trial.stepsPerEpoch).toBe(last?.stepsPerEpoch);
    const trained = ((last?.tokensPerSecond ?? NaN) * (last?.elapsedMs ?? NaN)) / 1000;
    expect(trial.tokensPerEpoch).toBe(Math.round(trained));
    expect(trial.trainedParameterCount).toBe(count);
    // The first steps of a run are slower, and machines are busy: only a wrong unit or a wrong count is further off than this.
    expect(trial.tokensPerSecond).toBeGreaterThan((last?.tokensPerSecond ?? NaN) / 20);
    expect(trial.tokensPerSecond).toBeLessThan((last?.tokensPerSecond ?? NaN) * 200);
    expect(trial.peakBytes).toBeGreaterThan(20e6);
    expect(trial).toMatchObject({ provider: 'cpu', providerFailure: null });
  },
);

test('a new model sees its whole context, one that is started from no more than a micro-batch at once', () => {
  const recipe = { batchTokens: 5 };
  expect(pieceTokensOf(keys({ recipe }))).toBe(8);
  expect(pieceTokensOf(keys({ recipe, startWeights: 'weights.safetensors' }))).toBe(5);
});

test('all parameters are counted, and those that adapters leave alone not among the trained', async () => {
  const start = await importedTiny();
  const trialOf = async (changes: { lora?: LoraOptions }): Promise<TrainingTrial> => {
    const { task } = await textTask(fineTuning(start, changes));
    return tryTask(task, { signal: new AbortController().signal });
  };
  const [whole, adapted] = [await trialOf({}), await trialOf({ lora })];
  expect(whole.trainedParameterCount).toBe(whole.parameterCount);
  expect(adapted.parameterCount).toBe(whole.parameterCount);
  expect(adapted.trainedParameterCount).toBe(2 * (16 * 2 + 2 * 48) + 2 * 16); // two layers, two added tokens
});

test('a provider that is not there is told, and the CPU tried in its place; a cancel is heard', async () => {
  const absent: CreateBackend = (provider, options) =>
    provider === 'webgpu' ? Promise.reject(new Error('no adapter')) : createBackend(provider, options);
  const trial = await tryTask(keys({ provider: 'webgpu' }), { signal: new AbortController().signal, create: absent });
  expect(trial).toMatchObject({ provider: 'cpu', providerFailure: 'no adapter' });
  await expect(tryTask(keys(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
});
