/**
 * @file Before the window goes, its page is asked what of the analyst's work is still on its way to the store, and is waited for: a few seconds,
 * then the analyst says whether the window goes all the same.
 */
import { dialog, type BrowserWindow } from 'electron';

/** A page that says nothing is gone, and what was in it with it. */
const silenceMs = 3_000;
/** A store that takes longer may never answer. */
const savingMs = 8_000;

export class Closing {
  readonly #ask: () => void;
  #heard: (left: number) => void = () => undefined;
  #asking: Promise<boolean> | null = null;

  /** `ask`: asks the page, which says how much is left, again with every change, until nothing is. */
  constructor(ask: () => void) {
    this.#ask = ask;
  }

  /** The page's answer. */
  readonly left = (count: number): void => this.#heard(count);

  /** Whether everything may go now. Asked again meanwhile, it is one asking. */
  mayGo(): Promise<boolean> {
    this.#asking ??= this.#saved()
      .then((left) => left === 0 || goesAllTheSame(left))
      .finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** What is left when nothing is, or when nobody waits any longer. */
  #saved(): Promise<number> {
    return new Promise((resolve) => {
      let last = 0;
      const end = (): void => {
        this.#heard = () => undefined;
        clearTimeout(timer);
        resolve(last);
      };
      let timer = setTimeout(end, silenceMs);
      let hasHeard = false;
      this.#heard = (left) => {
        last = left;
        if (left === 0) return end();
        if (hasHeard) return;
        hasHeard = true;
        clearTimeout(timer);
        timer = setTimeout(end, savingMs);
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

async function goesAllTheSame(left: number): Promise<boolean> {
  const what = left === 1 ? '1 verdict or other change is' : `${left} verdicts or other changes are`;
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    message: `${what} not saved yet.`,
    detail: `They have waited for ${savingMs / 1000} seconds. If the window goes now they may be lost: their alerts are then open again the next time.`,
    buttons: ['Keep waiting', 'Close all the same'],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 1;
}
