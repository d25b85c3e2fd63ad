/** @file A verdict is durable first and acts at once: alerts alike fold under it, then the threshold is fitted again. */
import type { ActionOutcome, AlertSelection } from '../../shared/actions.ts';
import type { MemoryEntry, VerdictEffect, VerdictValue } from '../../shared/verdicts.ts';
import type { Actor } from '../store/protocol/workspace.ts';
import type { StoreMethods } from '../store/protocol.ts';
import { counted } from './words.ts';
import type { Services } from './services.ts';
import { currentThreshold } from './thresholdInForce.ts';
import type { Thresholds } from './thresholds.ts';

const dayMs = 86_400_000;
/** A false alarm hides its like for four weeks, what was benign what the same actor does for one; then the analyst is asked again. */
export const foldDays = 28;
export const benignFoldDays = 7;

/**
 * `isWide`: what is refuted is the kind of line, not only what is alike. `isAlone`: it says something of these alone, and nothing is remembered.
 * `actor`: who gives it, where it is not the analyst.
 */
type Given = {
  selection: AlertSelection;
  value: VerdictValue;
  note: string;
  isWide: boolean;
  isAlone?: boolean;
  actor?: Actor;
};

/** What was a threat once is shown when it comes again; what was none stays folded for a while. */
function foldOf(value: VerdictValue, isWide: boolean): { scope: MemoryEntry['scope']; days: number | null } {
  if (value === 'true_positive' || value === 'undetermined') return { scope: 'signature', days: null };
  if (value === 'benign_true_positive') return { scope: 'entity', days: benignFoldDays };
  return { scope: isWide ? 'template' : 'signature', days: foldDays };
}

export class Teaching {
  readonly #services: Services;
  readonly #thresholds: Thresholds;
  #isSaved = true;

  constructor(services: Services, thresholds: Thresholds) {
    this.#services = services;
    this.#thresholds = thresholds;
  }

  /** False since a verdict could not be written, until one can. */
  get isSaved(): boolean {
    return this.#isSaved;
  }

  async give({ selection, value, note, isWide, isAlone = false, actor: by }: Given): Promise<VerdictEffect> {
    const { host, analystActs } = this.#services;
    analystActs.tell();
    const threshold = await currentThreshold(this.#services);
    const actor = by ?? (await this.#services.actor());
    const { scope, days } = isAlone ? { scope: 'signature' as const, days: null } : foldOf(value, isWide);
    const foldExpiresAt = days === null ? null : actor.at + days * dayMs;
    const outcome = await this.#saved(
      this.#services.store.call('give_verdict_to_many', {
        verdictId: host.newId(),
        selection,
        value,
        note,
        analyst: actor.analyst,
        givenAt: actor.at,
        foldExpiresAt,
        folds: days !== null,
        scope,
        minScore: threshold?.score ?? 0,
      }),
    );
    this.#thresholds.refit();
    return { ...outcome, foldExpiresAt, foldScope: scope };
  }

  /** Takes the newest action back, or does it again. */
  async step(direction: 'undo' | 'redo'): Promise<ActionOutcome | null> {
    this.#services.analystActs.tell();
    const threshold = await currentThreshold(this.#services);
    const input = { actor: await this.#services.actor(), minScore: threshold?.score ?? 0 };
    const method = direction === 'undo' ? 'undo_action' : 'redo_action';
    const outcome = await this.#saved(this.#services.store.call(method, input));
    if (!outcome) return null;
    if (outcome.kind === 'verdict') this.#thresholds.refit();
    const { kind, alertCount, alertId, counts } = outcome;
    return { kind, alertCount, alertId, counts, text: outcomeText(direction, outcome) };
  }

  async #saved<T>(write: Promise<T>): Promise<T> {
    try {
      const result = await write;
      this.#isSaved = true;
      return result;
    } catch (error) {
      if ((error as { code?: string }).code?.startsWith('STORE_')) this.#isSaved = false;
      throw error;
    }
  }
}

type Outcome = NonNullable<StoreMethods['undo_action']['output']>;

/** What undo or redo did, in a sentence. */
function outcomeText(direction: 'undo' | 'redo', { kind, alertCount, foldedCount, owner, reference }: Outcome): string {
  const isUndo = direction === 'undo';
  const alerts = counted(alertCount, 'alert');
  switch (kind) {
    case 'answer':
      return isUndo ? 'Answer taken back: it may be asked again.' : 'Answer kept again.';
    case 'forget': {
      const folds = foldedCount > 0 ? `: ${counted(foldedCount, 'alert')} ${isUndo ? 'folded' : 'open'} again` : '';
      return `${isUndo ? 'Remembered' : 'Forgotten'} again${folds}.`;
    }
    case 'verdict': {
      const many = alertCount === 1 ? '' : ` on ${alerts}`;
      const then = isUndo ? 'open again' : 'folded again';
      const folds = foldedCount > 0 ? `, ${counted(foldedCount, 'alike', 'alike')} ${then}` : '';
      return `Verdict${many} ${isUndo ? 'taken back' : 'put back'}${folds}.`;
    }
    case 'assign':
      if (isUndo) return `${alerts} as before: the assignment is taken back.`;
      return owner === null ? `${alerts} given back to nobody.` : `${alerts} assigned to ${owner} again.`;
    case 'mute':
      return isUndo ? `U-${reference} lifted: ${alerts} open again.` : `U-${reference} hides ${alerts} again.`;
    case 'unmute':
      return isUndo ? `U-${reference} hides ${alerts} again.` : `U-${reference} lifted: ${alerts} open again.`;
    case 'case_out':
      return isUndo ? `${alerts} in C-${reference} again.` : `${alerts} taken out of C-${reference} again.`;
    case 'case_move':
      return isUndo ? `${alerts} moved back out of C-${reference}.` : `${alerts} moved to C-${reference} again.`;
    case 'case_merge':
      return isUndo ? `C-${reference} stands by itself again, with all it had.` : `C-${reference} merged again.`;
    case 'case':
      return isUndo ? `${alerts} taken out of C-${reference} again.` : `${alerts} in C-${reference} again.`;
  }
}
