/**
 * @file Verdicts on their way to the host, strictly one after the other and in the order of the keys. The next alert is selected
 * at once; that a verdict is saved is said only when the host has said so; a verdict that was not saved brings its alert back.
 */
import type { AlertRow, VerdictEffect, VerdictValue } from '../../shared/domain.ts';
import { dayText } from '../lib/time.ts';
import { wordsOf } from '../lib/verdicts.ts';
import { count } from '../lib/words.ts';
import type { Transport } from '../transport/transport.ts';
import type { NoticeAction, Notices } from './notices.svelte.ts';
import { isGone, reasonOf, remedyOf } from './problems.ts';
import type { QueueState } from './queue.svelte.ts';
import type { Settings } from './settings.svelte.ts';

type Given = { rows: AlertRow[]; value: VerdictValue; note: string };
type Operation = () => Promise<void>;

/** A key struck this soon after the selection moved by itself was meant for the alert that was there before. */
const guardMs = 350;

export class VerdictState {
  /** Verdicts the host has not confirmed yet. */
  pending = $state(0);
  isNoteOpen = $state(false);
  note = $state('');
  readonly #transport: Transport;
  readonly #queue: QueueState;
  readonly #notices: Notices;
  readonly #settings: Pick<Settings, 'zone' | 'now'>;
  /** What a finished operation changed, for whoever shows it elsewhere. */
  onChanged: (alertId: string) => void = () => undefined;
  /** Sizes of bulk verdicts, so that one undo takes back what one key did. */
  readonly #undoSizes: number[] = [];
  readonly #redoSizes: number[] = [];
  /** Alerts whose last verdict was not saved, and the notice that says so. */
  readonly #unsaved = new Set<string>();
  #problemId: number | null = null;
  /** The notice of the last verdict, and what it says of folding. */
  #said: { noticeId: number; folded: string } | null = null;
  #tail: Promise<void> = Promise.resolve();

  constructor(transport: Transport, queue: QueueState, notices: Notices, settings: Pick<Settings, 'zone' | 'now'>) {
    this.#transport = transport;
    this.#queue = queue;
    this.#notices = notices;
    this.#settings = settings;
  }

  /** Gives the verdict to the ticked alerts, or to the selected one where none is ticked, and moves on. */
  give(value: VerdictValue): Promise<void> {
    if (performance.now() - this.#queue.forcedAt < guardMs) {
      this.#notices.tell('The list moved under the key. Nothing was decided.');
      return Promise.resolve();
    }
    const ticked = this.#queue.tickedRows();
    const rows = ticked.length > 0 ? ticked : this.#queue.selected ? [this.#queue.selected] : [];
    if (rows.length === 0) return Promise.resolve();
    const given: Given = { rows, value, note: this.note.trim() };
    this.closeNote();
    this.#queue.takeOut(rows.map((row) => row.id));
    this.pending += rows.length;
    return this.#enqueue(() => this.#save(given));
  }

  undo(): Promise<void> {
    return this.#enqueue(() => this.#step('verdicts.undo', this.#undoSizes, this.#redoSizes));
  }

  redo(): Promise<void> {
    return this.#enqueue(() => this.#step('verdicts.redo', this.#redoSizes, this.#undoSizes));
  }

  openNote(): void {
    if (this.#queue.selected) this.isNoteOpen = true;
  }

  closeNote(): void {
    this.isNoteOpen = false;
    this.note = '';
  }

  #enqueue(operation: Operation): Promise<void> {
    this.#tail = this.#tail.then(operation);
    return this.#tail;
  }

  async #save({ rows, value, note }: Given): Promise<void> {
    const failed: AlertRow[] = [];
    let failure: unknown = null;
    let effect: VerdictEffect | null = null;
    let folded = 0;
    for (const row of rows) {
      try {
        effect = await this.#transport.request('verdicts.give', { alertId: row.id, value, note });
        folded += effect.foldedCount;
        this.#queue.settle(row.id, effect.counts);
      } catch (error) {
        failed.push(row);
        failure = error;
      }
      this.pending -= 1;
    }
    const saved = rows.length - failed.length;
    this.#forgetProblem(rows, failed);
    if (effect) {
      this.#undoSizes.push(saved);
      this.#redoSizes.length = 0;
      const foldText = this.#foldText(effect, folded);
      this.#notices.tell(this.#effectTitle(value, saved), foldText, this.#undoAction());
      this.#said = { noticeId: this.#notices.passing?.id ?? 0, folded: foldText };
      if (folded > 0 || this.#queue.tab === 'decided') await this.#queue.refresh({ isOwn: true });
      this.onChanged(effect.verdict.alertId);
    }
    for (const row of failed.toReversed()) this.#queue.putBack(row);
    if (failed.length > 0) this.#warn(failed, failure, value);
  }

  async #step(route: 'verdicts.undo' | 'verdicts.redo', from: number[], to: number[]): Promise<void> {
    const size = from.pop() ?? 1;
    const changed: string[] = [];
    let text = '';
    try {
      while (changed.length < size) {
        const done = await this.#transport.request(route, {});
        if (!done) break;
        changed.push(done.alertId);
        text = done.text;
        this.#queue.settle(done.alertId, done.counts);
      }
    } catch (error) {
      const what = route === 'verdicts.undo' ? 'undone' : 'redone';
      this.#notices.warn(`This was not ${what}: ${reasonOf(error)}`, 'Nothing has changed. Try it again.');
    }
    const last = changed.at(-1);
    if (last === undefined) {
      if (this.#notices.problem === null) {
        this.#notices.tell(route === 'verdicts.undo' ? 'There is no verdict to undo.' : 'There is nothing to redo.');
      }
      return;
    }
    to.push(changed.length);
    await this.#queue.refresh({ letIn: new Set(changed), isOwn: true });
    if (this.#queue.indexOf(last) >= 0) this.#queue.select(last);
    this.#notices.tell(text === '' ? (route === 'verdicts.undo' ? 'Undone.' : 'Done again.') : text);
    this.#said = { noticeId: this.#notices.passing?.id ?? 0, folded: '' };
    this.onChanged(last);
  }

  #undoAction(): NoticeAction {
    return { label: 'Undo', command: 'verdict.undo', run: () => void this.undo() };
  }

  #effectTitle(value: VerdictValue, saved: number): string {
    const name = wordsOf(value).name;
    return saved === 1 ? `${name}.` : `${name}, ${count(saved)} alerts.`;
  }

  /** A threshold that moved belongs to the verdict that moved it, while its notice with the undo is on screen. */
  thresholdChanged(text: string): void {
    const said = this.#said;
    if (!said || !this.#notices.amend(said.noticeId, `${said.folded} ${text}`.trim())) this.#notices.tellText(text);
  }

  #foldText(effect: VerdictEffect, folded: number): string {
    if (folded === 0) return '';
    const until =
      effect.foldExpiresAt === null
        ? ''
        : ` until ${dayText(effect.foldExpiresAt, this.#settings.zone, this.#settings.now)}`;
    return `${count(folded)} alike folded${until}.`;
  }

  /** The notice that a verdict was not saved goes when it has been. */
  #forgetProblem(rows: readonly AlertRow[], failed: readonly AlertRow[]): void {
    for (const row of rows) if (!failed.includes(row)) this.#unsaved.delete(row.id);
    if (this.#unsaved.size > 0 || this.#problemId === null) return;
    if (this.#notices.problem?.id === this.#problemId) this.#notices.dismissProblem();
    this.#problemId = null;
  }

  #warn(failed: AlertRow[], failure: unknown, value: VerdictValue): void {
    const names = failed.map((row) => `A-${row.number}`);
    const key = wordsOf(value).key;
    const isOne = names.length === 1;
    const which = isOne
      ? `${names[0]} is`
      : `${names.slice(0, 3).join(', ')}${names.length > 3 ? ' and more' : ''} are`;
    const what = isOne ? 'This verdict' : `${names.length} verdicts`;
    if (isGone(failure)) {
      // Nobody can know whether it arrived; the list will, as soon as it can be asked again.
      this.#notices.warn(
        `${what} may not be saved: the connection was lost.`,
        `${which} shown as open. What was saved leaves the list when the connection is back; for what stays, press ${key} again.`,
      );
    } else {
      this.#notices.warn(
        `${what} ${isOne ? 'was' : 'were'} not saved: ${reasonOf(failure)}.`,
        `${which} still open. ${remedyOf(failure)} press ${key} again.`,
      );
    }
    for (const row of failed) this.#unsaved.add(row.id);
    this.#problemId = this.#notices.problem?.id ?? null;
  }
}
