/** @file What the app tells unasked: one passing notice (what a verdict did) and one problem that stays until it is dismissed. */

export type NoticeAction = { label: string; command?: string; run: () => void };
/** `isFirst`: nothing stood in its place. */
export type Notice = { id: number; title: string; text: string; action: NoticeAction | null; isFirst: boolean };

const shownMs = 9000;

export class Notices {
  passing = $state.raw<Notice | null>(null);
  problem = $state.raw<Notice | null>(null);
  readonly shownMs = shownMs;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #nextId = 1;

  tell(title: string, text = '', action: NoticeAction | null = null): void {
    clearTimeout(this.#timer);
    this.passing = { id: this.#nextId++, title, text, action, isFirst: this.passing === null };
    this.#timer = setTimeout(() => {
      this.passing = null;
    }, shownMs);
  }

  /** A text of the host: its first sentence is the title. */
  tellText(text: string): void {
    const end = text.indexOf('. ') + 1;
    if (end === 0) this.tell(text);
    else this.tell(text.slice(0, end), text.slice(end + 1));
  }

  /** Says more in a notice that is still on screen, without a new one. False: it has gone. */
  amend(id: number, text: string): boolean {
    if (this.passing?.id !== id) return false;
    this.passing = { ...this.passing, text };
    return true;
  }

  warn(title: string, text = '', action: NoticeAction | null = null): void {
    this.dismiss();
    this.problem = { id: this.#nextId++, title, text, action, isFirst: this.problem === null };
  }

  dismiss(): void {
    clearTimeout(this.#timer);
    this.passing = null;
  }

  dismissProblem(): void {
    this.problem = null;
  }
}
