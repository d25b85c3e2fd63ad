/** @file What the analyst is told of verdicts: what each did, what a threshold that moved under it means, and which were not saved. */
import type { AlertRow } from '../../shared/alerts.ts';
import type { VerdictEffect, VerdictValue } from '../../shared/verdicts.ts';
import { dayText } from '../lib/time.ts';
import { wordsOf } from '../lib/verdicts.ts';
import { count, firstSentences } from '../lib/words.ts';
import type { NoticeAction, Notices } from './notices.svelte.ts';
import { isGone, reasonOf, remedyOf } from './problems.ts';
import type { Settings } from './settings.svelte.ts';

/** Of what a threshold that moved means, a notice has room for this; Learning has all of it. */
const movedChars = 120;

/** What folded with the alert. */
const foldWords: Record<VerdictEffect['foldScope'], string> = {
  signature: 'alike',
  entity: 'alike, of the same actor,',
  template: 'of this kind of line',
};

type Given = Pick<
  VerdictEffect,
  'alertCount' | 'foldedCount' | 'heldCount' | 'knownCount' | 'foldExpiresAt' | 'foldScope'
>;

export class VerdictNotices {
  readonly #notices: Notices;
  readonly #settings: Pick<Settings, 'zone' | 'now'>;
  readonly #undo: NoticeAction;
  /** What is pressed for a verdict on this machine. */
  keyOf: (value: VerdictValue) => string = (value) => wordsOf(value).key;
  /** Alerts whose last verdict was not saved, and the notice that says so. */
  readonly #unsaved = new Set<string>();
  #problemId: number | null = null;
  /** The notice of the last verdict, and what it says of folding. */
  #said: { noticeId: number; folded: string } | null = null;

  constructor(notices: Notices, settings: Pick<Settings, 'zone' | 'now'>, undo: () => void) {
    this.#notices = notices;
    this.#settings = settings;
    this.#undo = { label: 'Undo', command: 'verdict.undo', run: undo };
  }

  /** `lead` stands before what it did to others. */
  tellEffect(value: VerdictValue, effect: Given, lead = ''): void {
    const { name } = wordsOf(value);
    const title = effect.alertCount === 1 ? `${name}.` : `${name}, ${count(effect.alertCount)} alerts.`;
    const folded = `${lead} ${this.#foldText(effect)}`.trim();
    this.#notices.tell(title, folded, this.#undo);
    this.#remember(folded);
  }

  /** Something else was done, or taken back. */
  tellDone(text: string): void {
    this.#notices.tell(text, '', this.#undo);
  }

  tellStep(text: string): void {
    this.#notices.tellText(text);
    this.#remember('');
  }

  /** A blind question was answered. `replace`: where the answers differ, what lets the new one stand. */
  tellAnswer(
    { number }: AlertRow,
    value: VerdictValue,
    { before, givenAt }: { before: VerdictValue; givenAt: number },
    replace: (() => void) | null,
  ): void {
    const day = dayText(givenAt, this.#settings.zone, this.#settings.now);
    const said = `You were asked again: A-${number}, on ${day} “${wordsOf(before).name}”.`;
    const title = `${wordsOf(value).name}.`;
    if (!replace) this.#notices.tell(title, `${said} You agree with yourself.`, this.#undo);
    else this.#notices.tell(title, `${said} That verdict stands.`, { label: 'Replace it', run: replace });
  }

  /** A threshold that moved belongs to the verdict that moved it, while its notice with the undo is on screen. */
  thresholdChanged(text: string): void {
    const said = this.#said;
    const moved = firstSentences(text, movedChars);
    if (!said || !this.#notices.amend(said.noticeId, `${said.folded} ${moved}`.trim())) this.#notices.tellText(moved);
  }

  /** The notice that a verdict was not saved goes when it has been. */
  saved(alertId: string): void {
    this.#unsaved.delete(alertId);
    if (this.#unsaved.size > 0 || this.#problemId === null) return;
    if (this.#notices.problem?.id === this.#problemId) this.#notices.dismissProblem();
    this.#problemId = null;
  }

  notSaved(row: AlertRow, failure: unknown, value: VerdictValue): void {
    const which = `A-${row.number}`;
    const key = this.keyOf(value);
    if (isGone(failure)) {
      // Nobody can know whether it arrived; the list will, as soon as it can be asked again.
      this.#notices.warn(
        'This verdict may not be saved: the connection was lost.',
        `${which} is shown as open. What was saved leaves the list when the connection is back; for what stays, press ${key} again.`,
      );
    } else {
      this.#notices.warn(
        `This verdict was not saved: ${reasonOf(failure)}.`,
        `${which} is still open. ${remedyOf(failure)} press ${key} again.`,
      );
    }
    this.#unsaved.add(row.id);
    this.#problemId = this.#notices.problem?.id ?? null;
  }

  manyNotSaved(failure: unknown): void {
    if (isGone(failure)) this.#notices.warn('These verdicts may not be saved: the connection was lost.');
    else
      this.#notices.warn(
        `These verdicts were not saved: ${reasonOf(failure)}.`,
        'They are saved all or none: none is.',
      );
  }

  #remember(folded: string): void {
    this.#said = { noticeId: this.#notices.passing?.id ?? 0, folded };
  }

  #foldText({ foldedCount, heldCount, knownCount, foldExpiresAt, foldScope }: Given): string {
    if (knownCount > 0) return `${count(knownCount)} alike marked as known ${knownCount === 1 ? 'threat' : 'threats'}.`;
    const until =
      foldExpiresAt === null ? '' : ` until ${dayText(foldExpiresAt, this.#settings.zone, this.#settings.now)}`;
    const folded = foldedCount === 0 ? '' : `${count(foldedCount)} ${foldWords[foldScope]} folded${until}.`;
    const held = heldCount === 0 ? '' : `${count(heldCount)} severe alike stay until a second verdict agrees.`;
    return `${folded} ${held}`.trim();
  }
}
