/** @file Which windows of a log a text model is trained on: some, at equal distances. Who judges reads every one. */
import { windowLines, windowSeparator } from './window.ts';

export class WindowSample {
  readonly #stride: number;
  readonly #lines: string[] = [];
  #seen = 0;

  /** `stride`: how many lines apart windows begin. */
  constructor(stride: number) {
    this.#stride = stride;
  }

  /** Another log, or another part of one: no window reaches across. */
  begin(): void {
    this.#lines.length = 0;
    this.#seen = 0;
  }

  /** Takes the next line as the tutorial has it. The window that ends with it; null where none is to be learned from. */
  add(line: string): string | null {
    this.#lines.push(line);
    if (this.#lines.length > windowLines) this.#lines.shift();
    const start = this.#seen++ - (windowLines - 1);
    return start >= 0 && start % this.#stride === 0 ? this.#lines.join(windowSeparator) : null;
  }
}
