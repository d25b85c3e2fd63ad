/** @file What the trainer process does when asked: `TrainerMethods` over the training engine. One training run at a time. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../src/shared/errors.ts';
import type { Handlers } from '../src/shared/port.ts';
import type { KeyModelShape, ModelFile, TrainerMethods } from '../src/shared/trainerProtocol.ts';
import { alignModel } from './align/align.ts';
import { trainClassifier } from './classify/trainClassifier.ts';
import { writeFileAtomic } from './files/atomic.ts';
import { writingTo } from './files/diskErrors.ts';
import { exportModel } from './files/export.ts';
import { readStartWeights } from './files/startWeights.ts';
import { buildEvidenceModel } from './gpt2/evidenceGraph.ts';
import { exportText } from './gpt2/exportText.ts';
import { importText } from './gpt2/importText.ts';
import { gpt2Parameters } from './gpt2/spec.ts';
import { stepBack } from './priority.ts';
import { trainTokenizer } from './tokenizer/train.ts';
import { Gate } from './train/gate.ts';
import { createRandom } from './train/random.ts';
import { createState } from './train/state.ts';
import { keyTask } from './train/task.ts';
import { textTask } from './train/textTask.ts';
import { trainModel } from './train/train.ts';
import { trainText } from './train/trainText.ts';
import { tryTask } from './train/trial.ts';

type Run = { signal: AbortSignal; gate: Gate; finished: Promise<unknown> };

export function createHandlers(): Handlers<TrainerMethods> {
  let current: Run | undefined;
  const running = (): Run => {
    if (!current) throw new AppError('CONFLICT', 'No training run is under way.');
    return current;
  };
  /** One run at a time: `work` is done when no other is. */
  const alone = async <T>(signal: AbortSignal, work: (gate: Gate) => Promise<T>): Promise<T> => {
    // A cancelled run still has its current step to finish; the caller, who has its answer already, need not know.
    while (current?.signal.aborted) await current.finished;
    if (current) throw new AppError('CONFLICT', 'A training run is under way; cancel it or wait for it.');
    stepBack();
    const gate = new Gate();
    const working = work(gate);
    const run: Run = { signal, gate, finished: working.catch(() => undefined) };
    current = run;
    try {
      return await working;
    } finally {
      gate.end();
      if (current === run) current = undefined;
    }
  };
  return {
    train: (input, context) =>
      alone(context.signal, async (gate) => {
        await checkDirectory(input.directory);
        return written(input, await trainModel(input, { ...context, gate }), context.signal);
      }),
    align: (input, context) =>
      alone(context.signal, async (gate) => {
        await checkDirectory(input.directory);
        return written(input, await alignModel(input, { ...context, gate }), context.signal);
      }),
    train_classifier: (input, context) =>
      alone(context.signal, async (gate) => {
        await checkDirectory(input.directory);
        return trainClassifier(input, { ...context, gate });
      }),
    train_text: (input, context) =>
      alone(context.signal, async (gate) => {
        await checkDirectory(input.directory);
        return trainText(input, { ...context, gate });
      }),
    try_training: (input, { signal }) =>
      alone(signal, () => tryTask(keyTask({ ...input, checkpoint: null }), { signal })),
    try_text_training: (input, { signal }) =>
      alone(signal, async () => tryTask((await textTask({ ...input, checkpoint: null })).task, { signal })),
    pause: () => running().gate.pause(),
    give_way: ({ forMs }) => {
      current?.gate.givingWay.ask(forMs);
      return undefined;
    },
    resume: () => {
      running().gate.resume();
      return undefined;
    },
    write_random_model: async ({ directory, shape, seed }) => {
      await checkDirectory(directory);
      const { parameters } = createState(gpt2Parameters(shape), createRandom(seed));
      // Larger than training starts with, so that predictions are far from uniform.
      const files = await exportModel(
        directory,
        shape,
        parameters.map((value) => value * 2),
      );
      return { files };
    },
    write_evidence: ({ directory, shape }) =>
      writingTo(directory, async () => {
        const parameters = await readStartWeights(join(directory, 'weights.safetensors'), shape);
        return { file: await writeFileAtomic(directory, 'evidence.onnx', buildEvidenceModel(shape, parameters)) };
      }),
    import_text: (input, context) => writingTo(input.directory, () => importText(input, context)),
    export_text: (input) => writingTo(input.to, () => exportText(input)),
    // Seconds, and it lets messages in all the while: it need not wait for a training run.
    train_tokenizer: (input, context) => trainTokenizer(input, context),
  };
}

/** What a run gave, with the files of its model in place of the parameters. */
async function written<T extends { parameters: Float32Array }>(
  { directory, shape }: { directory: string; shape: KeyModelShape },
  { parameters, ...rest }: T,
  signal: AbortSignal,
): Promise<Omit<T, 'parameters'> & { files: ModelFile[] }> {
  if (signal.aborted) throw new AppError('CANCELLED', 'Training was cancelled.');
  return { ...rest, files: await exportModel(directory, shape, parameters) };
}

/** Better known before minutes of training than after. */
async function checkDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) throw new AppError('BAD_REQUEST', `The model folder ${directory} does not exist.`);
}
