/**
 * @file A simulated analyst: takes alerts of the watched part one after the other, decides each by the labels of its lines, and is wrong at times.
 * Verdicts go through the store with the folds that the app gives them; what they teach besides is computed apart, so that arms can be told apart.
 */
import type Database from 'better-sqlite3';
import { foldDays } from '../../../src/main/app/teach.ts';
import { selectToTeach } from '../../../src/main/detect/teachQueue.ts';
import type { StoreMethods } from '../../../src/main/store/protocol.ts';
import { Random } from '../../../src/shared/random.ts';
import type { StreamAlert } from './stream.ts';

/** `severity`: as the queue is sorted; `random`: any of those that are open; `teach`: as the list to teach from asks. */
export const labelOrders = ['severity', 'random', 'teach'] as const;
export type LabelOrder = (typeof labelOrders)[number];

export type AskStore = <K extends keyof StoreMethods & string>(
  method: K,
  input: StoreMethods[K]['input'],
) => Promise<StoreMethods[K]['output']>;

export type Given = { alert: StreamAlert; isThreat: boolean };

const dayMs = 86_400_000;
const analyst = 'simulated';

export class SimulatedAnalyst {
  readonly given: Given[] = [];
  readonly #ask: AskStore;
  readonly #open: Database.Statement<[number], number>;
  readonly #watched: ReadonlyMap<number, StreamAlert>;
  readonly #from: number;
  readonly #wrongShare: number;
  readonly #order: LabelOrder;
  readonly #random: Random;

  /** `db`: reads the workspace that the store writes. `from`: -log10 p from which on alerts are in the queue. */
  constructor(input: {
    ask: AskStore;
    db: Database.Database;
    alerts: readonly StreamAlert[];
    from: number;
    wrongShare: number;
    order: LabelOrder;
    seed: number;
  }) {
    const { ask, db, alerts, from, wrongShare, order, seed } = input;
    this.#ask = ask;
    this.#watched = new Map(alerts.filter(({ part }) => part === 'watched').map((one) => [one.number, one]));
    this.#from = from;
    this.#wrongShare = wrongShare;
    this.#order = order;
    this.#random = new Random(seed);
    this.#open = db
      .prepare<[number], number>(
        'SELECT number FROM alert WHERE decided_by IS NULL AND folded_by IS NULL AND score >= ? ORDER BY score DESC, number',
      )
      .pluck();
  }

  /** Until so many are given, or nothing is open. */
  async giveUntil(count: number, at: number): Promise<void> {
    while (this.given.length < count) {
      const open = this.#open.all(this.#from).flatMap((number) => this.#watched.get(number) ?? []);
      const alert = this.#next(open);
      if (!alert) return;
      const isWrong = this.#random.share() < this.#wrongShare;
      const isThreat = alert.isThreat !== isWrong;
      await this.#ask('give_verdict', {
        ...{ verdictId: `simulated-${at}-${this.given.length}`, alertId: alert.id, note: '', analyst, givenAt: at },
        value: isThreat ? 'true_positive' : 'false_positive_logic',
        ...{ foldExpiresAt: isThreat ? null : at + foldDays * dayMs, folds: !isThreat, minScore: this.#from },
      });
      this.given.push({ alert, isThreat });
    }
  }

  async takeAllBack(at: number): Promise<void> {
    for (let left = this.given.length; left > 0; left--)
      await this.#ask('undo_action', { actor: { analyst, at }, minScore: this.#from });
  }

  #next(open: readonly StreamAlert[]): StreamAlert | undefined {
    if (open.length === 0 || this.#order === 'severity') return open[0];
    return this.#order === 'random' ? this.#random.pick(open) : this.#mostTelling(open);
  }

  #mostTelling(open: readonly StreamAlert[]): StreamAlert | undefined {
    const signatures = Map.groupBy(this.given, ({ alert }) => alert.signature);
    const templates = Map.groupBy(this.given, ({ alert }) => alert.templateId);
    const threatsOf = (given: readonly Given[]): number => given.filter(({ isThreat }) => isThreat).length;
    const decided = {
      signatures: new Map(
        [...signatures].map(([key, given]) => [key, { count: given.length, threats: threatsOf(given) }]),
      ),
      templates: new Map([...templates].map(([key, given]) => [key, given.length])),
    };
    const candidates = open.map(({ number, score, signature, templateId: template }) => {
      return { number, score, signature, template, isSample: false };
    });
    const options = { thresholdScore: this.#from, share: 0, labelCount: this.given.length, seed: 1, most: 1 };
    const [pick] = selectToTeach(candidates, decided, options);
    return pick && this.#watched.get(pick.number);
  }
}
