/** @file The engine's methods for text models: one model loaded at a time, since each may take gigabytes, and one request at a time. */
import { Transferred, type Handlers } from '../../shared/port.ts';
import type { TextEngineMethods } from '../../shared/textModels.ts';
import { continueText } from './continueText.ts';
import { scoreSequences } from './score.ts';
import { TextGraph } from './textGraph.ts';
import { TextModel } from './textModel.ts';
import { readTextShape } from './textShape.ts';

/** A text model in whichever form it came. */
export type AnyTextModel = TextModel | TextGraph;

async function load(directory: string, intraOpThreads: number): Promise<AnyTextModel> {
  const shape = await readTextShape(directory);
  return shape.form === 'gpt2'
    ? TextModel.load(directory, shape, intraOpThreads)
    : TextGraph.load(directory, shape, intraOpThreads);
}

export function createTextHandlers(intraOpThreads: number): Handlers<TextEngineMethods> {
  let loaded: { directory: string; model: AnyTextModel } | undefined;
  let before: Promise<unknown> = Promise.resolve();
  /** In turn: nothing runs on a model while it is replaced. */
  const withModel = <T>(directory: string, work: (model: AnyTextModel) => Promise<T>): Promise<T> => {
    const turn = before.then(async () => {
      if (loaded?.directory !== directory) {
        const previous = loaded;
        loaded = undefined;
        await previous?.model.release();
        loaded = { directory, model: await load(directory, intraOpThreads) };
      }
      return work(loaded.model);
    });
    before = turn.catch(() => undefined);
    return turn;
  };
  return {
    score_text: async ({ directory, sequences }, context) => {
      const { bits } = await withModel(directory, (model) => scoreSequences(model, sequences, context));
      return new Transferred({ bits }, [bits.buffer]);
    },
    continue_text: async ({ directory, ...input }, context) => ({
      ids: await withModel(directory, (model) => continueText(model, input, context)),
    }),
  };
}
