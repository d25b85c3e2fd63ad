/** @file The engine's methods for text models: one model loaded at a time, since each may take gigabytes. Requests to it run side by side. */
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

/** The text model that is loaded, and who uses it. */
class TextSlot {
  readonly #intraOpThreads: number;
  #loaded: { directory: string; model: AnyTextModel } | undefined;
  readonly #using = new Set<Promise<unknown>>();
  /** Requests get the model in the order they came: one for another model is not overtaken for ever. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(intraOpThreads: number) {
    this.#intraOpThreads = intraOpThreads;
  }

  /** `work` runs beside other work on the same model; nothing runs on a model while it is replaced. */
  async use<T>(directory: string, work: (model: AnyTextModel) => Promise<T>): Promise<T> {
    const begun = this.#turn.then(async () => {
      const working = work(await this.#get(directory));
      const used = working.catch(() => undefined).finally(() => this.#using.delete(used));
      this.#using.add(used);
      return { working };
    });
    this.#turn = begun.catch(() => undefined);
    return (await begun).working;
  }

  async #get(directory: string): Promise<AnyTextModel> {
    if (this.#loaded?.directory === directory) return this.#loaded.model;
    await Promise.all(this.#using);
    const previous = this.#loaded;
    this.#loaded = undefined;
    await previous?.model.release();
    this.#loaded = { directory, model: await load(directory, this.#intraOpThreads) };
    return this.#loaded.model;
  }
}

export function createTextHandlers(intraOpThreads: number): Handlers<TextEngineMethods> {
  const slot = new TextSlot(intraOpThreads);
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
