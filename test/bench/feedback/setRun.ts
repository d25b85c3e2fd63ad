/** @file The arms on one set: verdicts step by step, in each order and with wrong ones among them; and what a model adds that learned from them. */
import Database from 'better-sqlite3';
import type { KeyModel } from '../../../src/main/app/keyModel.ts';
import { readOwnRows } from '../../../src/main/app/detection/taughtJudges.ts';
import { currentThreshold } from '../../../src/main/app/thresholdInForce.ts';
import { workspacePaths } from '../../../src/main/store/paths.ts';
import type { TestApp } from '../../helpers/app.ts';
import { tell } from '../detect/protocols.ts';
import { SimulatedAnalyst, type AskStore, type LabelOrder } from './analyst.ts';
import { outcomesOf, quickArms, rememberer, type Arm, type ArmOutcome, type Teachable } from './arms.ts';
import { figuresOf, type ArmFigures } from './figures.ts';
import type { StreamAlert } from './stream.ts';
import { thresholdShowing, type Judged } from './queue.ts';
import { likelihoodRatio, realisedRate, replayed, retrainedByApp, retrainedByRule } from './retrained.ts';

export type Row = {
  set: string;
  arm: Arm;
  order: LabelOrder;
  labels: number;
  wrong: number;
  seed: number;
} & ArmFigures;
/** `chances`: how many random orders there are, whose rows differ in nothing else; one alone is luck. */
export type Plan = {
  labelCounts: readonly number[];
  wrongShares: readonly number[];
  orders: readonly LabelOrder[];
  chances: number;
};
export type SetRun = { rows: Row[]; notes: string[] };

/** Of the attacks that the detector shows at all. */
const wantedRecall = 0.99;

/** A set in a workspace: a log that goes on calmly tells the realised rate, or the harmless among what is later do. */
type SetParts = { name: string; alerts: StreamAlert[]; calm: { sourceId: number } | { harmlessLater: number } };

/** Runs the plan; a set without a log to learn from again has no retrained models. */
export async function runSet(
  app: TestApp,
  workspace: string,
  { parts, seed, plan }: { parts: SetParts; seed: number; plan: Plan },
): Promise<SetRun> {
  const run = await Runner.begin(app, workspace, parts, seed);
  const most = plan.labelCounts.at(-1) ?? 0;
  for (const wrong of plan.wrongShares) await run.label('severity', wrong, plan.labelCounts);
  for (const order of plan.orders) {
    const times = order === 'random' ? plan.chances : 1;
    if (order !== 'severity')
      for (let chance = 0; chance < times; chance++) await run.label(order, 0, plan.labelCounts, chance);
  }
  if ('sourceId' in parts.calm) await run.retrain(most);
  return run;
}

class Runner implements SetRun {
  readonly rows: Row[] = [];
  readonly notes: string[] = [];
  readonly #app: TestApp;
  readonly #seed: number;
  readonly #set: SetParts;
  readonly #model: KeyModel;
  readonly #parts: Teachable;
  readonly #base: readonly Judged[];
  /** Attacks of the later part that the untaught detector shows at all. */
  readonly #shown: number;
  /** Of the calm log, by model and what was taught: arms that differ in memory alone share one. */
  readonly #rates = new Map<string, number>();

  private constructor(
    app: TestApp,
    seed: number,
    set: SetParts,
    own: Pick<Teachable, 'db' | 'rows'> & { model: KeyModel },
  ) {
    this.#app = app;
    this.#seed = seed;
    this.#set = set;
    this.#model = own.model;
    const later = set.alerts.filter(({ part }) => part === 'later').sort((a, b) => a.eventId - b.eventId);
    this.#base = later.map((alert) => ({ alert, score: alert.score, isHidden: false }));
    this.#shown = new Set(later.flatMap(({ attacks }) => attacks)).size;
    const from = thresholdShowing(this.#base, this.#wanted);
    const { store } = app.app.parts.services;
    const ask: AskStore = (method, input) => store.call(method, input);
    this.#parts = { ask, db: own.db, modelId: own.model.id, rows: own.rows, later, from };
  }

  static async begin(app: TestApp, workspace: string, set: SetParts, seed: number): Promise<Runner> {
    const { services, models } = app.app.parts;
    const model = await models.inUse();
    const rows = await readOwnRows(services, model.id, model.graph);
    if (!rows) throw new Error('The model has no held-back rows.');
    const db = new Database(workspacePaths(workspace).database, { readonly: true });
    const run = new Runner(app, seed, set, { model, rows, db });
    await run.#showFrom(run.#parts.from);
    return run;
  }

  /** What is severe is so by the threshold that is in force. */
  async #showFrom(score: number): Promise<void> {
    const { services } = this.#app.app.parts;
    const current = await currentThreshold(services);
    if (!current) throw new Error('There is no threshold.');
    const { version: _version, isCurrent: _isCurrent, ...threshold } = current;
    await services.store.call('add_threshold', {
      threshold: { ...threshold, score, budgetScore: score },
      actor: await services.actor(),
    });
  }

  get #wanted(): number {
    return Math.ceil(wantedRecall * this.#shown);
  }

  async label(order: LabelOrder, wrong: number, labelCounts: readonly number[], chance = 0): Promise<void> {
    tell(`${this.#set.name}: seed ${this.#seed}, ${order} order, ${100 * wrong} % wrong`);
    const analyst = this.#analyst(order, wrong, chance);
    for (const labels of labelCounts) {
      await analyst.giveUntil(labels, this.#now());
      const outcomes = await outcomesOf(this.#parts);
      const touched = touchedBy(analyst);
      const isLast = labels === labelCounts.at(-1) && wrong === 0 && order === 'severity';
      for (const arm of quickArms) {
        const outcome = outcomes[arm];
        const realised = isLast ? await this.#realised(this.#model, outcome) : NaN;
        this.#add(arm, { order, labels, wrong }, outcome, { touched, realised, likelihood: 1 });
      }
    }
    await analyst.takeAllBack(this.#now());
  }

  /** By all verdicts in the order of severity, none of them wrong. */
  async retrain(labels: number): Promise<void> {
    tell(`${this.#set.name}: seed ${this.#seed}, retraining`);
    const { parts } = this.#app.app;
    const analyst = this.#analyst('severity', 0);
    await analyst.giveUntil(labels, this.#now());
    const touched = touchedBy(analyst);
    const { taught } = (await outcomesOf(this.#parts))['+threshold'];
    const { from } = this.#parts;
    const candidate = await retrainedByApp(parts);
    if (typeof candidate === 'string') this.notes.push(`seed ${this.#seed}: no retrained model. ${candidate}`);
    else
      this.notes.push(
        `seed ${this.#seed}: proposed after ${candidate.seconds.toFixed(0)} s from ${candidate.verdicts} verdicts`,
      );
    const models = [
      ...(typeof candidate === 'string' ? [] : [['+model', candidate.model] as const]),
      ['published_rule', await retrainedByRule(parts, this.#model, this.#seed)] as const,
    ];
    const version = { taught, budgetScore: from };
    const before = await replayed(parts, this.#model, version);
    for (const [arm, model] of models) {
      const after = await replayed(parts, model, version);
      const under = (scores: ReadonlyMap<number, number>) =>
        rememberer(this.#parts)(({ number, score }) => scores.get(number) ?? score, from);
      const outcome = { judged: under(after), threshold: null, taught };
      const [realised, likelihood] = [
        await this.#realised(model, outcome),
        await likelihoodRatio(parts, this.#model, model),
      ];
      this.#add(
        arm,
        { order: 'severity', labels, wrong: 0 },
        outcome,
        { touched, realised, likelihood },
        under(before),
      );
    }
    await analyst.takeAllBack(this.#now());
  }

  #analyst(order: LabelOrder, wrongShare: number, chance = 0): SimulatedAnalyst {
    const { ask, db, from } = this.#parts;
    const seed = this.#seed + 1000 * chance;
    return new SimulatedAnalyst({ ask, db, alerts: this.#set.alerts, from, wrongShare, order, seed });
  }

  #now(): number {
    return this.#app.app.parts.services.host.now();
  }

  async #realised(model: KeyModel, { taught, judged }: Pick<ArmOutcome, 'taught' | 'judged'>): Promise<number> {
    const { from } = this.#parts;
    const { calm } = this.#set;
    if ('sourceId' in calm) {
      const key = JSON.stringify([model.id, taught]);
      const rate = this.#rates.get(key) ?? (await this.#calmRate(calm.sourceId, model, taught));
      this.#rates.set(key, rate);
      return rate;
    }
    return judged.filter(({ alert, score }) => !alert.isThreat && score >= from).length / calm.harmlessLater;
  }

  #calmRate(sourceId: number, model: KeyModel, taught: ArmOutcome['taught']): Promise<number> {
    return realisedRate(this.#app.app.parts, sourceId, model, { taught, budgetScore: this.#parts.from });
  }

  #add(
    arm: Arm,
    of: Pick<Row, 'order' | 'labels' | 'wrong'>,
    outcome: ArmOutcome,
    more: { touched: ReadonlySet<string>; realised: number; likelihood: number },
    unseenBase: readonly Judged[] = this.#base,
  ): void {
    const { from } = this.#parts;
    const { touched, realised, likelihood } = more;
    const figures = figuresOf({
      base: this.#base,
      unseenBase,
      outcome,
      from,
      wanted: this.#wanted,
      shown: this.#shown,
      touched,
      hasInterval: !Number.isNaN(realised),
    });
    const rates = { askedRate: 10 ** -from, realisedRate: realised, normalLikelihoodRatio: likelihood };
    this.rows.push({ set: this.#set.name, arm, ...of, seed: this.#seed, ...figures, ...rates });
  }
}

function touchedBy({ given }: SimulatedAnalyst): ReadonlySet<string> {
  return new Set(given.map(({ alert }) => alert.signature));
}
