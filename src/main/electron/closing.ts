/**
 * @file Before the window goes, its page is asked what of the analyst's work is still on its way to the store, and is waited for: a few seconds,
 * then the analyst says whether the window goes all the same.
 */
import { dialog, type BrowserWindow } from 'electron';
import type { Unsaved } from '../../shared/window.ts';

/** A page that says nothing is gone, and what was in it with it. */
const silenceMs = 3_000;
/** A store that takes longer may never answer. */
const savingMs = 8_000;

export class Closing {
  readonly #ask: () => void;
  #heard: (left: Unsaved) => void = () => undefined;
  #asking: Promise<boolean> | null = null;

  /** `ask`: asks the page, which answers with what is left, again with every change, until nothing waits. */
  constructor(ask: () => void) {
    this.#ask = ask;
  }

  /** The page's answer. */
  readonly left = (left: Unsaved): void => this.#heard(left);

  /** Whether everything may go now. Asked again meanwhile, it is one asking. */
  mayGo(): Promise<boolean> {
    this.#asking ??= this.#saved()
      .then(({ waiting, failed }) => waiting + failed === 0 || goesAllTheSame({ waiting, failed }))
      .finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** What is left when nothing waits, or when nobody waits for it any longer. */
  #saved(): Promise<Unsaved> {
    return new Promise((resolve) => {
      let last: Unsaved | null = null;
      const end = (): void => {
        this.#heard = () => undefined;
        clearTimeout(timer);
        resolve(last ?? { waiting: 0, failed: 0 });
      };
      let timer = setTimeout(end, silenceMs);
      this.#heard = (left) => {
        if (last === null) {
          clearTimeout(timer);
          timer = setTimeout(end, savingMs);
        }
        last = left;
        if (left.waiting === 0) end();
      };
      this.#ask();
    });
  }
}

/** The window closes when it may. */
export function waitWithClose(window: BrowserWindow, mayGo: () => Promise<boolean>): void {
  let isAllowed = false;
  window.on('close', (event) => {
    if (isAllowed) return;
    event.preventDefault();
    void mayGo().then((may) => {
      if (!may || window.isDestroyed()) return;
      isAllowed = true;
      window.close();
    });
  });
}

async function goesAllTheSame({ waiting, failed }: Unsaved): Promise<boolean> {
  const changes = (count: number): string =>
    count === 1 ? '1 verdict or other change' : `${count} verdicts or other changes`;
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    message:
      failed > 0
        ? `${changes(failed)} could not be saved.`
        : `${changes(waiting)} waited for ${savingMs / 1000} seconds and ${waiting === 1 ? 'is' : 'are'} not saved yet.`,
    detail: 'The window says why. If it goes now they may be lost: their alerts are open again the next time.',
    buttons: ['Keep the window', 'Close all the same'],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 1;
}
