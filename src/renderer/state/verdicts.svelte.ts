/**
 * @file Verdicts on their way to the host, strictly one after the other and in the order of the keys, and undo and redo of whatever was done.
 * The next alert is selected at once; that a verdict is saved is said only when the host has said so; a verdict that was not saved brings its
 * alert back. A verdict on many is one request, one entry in the audit, one step of undo.
 */
import type { AlertRow, AlertSelection, VerdictEffect, VerdictValue } from '../../shared/domain.ts';
import { dayText } from '../lib/time.ts';
import { wordsOf } from '../lib/verdicts.ts';
import { count, firstSentences, plural } from '../lib/words.ts';
import type { Transport } from '../transport/transport.ts';
import type { NoticeAction, Notices } from './notices.svelte.ts';
import { isGone, messageOf, reasonOf, remedyOf } from './problems.ts';
import type { QueueState } from './queue.svelte.ts';
import type { Settings } from './settings.svelte.ts';

type Operation = () => Promise<void>;

/** A key struck this soon after the selection moved by itself was meant for the alert that was there before. */
const guardMs = 350;
/** A key waits so long for the line that it was struck on; what comes later finds the analyst elsewhere. */
const holdMs = 3000;
/** Where the host is this far behind, a window that is closed would lose what the analyst thinks is decided. */
const mostUnsaved = 10;
const listMoved = 'The list moved under the key.';

type Held = { row: AlertRow; value: VerdictValue; end: (then: () => Promise<void>) => void };

/** Of what a threshold that moved means, a notice has room for this; Learning has all of it. */
const movedChars = 120;

/** What folded with the alert. */
const foldWords: Record<VerdictEffect['foldScope'], string> = {
  signature: 'alike',
  entity: 'alike, of the same actor,',
  template: 'of this kind of line',
};

export class VerdictState {
  /** Verdicts the host has not confirmed yet. */
  pending = $state(0);
  /** What is being done to many, while it is: "Deciding 100,000 alerts". */
  busy = $state<string | null>(null);
  isNoteOpen = $state(false);
  note = $state('');
  readonly #transport: Transport;
  readonly #queue: QueueState;
  readonly #notices: Notices;
  readonly #settings: Pick<Settings, 'zone' | 'now'>;
  /** What a finished operation changed, for whoever shows it elsewhere. */
  onChanged: (alertId: string) => void = () => undefined;
  /** Whether a key waits until the line in view is shown: where there is somebody who says when it is. */
  waitsForLine = false;
  #shownId: string | null = null;
  #held: Held | null = null;
  /** Keys in a row that decided nothing. */
  #refused = 0;
  /** The alert in view when the note was opened. */
  #notedId: string | null = null;
  /** Alerts whose last verdict was not saved, and the notice that says so. */
  readonly #unsaved = new Set<string>();
  #problemId: number | null = null;
  /** The notice of the last verdict, and what it says of folding. */
  #said: { noticeId: number; folded: string } | null = null;
  #tail: Promise<void> = Promise.resolve();
  /** The list as it is after the verdicts that were saved. */
  #following: Promise<void> = Promise.resolve();

  constructor(transport: Transport, queue: QueueState, notices: Notices, settings: Pick<Settings, 'zone' | 'now'>) {
    this.#transport = transport;
    this.#queue = queue;
    this.#notices = notices;
    this.#settings = settings;
  }

  /**
   * Gives the verdict to all that are chosen, to the group in view, or to the alert in view, and moves on. A key that is struck before the line in
   * view is shown waits for it; one that cannot be meant for what is in view is refused, said and counted: no key is lost.
   */
  give(value: VerdictValue): Promise<void> {
    // Who wrote a note on this very alert means it, however lately the list moved.
    const isMeant = this.isNoteOpen && this.#notedId === this.#queue.selectedId;
    if (!isMeant && performance.now() - this.#queue.forcedAt < guardMs) return this.#refuse(listMoved);
    const { selected: row, targetCount, isMany } = this.#queue;
    if (targetCount === 0) return this.#queue.rowCount > 0 ? this.#refuse(listMoved) : Promise.resolve();
    if (this.pending >= mostUnsaved) return this.#refuse(`${count(this.pending)} verdicts are still being saved.`);
    if (this.#held && row?.id !== this.#held.row.id) this.#drop();
    if (this.#held) return this.#refuse(`The line of A-${this.#held.row.number} was not shown yet.`);
    if (this.waitsForLine && row && !isMany && row.id !== this.#shownId) return this.#hold(row, value);
    return this.#decide(value);
  }

  /** The line of this alert can be read now. */
  lineShown(alertId: string): void {
    this.#shownId = alertId;
    const held = this.#held;
    if (held && this.#queue.selected?.id !== held.row.id) this.#drop();
    else if (held?.row.id === alertId) held.end(() => this.#decide(held.value));
  }

  #hold(row: AlertRow, value: VerdictValue): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#drop(), holdMs);
      const end = (then: () => Promise<void>): void => {
        clearTimeout(timer);
        this.#held = null;
        then().then(resolve, reject);
      };
      this.#held = { row, value, end };
    });
  }

  /** The key that waits decides nothing any more. */
  #drop(): void {
    const held = this.#held;
    held?.end(() => this.#refuse(`The line of A-${held.row.number} was not shown in time.`));
  }

  #refuse(why: string): Promise<void> {
    this.#refused += 1;
    const inRow = this.#refused > 1 ? `So it was with ${count(this.#refused)} keys in a row.` : '';
    this.#notices.tell(`${why} Nothing was decided.`, inRow);
    return Promise.resolve();
  }

  #decide(value: VerdictValue): Promise<void> {
    const { selected: row, targetCount } = this.#queue;
    const selection = this.#queue.selection();
    if (!selection) return this.#refuse(listMoved);
    this.#refused = 0;
    const note = this.note.trim();
    this.closeNote();
    const isOne = !this.#queue.isMany && this.#queue.selectedGroup === null;
    if (!isOne || !row) return this.#enqueue(() => this.#saveMany(selection, targetCount, { value, note }));
    // One that nobody could decide folds nothing.
    this.#queue.takeOut([row.id], value === 'undetermined' ? null : row.signature);
    this.pending += 1;
    return this.#enqueue(() =>
      row.asked?.why === 'again' ? this.#answer(row, value) : this.#save(row, { value, note }),
    ).then(() => this.#following);
  }

  /** Of the whole kind of line: who gives it was told what it hides. */
  giveWide(selection: AlertSelection, amount: number, value: VerdictValue): Promise<void> {
    return this.#enqueue(() => this.#saveMany(selection, amount, { value, note: '', isWide: true }));
  }

  undo(): Promise<void> {
    const held = this.#held;
    // What was done last is the key that waits.
    if (held) {
      held.end(() => this.#refuse(`The key for A-${held.row.number} was taken back.`));
      return Promise.resolve();
    }
    return this.#enqueue(() => this.#step('actions.undo'));
  }

  redo(): Promise<void> {
    return this.#enqueue(() => this.#step('actions.redo'));
  }

  /** Something else that is done to alerts, in its turn; says what came of it, with the key that takes it back. */
  act(busy: string, action: () => Promise<string>): Promise<void> {
    return this.#enqueue(async () => {
      this.busy = busy;
      try {
        const text = await action();
        this.#queue.clearTicks();
        await this.#queue.loadFirst();
        this.#notices.tell(text, '', this.#undoAction());
        this.onChanged(this.#queue.selectedId ?? '');
      } catch (error) {
        this.#notices.warn('That was not done.', messageOf(error));
      }
      this.busy = null;
    });
  }

  openNote(): void {
    if (!this.#queue.selected) return;
    this.isNoteOpen = true;
    this.#notedId = this.#queue.selectedId;
  }

  closeNote(): void {
    this.isNoteOpen = false;
    this.note = '';
  }

  #enqueue(operation: Operation): Promise<void> {
    this.#tail = this.#tail.then(operation);
    return this.#tail;
  }

  async #save(row: AlertRow, given: { value: VerdictValue; note: string }): Promise<void> {
    try {
      const effect = await this.#transport.request('verdicts.give', { alertId: row.id, ...given });
      this.pending -= 1;
      this.#queue.settle(row.id, effect.counts);
      this.#forgetProblem(row.id);
      this.#tellEffect(given.value, effect);
      if (
        effect.foldedCount > 0 ||
        effect.knownCount > 0 ||
        this.#queue.tab === 'decided' ||
        this.#queue.group !== null
      )
        // The next verdict does not wait for the list.
        this.#following = this.#queue.refresh();
      this.onChanged(row.id);
    } catch (error) {
      this.pending -= 1;
      this.#queue.putBack(row);
      this.#warn(row, error, given.value);
    }
  }

  /** A blind question: the verdict that stands is told only now, and is replaced only where the analyst says so. */
  async #answer(row: AlertRow, value: VerdictValue): Promise<void> {
    try {
      const { before, givenAt, isSame } = await this.#transport.request('teach.answer', { alertId: row.id, value });
      this.pending -= 1;
      this.#queue.settle(row.id, this.#queue.counts);
      const day = dayText(givenAt, this.#settings.zone, this.#settings.now);
      const said = `You were asked again: A-${row.number}, on ${day} “${wordsOf(before).name}”.`;
      if (isSame) this.#notices.tell(`${wordsOf(value).name}.`, `${said} You agree with yourself.`, this.#undoAction());
      else
        this.#notices.tell(`${wordsOf(value).name}.`, `${said} That verdict stands.`, {
          label: 'Replace it',
          run: () => void this.#enqueue(() => this.#replace(row, value)),
        });
      this.onChanged(row.id);
    } catch (error) {
      this.pending -= 1;
      this.#queue.putBack(row);
      this.#warn(row, error, value);
    }
  }

  async #replace(row: AlertRow, value: VerdictValue): Promise<void> {
    this.pending += 1;
    await this.#save(row, { value, note: '' });
  }

  /** "I missed this", of any line. */
  missed(eventId: number): Promise<void> {
    return this.#enqueue(async () => {
      this.busy = 'Judging the line';
      try {
        const effect = await this.#transport.request('teach.missed', { eventId });
        const which = effect.isNew ? 'It is an alert that was missed.' : 'It has an alert, which is decided.';
        const text = `${which} ${this.#foldText(effect)}`.trim();
        this.#notices.tell('True positive.', text, this.#undoAction());
        this.#said = { noticeId: this.#notices.passing?.id ?? 0, folded: text };
        this.#queue.counts = effect.counts;
        await this.#queue.refresh();
        this.onChanged(effect.alertId);
      } catch (error) {
        this.#notices.warn('This line was not marked as missed.', messageOf(error));
      }
      this.busy = null;
    });
  }

  async #saveMany(
    selection: AlertSelection,
    amount: number,
    given: { value: VerdictValue; note: string; isWide?: boolean },
  ): Promise<void> {
    this.busy = `Deciding ${plural(amount, 'alert')}`;
    this.pending += 1;
    try {
      const effect = await this.#transport.request('verdicts.give_many', { selection, ...given });
      this.#queue.clearTicks();
      await this.#queue.loadFirst();
      this.#tellEffect(given.value, effect);
      this.onChanged(this.#queue.selectedId ?? '');
    } catch (error) {
      const title = isGone(error)
        ? 'These verdicts may not be saved: the connection was lost.'
        : `These verdicts were not saved: ${reasonOf(error)}.`;
      this.#notices.warn(title, isGone(error) ? '' : 'They are saved all or none: none is.');
    }
    this.pending -= 1;
    this.busy = null;
  }

  async #step(route: 'actions.undo' | 'actions.redo'): Promise<void> {
    const isUndo = route === 'actions.undo';
    this.busy = isUndo ? 'Taking it back' : 'Doing it again';
    try {
      const done = await this.#transport.request(route, {});
      if (!done) {
        if (this.#notices.problem === null) this.#notices.tell(`There is nothing to ${isUndo ? 'undo' : 'redo'}.`);
      } else {
        this.#queue.counts = done.counts;
        if (done.alertCount === 1 && done.alertId !== null) await this.#reveal(done.alertId);
        else await this.#queue.loadFirst();
        this.#notices.tellText(done.text);
        this.#said = { noticeId: this.#notices.passing?.id ?? 0, folded: '' };
        this.onChanged(done.alertId ?? '');
      }
    } catch (error) {
      this.#notices.warn(
        `This was not ${isUndo ? 'undone' : 'redone'}: ${reasonOf(error)}`,
        'Nothing has changed. Try it again.',
      );
    }
    this.busy = null;
  }

  /** The alert that came back, or went, is where the eyes go. */
  async #reveal(alertId: string): Promise<void> {
    await this.#queue.refresh();
    const { row } = await this.#transport.request('alerts.get', { alertId });
    await this.#queue.reveal(row);
  }

  #undoAction(): NoticeAction {
    return { label: 'Undo', command: 'verdict.undo', run: () => void this.undo() };
  }

  #tellEffect(value: VerdictValue, effect: VerdictEffect): void {
    const folded = this.#foldText(effect);
    this.#notices.tell(this.#effectTitle(value, effect.alertCount), folded, this.#undoAction());
    this.#said = { noticeId: this.#notices.passing?.id ?? 0, folded };
  }

  #effectTitle(value: VerdictValue, saved: number): string {
    const name = wordsOf(value).name;
    return saved === 1 ? `${name}.` : `${name}, ${count(saved)} alerts.`;
  }

  /** A threshold that moved belongs to the verdict that moved it, while its notice with the undo is on screen. */
  thresholdChanged(text: string): void {
    const said = this.#said;
    const moved = firstSentences(text, movedChars);
    if (!said || !this.#notices.amend(said.noticeId, `${said.folded} ${moved}`.trim())) this.#notices.tellText(moved);
  }

  #foldText({ foldedCount, heldCount, knownCount, foldExpiresAt, foldScope }: VerdictEffect): string {
    if (knownCount > 0) return `${count(knownCount)} alike marked as known ${knownCount === 1 ? 'threat' : 'threats'}.`;
    const until =
      foldExpiresAt === null ? '' : ` until ${dayText(foldExpiresAt, this.#settings.zone, this.#settings.now)}`;
    const folded = foldedCount === 0 ? '' : `${count(foldedCount)} ${foldWords[foldScope]} folded${until}.`;
    const held = heldCount === 0 ? '' : `${count(heldCount)} severe alike stay until a second verdict agrees.`;
    return `${folded} ${held}`.trim();
  }

  /** The notice that a verdict was not saved goes when it has been. */
  #forgetProblem(id: string): void {
    this.#unsaved.delete(id);
    if (this.#unsaved.size > 0 || this.#problemId === null) return;
    if (this.#notices.problem?.id === this.#problemId) this.#notices.dismissProblem();
    this.#problemId = null;
  }

  #warn(row: AlertRow, failure: unknown, value: VerdictValue): void {
    const which = `A-${row.number}`;
    const key = wordsOf(value).key;
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
}
