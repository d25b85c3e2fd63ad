/** @file The arms on the made-up office: verdicts step by step, in each order and with wrong ones among them; and what a model adds that learned from them. */
import Database from 'better-sqlite3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyModel } from '../../../src/main/app/keyModel.ts';
import { readOwnRows } from '../../../src/main/app/detection/taughtJudges.ts';
import { workspacePaths } from '../../../src/main/store/paths.ts';
import { openApp, type TestApp } from '../../helpers/app.ts';
import { tell } from '../detect/protocols.ts';
import { SimulatedAnalyst, type AskStore, type LabelOrder } from './analyst.ts';
import { outcomesOf, quickArms, rememberer, type Arm, type ArmOutcome, type Teachable } from './arms.ts';
import { figuresOf, type ArmFigures } from './figures.ts';
import { labStream, type StreamAlert } from './labStream.ts';
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
export type Plan = { labelCounts: readonly number[]; wrongShares: readonly number[]; orders: readonly LabelOrder[] };
export type LabRun = { rows: Row[]; notes: string[] };

/** Of the attacks that the detector shows at all. */
const wantedRecall = 0.99;

export async function runLab(seed: number, plan: Plan): Promise<LabRun> {
  const folder = await mkdtemp(join(tmpdir(), 'surprisal-feedback-'));
  // What is kept under the workspace's secret depends on it: equal secrets, equal figures.
  const secret = { randomBytes: (length: number) => new Uint8Array(length).fill(seed) };
  const app = await openApp(join(folder, 'workspace'), secret);
  try {
    const run = await LabSeed.begin(app, folder, seed);
    const [first = 0] = plan.wrongShares;
    for (const wrong of plan.wrongShares) await run.label('severity', wrong, plan.labelCounts);
    for (const order of plan.orders) if (order !== 'severity') await run.label(order, first, plan.labelCounts);
    await run.retrain(plan.labelCounts.at(-1) ?? 0);
    return run;
  } finally {
    await app.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class LabSeed implements LabRun {
  readonly rows: Row[] = [];
  readonly notes: string[] = [];
  readonly #app: TestApp;
  readonly #seed: number;
  readonly #alerts: readonly StreamAlert[];
  readonly #calmSourceId: number;
  readonly #model: KeyModel;
  readonly #parts: Teachable;
  readonly #base: readonly Judged[];
  /** Attacks of the later part that the untaught detector shows at all. */
  readonly #shown: number;

  private constructor(input: {
    app: TestApp;
    seed: number;
    alerts: readonly StreamAlert[];
    calmSourceId: number;
    model: KeyModel;
    parts: Teachable;
    base: readonly Judged[];
    shown: number;
  }) {
    this.#app = input.app;
    this.#seed = input.seed;
    this.#alerts = input.alerts;
    this.#calmSourceId = input.calmSourceId;
    this.#model = input.model;
    this.#parts = input.parts;
    this.#base = input.base;
    this.#shown = input.shown;
  }

  static async begin(app: TestApp, folder: string, seed: number): Promise<LabSeed> {
    tell(`lab: learning and scoring, seed ${seed}`);
    const workspace = join(folder, 'workspace');
    const { alerts, calmSourceId } = await labStream(app, workspace, folder, seed);
    const later = alerts.filter(({ part }) => part === 'later').sort((a, b) => a.eventId - b.eventId);
    const base = later.map((alert) => ({ alert, score: alert.score, isHidden: false }));
    const shown = new Set(later.flatMap(({ attacks }) => attacks)).size;
    const { services, work } = app.app.parts;
    const ask: AskStore = (method, input) => services.store.call(method, input);
    const model = await work.modelInUse();
    const rows = await readOwnRows(services, model.id, model.graph);
    if (!rows) throw new Error('The model has no held-back rows.');
    const db = new Database(workspacePaths(workspace).database, { readonly: true });
    const from = thresholdShowing(base, Math.ceil(wantedRecall * shown));
    const parts = { ask, db, modelId: model.id, rows, later, from };
    return new LabSeed({ app, seed, alerts, calmSourceId, model, parts, base, shown });
  }

  async label(order: LabelOrder, wrong: number, labelCounts: readonly number[]): Promise<void> {
    tell(`lab: seed ${this.#seed}, ${order} order, ${100 * wrong} % wrong`);
    const analyst = this.#analyst(order, wrong);
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
    tell(`lab: seed ${this.#seed}, retraining`);
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

  #analyst(order: LabelOrder, wrongShare: number): SimulatedAnalyst {
    const { ask, db, from } = this.#parts;
    return new SimulatedAnalyst({ ask, db, alerts: this.#alerts, from, wrongShare, order, seed: this.#seed });
  }

  #now(): number {
    return this.#app.app.parts.services.host.now();
  }

  #realised(model: KeyModel, { taught }: Pick<ArmOutcome, 'taught'>): Promise<number> {
    return realisedRate(this.#app.app.parts, this.#calmSourceId, model, { taught, budgetScore: this.#parts.from });
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
    const wanted = Math.ceil(wantedRecall * this.#shown);
    const figures = figuresOf({ base: this.#base, unseenBase, outcome, from, wanted, shown: this.#shown, touched });
    const rates = { askedRate: 10 ** -from, realisedRate: realised, normalLikelihoodRatio: likelihood };
    this.rows.push({ set: 'lab', arm, ...of, seed: this.#seed, ...figures, ...rates });
  }
}

function touchedBy({ given }: SimulatedAnalyst): ReadonlySet<string> {
  return new Set(given.map(({ alert }) => alert.signature));
}
