/** @file The app over one workspace: opened when it is needed, killed when its time has come. */
import type { Serving } from '../helpers/serving.ts';
import { serve } from './victim.ts';

/** `command`: as a user starts it, which needs the renderer to be built; `child`: the same without its pages. */
export type How = 'command' | 'child';

export class KilledApp {
  readonly workspace: string;
  readonly #how: How;
  #serving: Serving | undefined;

  constructor(workspace: string, how: How) {
    this.workspace = workspace;
    this.#how = how;
  }

  async open(): Promise<Serving> {
    return (this.#serving ??= await serve(this.workspace, this.#how));
  }

  async kill(): Promise<void> {
    await this.#serving?.kill();
    this.#serving = undefined;
  }
}
