/** @file What verdicts must stand after a kill, by what was acknowledged before it. */
import type { Serving } from '../helpers/serving.ts';
import type { Random } from '../../src/shared/random.ts';
import { verdictValues } from '../../src/shared/verdicts.ts';
import { reading } from './checks.ts';

type Standing = readonly string[];
type Doing = { kind: 'give'; alertId: string } | { kind: 'undo' } | { kind: 'redo' };

/** Ids of the verdicts that stand, in the order they were given. */
export function standingVerdicts(workspace: string): string[] {
  return reading(workspace, (db) =>
    db.prepare<[], string>('SELECT id FROM standing_verdict ORDER BY number').pluck().all(),
  );
}

/** Gives, takes back and puts back verdicts until the app is gone. */
export class Verdicts {
  #standing: string[];
  #takenBack: string[] = [];
  #doing: Doing | null = null;
  acknowledged = 0;

  constructor(standing: Standing) {
    this.#standing = [...standing];
  }

  /** Ends with the error of the request that found the app gone. */
  async giveUntilGone(serving: Serving, random: Random): Promise<never> {
    for (;;) {
      const { rows } = await serving.ask('alerts.list', { tab: 'open', limit: 30 });
      for (const { id: alertId } of rows) {
        await this.#give(serving, alertId, random);
        if (random.chance(0.3)) await this.#takeBack(serving);
        if (random.chance(0.2)) await this.#putBack(serving);
      }
      // So that there is something open again.
      for (let count = 0; count < 10 && rows.length < 10; count++) await this.#takeBack(serving);
    }
  }

  async #give(serving: Serving, alertId: string, random: Random): Promise<void> {
    this.#doing = { kind: 'give', alertId };
    const value = random.pick(verdictValues);
    const { verdict } = await serving.ask('verdicts.give', { alertId, value, note: `note ${this.acknowledged}` });
    this.#standing.push(verdict.id);
    this.#takenBack = [];
    this.#acknowledge();
  }

  async #takeBack(serving: Serving): Promise<void> {
    this.#doing = { kind: 'undo' };
    if ((await serving.ask('actions.undo', {})) !== null) this.#takenBack.push(this.#standing.pop() ?? '');
    this.#acknowledge();
  }

  async #putBack(serving: Serving): Promise<void> {
    this.#doing = { kind: 'redo' };
    if ((await serving.ask('actions.redo', {})) !== null) this.#standing.push(this.#takenBack.pop() ?? '');
    this.#acknowledge();
  }

  #acknowledge(): void {
    this.#doing = null;
    this.acknowledged++;
  }

  /** What was acknowledged stands; what was being asked for may have happened, and nothing else has. */
  check(found: Standing): string[] {
    const sorted = (ids: Standing): string => [...ids].sort().join();
    const allowed = [this.#standing];
    if (this.#doing?.kind === 'undo') allowed.push(this.#standing.slice(0, -1));
    if (this.#doing?.kind === 'redo') allowed.push([...this.#standing, this.#takenBack.at(-1) ?? '']);
    if (this.#doing?.kind === 'give') {
      const added = found.filter((id) => !this.#standing.includes(id));
      if (added.length === 1) allowed.push([...this.#standing, ...added]);
    }
    if (allowed.some((ids) => sorted(ids) === sorted(found))) return [];
    const lost = this.#standing.filter((id) => !found.includes(id)).length;
    return [`of ${this.#standing.length} acknowledged verdicts ${lost} are lost; ${found.length} stand`];
  }
}
