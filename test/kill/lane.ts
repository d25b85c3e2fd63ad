/** @file One workspace after another kill, and copies of others: what is under way when a kill comes is the phases' (`phases/`). */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { AppError } from '../../src/shared/errors.ts';
import { Random } from '../../src/shared/random.ts';
import type { Job } from '../../src/shared/jobs.ts';
import type { Serving } from '../helpers/serving.ts';
import { settled } from './base.ts';
import { reading } from './checks.ts';
import type { Ground } from './ground.ts';
import { KilledApp, type How } from './killed.ts';
import { phases, type Phase } from './phases.ts';
import { sleep } from './victim.ts';

export type Tally = {
  kills: Record<Phase, number>;
  /** Kills that found the work under way, not before or after it. */
  hits: Record<Phase, number>;
  verdicts: number;
  givenUp: number;
  failures: string[];
};

/** A kill comes again, while the app goes on, this often. */
const againShare = 0.2;

export class Lane {
  readonly base: Ground;
  readonly folder: string;
  readonly how: How;
  readonly random: Random;
  readonly tally: Tally;
  /** Lives through all rounds of the lane. */
  readonly own: KilledApp;
  readonly #say: (text: string) => void;
  #copies: KilledApp[] = [];
  #count = 0;

  constructor(
    base: Ground,
    folder: string,
    seed: number,
    options: { how: How; tally: Tally; say: (text: string) => void },
  ) {
    this.base = base;
    this.folder = folder;
    this.how = options.how;
    this.random = new Random(seed);
    this.tally = options.tally;
    this.#say = options.say;
    this.own = new KilledApp(join(folder, 'workspace'), options.how);
    mkdirSync(folder, { recursive: true });
    cpSync(base.workspace, this.own.workspace, { recursive: true });
  }

  /** Of rounds, from 1. */
  get count(): number {
    return this.#count;
  }

  /** Kills at least once while `phase` is under way, and checks everything. */
  async run(phase: Phase): Promise<void> {
    this.#count++;
    try {
      for (const what of await phases[phase](this)) this.#fail(phase, what);
    } catch (error) {
      this.#fail(phase, inspect(error));
      await this.own.kill();
    }
    for (const copy of this.#copies) {
      await copy.kill();
      rmSync(copy.workspace, { recursive: true, force: true });
    }
    this.#copies = [];
  }

  async close(): Promise<void> {
    await this.own.kill();
  }

  #fail(phase: Phase, what: string): void {
    const text = `${phase} (${this.folder}, round ${this.#count}): ${what}`;
    this.tally.failures.push(text);
    this.#say(`FAILED ${text}`);
    if (this.tally.failures.length > 3) return;
    for (const [index, { workspace }] of [this.own, ...this.#copies].entries())
      cpSync(workspace, `${this.folder}-failed-${this.#count}-${index}`, { recursive: true });
  }

  /** For this round alone. */
  copyOf(workspace: string): KilledApp {
    const copy = new KilledApp(join(this.folder, `copy-${this.#count}-${this.#copies.length}`), this.how);
    cpSync(workspace, copy.workspace, { recursive: true });
    this.#copies.push(copy);
    return copy;
  }

  async kill(phase: Phase, app: KilledApp): Promise<void> {
    await app.kill();
    this.tally.kills[phase]++;
  }

  /**
   * Kills the app some time into a job, now and then again while it goes on, and gives the jobs as they ended in the last start. `tookMs` null: how long it takes is
   * not known, and its bar is gone by.
   */
  async killInJob(
    phase: Phase,
    { app, tookMs }: { app: KilledApp; tookMs: number | null },
    begin: (serving: Serving) => Promise<string | null>,
  ): Promise<{ jobs: Job[]; jobId: string | null }> {
    const jobId = await begin(await app.open());
    const wait = (most: number): Promise<void> =>
      tookMs === null ? this.#untilShare(app, jobId, most) : sleep(this.random.between(0, tookMs * most));
    await wait(1.1);
    await this.#killAtWork(phase, app);
    while (this.random.chance(againShare)) {
      await app.open();
      await wait(0.7);
      await this.#killAtWork(phase, app);
    }
    return { jobs: await settled(await app.open()), jobId };
  }

  /** Some way into the job by its own bar, up to `most` of it. */
  async #untilShare(app: KilledApp, jobId: string | null, most: number): Promise<void> {
    const share = this.random.between(0, most);
    for (;;) {
      const job = (await (await app.open()).ask('jobs.list', {})).find(({ id }) => id === jobId);
      if (job?.state !== 'running' || (job.share ?? 0) >= share) break;
      await sleep(10);
    }
    await sleep(this.random.between(0, 100));
  }

  async #killAtWork(phase: Phase, app: KilledApp): Promise<void> {
    const jobs = await (await app.open()).ask('jobs.list', {});
    if (jobs.some(({ state }) => state === 'running')) this.tally.hits[phase]++;
    await this.kill(phase, app);
  }

  /** Kills the app some time into a request. Null where no answer came: what was asked for may have happened or not. Throws what the app refuses. */
  async killInRequest<T>(
    phase: Phase,
    { app, tookMs }: { app: KilledApp; tookMs: number },
    ask: (serving: Serving) => Promise<T>,
  ): Promise<{ answer: T } | null> {
    const serving = await app.open();
    const came: { answer?: T; isAnswered: boolean; refusal?: AppError } = { isAnswered: false };
    const asking = ask(serving).then(
      (answer) => void Object.assign(came, { answer, isAnswered: true }),
      (error: unknown) => void (error instanceof AppError && (came.refusal = error)),
    );
    await sleep(this.random.between(0, tookMs * 1.1));
    if (!came.isAnswered) this.tally.hits[phase]++;
    await this.kill(phase, app);
    await asking;
    if (came.refusal) throw came.refusal;
    return came.isAnswered ? { answer: came.answer as T } : null;
  }

  /** By a start of the app that found it had ended the app twice in one place; perhaps one that was itself killed. */
  isGivenUp({ workspace }: KilledApp, jobId: string | null): boolean {
    const found = reading(workspace, (db) =>
      db.prepare(`SELECT 1 FROM audit WHERE action = 'job.given_up' AND subject = ?`).pluck().get(jobId),
    );
    if (found) this.tally.givenUp++;
    return found !== undefined;
  }
}
