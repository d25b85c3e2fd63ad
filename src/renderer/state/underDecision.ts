/** @file Alerts whose verdicts are on their way, and kinds of alert whose like may leave the list by a verdict that the list does not show yet. */
import type { AlertRow } from '../../shared/alerts.ts';

export class UnderDecision {
  /** Pages fetched meanwhile must not bring these rows back. With the list that each left. */
  readonly #alerts = new Map<string, string>();
  /** With the alerts that each kind waits for. */
  readonly #kinds = new Map<string, Set<string>>();

  get isEmpty(): boolean {
    return this.#alerts.size === 0;
  }

  /** `list` names the one that they leave; `alike`: the kind that the verdict may fold. */
  begin(ids: ReadonlySet<string>, alike: string | null, list = ''): void {
    for (const id of ids) this.#alerts.set(id, list);
    if (alike !== null) this.#kinds.set(alike, new Set([...(this.#kinds.get(alike) ?? []), ...ids]));
  }

  /** The verdict is saved: pages may be trusted about this alert again. */
  saved(id: string): void {
    this.#alerts.delete(id);
  }

  /** The verdict was not saved, and folded nothing. Gives the list that the alert left. */
  failed({ id, signature }: Pick<AlertRow, 'id' | 'signature'>): string | undefined {
    const list = this.#alerts.get(id);
    this.#alerts.delete(id);
    this.#kinds.delete(signature);
    return list;
  }

  has(id: string): boolean {
    return this.#alerts.has(id);
  }

  mayLeave(signature: string): boolean {
    return this.#kinds.has(signature);
  }

  /** Kinds whose verdicts are saved: a list that is asked for from now on shows what became of them. */
  savedKinds(): string[] {
    return [...this.#kinds].flatMap(([kind, ids]) => ([...ids].some((id) => this.#alerts.has(id)) ? [] : [kind]));
  }

  /** The list shows what became of these. */
  shown(kinds: readonly string[]): void {
    for (const kind of kinds) this.#kinds.delete(kind);
  }
}
