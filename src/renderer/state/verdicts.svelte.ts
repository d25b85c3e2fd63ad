/**
 * @file Verdicts on their way to the host, strictly one after the other and in the order of the keys, and undo and redo of whatever was done.
 * The next alert is selected at once; that a verdict is saved is said only when the host has said so; a verdict that was not saved brings its
 * alert back. A verdict on many is one request, one entry in the audit, one step of undo.
 */
import type { AlertRow } from '../../shared/alerts.ts';
import type { AlertSelection } from '../../shared/actions.ts';
import type { VerdictValue } from '../../shared/verdicts.ts';
import type { Unsaved } from '../../shared/window.ts';
import { count, plural } from '../lib/words.ts';
import type { Transport } from '../transport/transport.ts';
import { HeldKey, type HeldEnd } from './heldKey.ts';
import { InOrder } from './inOrder.ts';
import type { Notices } from './notices.svelte.ts';
import { messageOf, reasonOf } from './problems.ts';
import type { QueueState } from './queue.svelte.ts';
import type { Settings } from './settings.svelte.ts';
import { VerdictNotices } from './verdictNotices.ts';

/** A key struck this soon after the selection moved by itself was meant for the alert that was there before. */
const guardMs = 350;
/** Where the host is this far behind, what the analyst thinks is decided is not. */
const mostUnsaved = 10;
const listMoved = 'The list moved under the key.';

/** What a verdict is given to. `row`: the one alert; null where they are many. */
type Meant = { row: AlertRow | null; selection: AlertSelection; amount: number };

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
  readonly #told: VerdictNotices;
  /** What a finished operation changed, for whoever shows it elsewhere. */
  onChanged: (alertId: string) => void = () => undefined;
  /** Whether a key waits until the line in view is shown: where there is somebody who says when it is. */
  waitsForLine = false;
  #shownId: string | null = null;
  readonly #held = new HeldKey();
  readonly #inOrder = new InOrder();
  /** Of what was asked for, so much was not done. */
  #failures = 0;
  /** Keys in a row that decided nothing. */
  #refused = 0;
  /** The alert in view when the note was opened. */
  #noted: AlertRow | null = null;
  /** Under way or waiting for their turn, after which another alert is in view: undo, redo, verdicts on many. */
  #moving = 0;
  /** The list as it is after the verdicts that were saved. */
  #following: Promise<void> = Promise.resolve();

  constructor(transport: Transport, queue: QueueState, notices: Notices, settings: Pick<Settings, 'zone' | 'now'>) {
    this.#transport = transport;
    this.#queue = queue;
    this.#notices = notices;
    this.#told = new VerdictNotices(notices, settings, () => void this.undo());
  }

  /**
   * Gives the verdict to all that are chosen, to the group in view, or to the alert in view, and moves on. A key that is struck before the line in
   * view is shown waits for it; one that cannot be meant for what is in view is refused, said and counted: no key is lost.
   */
  give(value: VerdictValue): Promise<void> {
    const { selected: row, targets } = this.#queue;
    const isMany = targets.ticks.isMany;
    // Who wrote a note on this very alert means it, however lately the list moved.
    const isMeant = this.isNoteOpen && this.#noted?.id === row?.id;
    if (!isMeant && performance.now() - this.#queue.forcedAt < guardMs) return this.#refuse(listMoved);
    if (targets.count === 0) return this.#queue.list.rowCount > 0 ? this.#refuse(listMoved) : Promise.resolve();
    if (this.isNoteOpen && !isMeant && !isMany)
      return this.#refuse(`The note was begun on A-${this.#noted?.number}, which is not in view.`);
    if (this.#moving > 0) return this.#refuse(`${this.busy ?? 'What was asked for before'} is not done yet.`);
    if (this.pending >= mostUnsaved) return this.#refuse(`${count(this.pending)} verdicts are still being saved.`);
    if (this.#held.row && row?.id !== this.#held.row.id) this.#held.drop();
    if (this.#held.row) return this.#refuse(`The line of A-${this.#held.row.number} was not shown yet.`);
    // What it is meant for is what is chosen now: a key that waits decides nothing that is ticked meanwhile.
    const selection = targets.selection();
    if (!selection) return this.#refuse(listMoved);
    const isOne = !isMany && this.#queue.selectedGroup === null;
    const meant: Meant = { row: isOne ? row : null, selection, amount: targets.count };
    if (this.waitsForLine && row && !isMany && row.id !== this.#shownId)
      return this.#held.hold(row, value, (end) => this.#heldEnded(end, meant));
    return this.#decide(value, meant);
  }

  /** What is pressed for a verdict on this machine. */
  set keyOf(keyOf: (value: VerdictValue) => string) {
    this.#told.keyOf = keyOf;
  }

  /** The line of this alert can be read now. */
  lineShown(alertId: string): void {
    this.#shownId = alertId;
    this.#held.lineShown(alertId, this.#queue.selected?.id ?? null);
  }

  /** What was done and is not saved: under way, behind that, or a key that waits for its line. */
  get unsaved(): number {
    return this.#inOrder.left + (this.#held.row ? 1 : 0);
  }

  /** Tells how much is not saved, now and whenever something ended, until nothing waits; and what of it failed since. */
  watchUnsaved(tell: (left: Unsaved) => void): void {
    const before = this.#failures;
    const look = (): void => {
      const waiting = this.unsaved;
      this.#inOrder.onEnded = waiting > 0 ? look : () => undefined;
      tell({ waiting, failed: this.#failures - before });
    };
    look();
  }

  #heldEnded(end: HeldEnd, meant: Meant): Promise<void> {
    if ('decides' in end) return this.#decide(end.decides, meant);
    const refused = this.#refuse(end.refusal);
    this.#inOrder.onEnded();
    return refused;
  }

  #refuse(why: string): Promise<void> {
    this.#refused += 1;
    const inRow = this.#refused > 1 ? `So it was with ${count(this.#refused)} keys in a row.` : '';
    this.#notices.tell(`${why} Nothing was decided.`, inRow);
    return Promise.resolve();
  }

  #decide(value: VerdictValue, { row, selection, amount }: Meant): Promise<void> {
    this.#refused = 0;
    const note = this.note.trim();
    this.closeNote();
    if (!row) return this.#runMoving(() => this.#saveMany(selection, amount, { value, note }));
    // One that nobody could decide folds nothing.
    this.#queue.takeOut([row.id], value === 'undetermined' ? null : row.signature);
    this.pending += 1;
    return this.#inOrder
      .run(() => (row.asked?.why === 'again' ? this.#answer(row, value) : this.#save(row, { value, note })))
      .then(() => this.#following);
  }

  /** Of the whole kind of line: who gives it was told what it hides. */
  giveWide(selection: AlertSelection, amount: number, value: VerdictValue): Promise<void> {
    return this.#runMoving(() => this.#saveMany(selection, amount, { value, note: '', isWide: true }));
  }

  undo(): Promise<void> {
    // What was done last is the key that waits.
    if (this.#held.takeBack()) return Promise.resolve();
    return this.#runMoving(() => this.#step('actions.undo'));
  }

  redo(): Promise<void> {
    return this.#runMoving(() => this.#step('actions.redo'));
  }

  /** Until it is done, a verdict's key would meet an alert that goes out of view. */
  #runMoving(operation: () => Promise<void>): Promise<void> {
    this.#moving++;
    return this.#inOrder.run(() => operation().finally(() => this.#moving--));
  }

  /** Something else that is done to alerts, in its turn; says what came of it, with the key that takes it back. */
  act(busy: string, action: () => Promise<string>): Promise<void> {
    return this.#inOrder.run(async () => {
      this.busy = busy;
      try {
        const text = await action();
        this.#queue.targets.ticks.clear();
        await this.#queue.loadFirst({ keepsPlace: true });
        this.#told.tellDone(text);
        this.onChanged(this.#queue.selectedId ?? '');
      } catch (error) {
        this.#failures++;
        this.#notices.warn('That was not done.', messageOf(error));
      }
      this.busy = null;
    });
  }

  openNote(): void {
    if (!this.#queue.selected) return;
    this.isNoteOpen = true;
    this.#noted = this.#queue.selected;
  }

  closeNote(): void {
    this.isNoteOpen = false;
    this.note = '';
  }

  /** "I missed this", of any line. */
  missed(eventId: number): Promise<void> {
    return this.#inOrder.run(async () => {
      this.busy = 'Judging the line';
      try {
        const effect = await this.#transport.request('teach.missed', { eventId });
        const which = effect.isNew ? 'It is an alert that was missed.' : 'It has an alert, which is decided.';
        this.#told.tellEffect('true_positive', { ...effect, alertCount: 1 }, which);
        this.#queue.counts = effect.counts;
        await this.#queue.refresh();
        this.onChanged(effect.alertId);
      } catch (error) {
        this.#failures++;
        this.#notices.warn('This line was not marked as missed.', messageOf(error));
      }
      this.busy = null;
    });
  }

  thresholdChanged(text: string): void {
    this.#told.thresholdChanged(text);
  }

  async #save(row: AlertRow, given: { value: VerdictValue; note: string }): Promise<void> {
    try {
      const effect = await this.#transport.request('verdicts.give', { alertId: row.id, ...given });
      this.pending -= 1;
      this.#queue.settle(row.id, effect.counts);
      this.#told.saved(row.id);
      this.#told.tellEffect(given.value, effect);
      const others = effect.foldedCount + effect.knownCount;
      // The next verdict does not wait for the list.
      if (others > 0 || this.#queue.staysDecided) this.#following = this.#queue.refreshSoon();
      this.onChanged(row.id);
    } catch (error) {
      this.#failed(row, given.value, error);
    }
  }

  /** A blind question: the verdict that stands is told only now, and is replaced only where the analyst says so. */
  async #answer(row: AlertRow, value: VerdictValue): Promise<void> {
    try {
      const answer = await this.#transport.request('teach.answer', { alertId: row.id, value });
      this.pending -= 1;
      this.#queue.settle(row.id, this.#queue.counts);
      const replace = (): void => void this.#inOrder.run(() => this.#replace(row, value));
      this.#told.tellAnswer(row, value, answer, answer.isSame ? null : replace);
      this.onChanged(row.id);
    } catch (error) {
      this.#failed(row, value, error);
    }
  }

  #failed(row: AlertRow, value: VerdictValue, error: unknown): void {
    this.pending -= 1;
    this.#failures++;
    this.#queue.putBack(row);
    this.#told.notSaved(row, error, value);
  }

  async #replace(row: AlertRow, value: VerdictValue): Promise<void> {
    this.pending += 1;
    await this.#save(row, { value, note: '' });
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
      this.#queue.targets.ticks.clear();
      await this.#queue.loadFirst({ keepsPlace: true });
      this.#told.tellEffect(given.value, effect);
      this.onChanged(this.#queue.selectedId ?? '');
    } catch (error) {
      this.#failures++;
      this.#told.manyNotSaved(error);
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
        else await this.#queue.loadFirst({ keepsPlace: true });
        this.#told.tellStep(done.text);
        this.onChanged(done.alertId ?? '');
      }
    } catch (error) {
      this.#failures++;
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
}
