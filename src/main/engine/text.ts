/** @file The engine's methods for text models: one model loaded at a time, since each may take gigabytes. Requests to it run side by side. */
import { Transferred, type Handlers } from '../../shared/port.ts';
import type { TextEngineMethods } from '../../shared/textModels.ts';
import { continueText } from './continueText.ts';
import { scoreSequences } from './score.ts';
import { Slot } from './slot.ts';
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
  const slot = new Slot((directory) => load(directory, intraOpThreads));
  return {
    score_text: async ({ directory, sequences }, context) => {
      const { bits } = await slot.use(directory, (model) => scoreSequences(model, sequences, context));
      return new Transferred({ bits }, [bits.buffer]);
    },
    continue_text: async ({ directory, ...input }, context) => ({
      ids: await slot.use(directory, (model) => continueText(model, input, context)),
    }),
  };
}
