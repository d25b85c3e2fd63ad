/** @file A model that is opened when it is asked for and stays open until another of its kind is. Requests to it run side by side. Engine. */

type Releasable = { release(): Promise<void> };

export class Slot<Model extends Releasable> {
  readonly #load: (directory: string) => Promise<Model>;
  #loaded: { directory: string; model: Model } | undefined;
  readonly #using = new Set<Promise<unknown>>();
  /** Requests get the model in the order they came: one for another model is not overtaken for ever. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(load: (directory: string) => Promise<Model>) {
    this.#load = load;
  }

  /** `work` runs beside other work on the same model; nothing runs on a model while it is replaced. */
  async use<T>(directory: string, work: (model: Model) => Promise<T>): Promise<T> {
    const begun = this.#turn.then(async () => {
      const working = work(await this.#get(directory));
      const used = working.catch(() => undefined).finally(() => this.#using.delete(used));
      this.#using.add(used);
      return { working };
    });
    this.#turn = begun.catch(() => undefined);
    return (await begun).working;
  }

  async #get(directory: string): Promise<Model> {
    if (this.#loaded?.directory === directory) return this.#loaded.model;
    await Promise.all(this.#using);
    const previous = this.#loaded;
    this.#loaded = undefined;
    await previous?.model.release();
    this.#loaded = { directory, model: await this.#load(directory) };
    return this.#loaded.model;
  }
}
