/** @file One workspace after another kill: what is under way when it comes, and what must be there after it. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Random } from '../../src/shared/random.ts';
import type { Job } from '../../src/shared/jobs.ts';
import type { Serving } from '../helpers/serving.ts';
import { alertsOf, makeOldWorkspace, officeLines, oldEvents, settled, weightsInUse, type Base } from './base.ts';
import { checkLines, checkWorkspace, reading } from './checks.ts';
import { Verdicts, standingVerdicts } from './verdicts.ts';
import { killNow, serve, sleep, spawnCommand, spawnServing } from './victim.ts';

export const phases = ['import', 'learn', 'score', 'verdicts', 'export', 'start'] as const;
export type Phase = (typeof phases)[number];

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
  readonly #base: Base;
  readonly #folder: string;
  readonly #workspace: string;
  readonly #random: Random;
  readonly #how: 'command' | 'child';
  readonly #tally: Tally;
  readonly #say: (text: string) => void;
  #serving: Serving | undefined;
  #count = 0;

  constructor(
    base: Base,
    folder: string,
    seed: number,
    options: { how: 'command' | 'child'; tally: Tally; say: (text: string) => void },
  ) {
    this.#base = base;
    this.#folder = folder;
    this.#workspace = join(folder, 'workspace');
    this.#random = new Random(seed);
    this.#how = options.how;
    this.#tally = options.tally;
    this.#say = options.say;
    mkdirSync(folder, { recursive: true });
    cpSync(base.workspace, this.#workspace, { recursive: true });
  }

  /** Kills at least once while `phase` is under way, and checks everything. */
  async run(phase: Phase): Promise<void> {
    this.#count++;
    try {
      const wrong = await this.#phases[phase]();
      for (const what of wrong) this.#fail(phase, what);
    } catch (error) {
      this.#fail(phase, inspect(error));
      await this.#serving?.kill();
      this.#serving = undefined;
    }
  }

  async close(): Promise<void> {
    await this.#serving?.kill();
  }

  #fail(phase: Phase, what: string): void {
    const text = `${phase} (${this.#folder}, round ${this.#count}): ${what}`;
    this.#tally.failures.push(text);
    this.#say(`FAILED ${text}`);
    const kept = `${this.#folder}-failed-${this.#count}`;
    if (this.#tally.failures.length <= 3) cpSync(this.#workspace, kept, { recursive: true });
  }

  readonly #phases: Record<Phase, () => Promise<string[]>> = {
    import: () => this.#import(),
    learn: () => this.#learn(),
    score: () => this.#score(),
    verdicts: () => this.#verdicts(),
    export: () => this.#export(),
    start: () => this.#start(),
  };

  async #open(): Promise<Serving> {
    return (this.#serving ??= await serve(this.#workspace, this.#how));
  }

  async #kill(phase: Phase): Promise<void> {
    await this.#serving?.kill();
    this.#serving = undefined;
    this.#tally.kills[phase]++;
  }

  /** Kills the app some time into a job, now and then again while it goes on, and gives the jobs as they ended in the last start. */
  async #killInJob(
    phase: 'import' | 'learn' | 'score',
    begin: (serving: Serving) => Promise<string | null>,
  ): Promise<{ jobs: Job[]; jobId: string | null }> {
    const serving = await this.#open();
    const jobId = await begin(serving);
    await sleep(this.#random.between(0, this.#base.tookMs[phase] * 1.1));
    const isUnderWay = async (): Promise<void> => {
      const now = await this.#serving?.ask('jobs.list', {});
      if (now?.some(({ state }) => state === 'running')) this.#tally.hits[phase]++;
    };
    await isUnderWay();
    await this.#kill(phase);
    while (this.#random.chance(againShare)) {
      await this.#open();
      await sleep(this.#random.between(0, this.#base.tookMs[phase] * 0.7));
      await isUnderWay();
      await this.#kill(phase);
    }
    return { jobs: await settled(await this.#open()), jobId };
  }

  /** By a start of the app that found it had ended the app twice in one place; perhaps one that was itself killed. */
  #isGivenUp(jobId: string | null): boolean {
    const found = reading(this.#workspace, (db) =>
      db.prepare(`SELECT 1 FROM audit WHERE action = 'job.given_up' AND subject = ?`).pluck().get(jobId),
    );
    if (found) this.#tally.givenUp++;
    return found !== undefined;
  }

  async #import(): Promise<string[]> {
    // Long lines: the file is read in pieces of a megabyte, and each is to be written by itself.
    const lines = officeLines(this.#random.integer(2000, 14_000), this.#random.integer(1, 1e6), 0.01).map(
      (line) => `${line} ${'x'.repeat(180)}`,
    );
    for (let blank = 0; blank < 5; blank++) lines.splice(this.#random.integer(0, lines.length), 0, '');
    const name = `import-${this.#count}.log`;
    const { jobs, jobId } = await this.#killInJob('import', async (serving) => {
      const uploading = serving.upload(name, `${lines.join('\n')}\n`);
      if (this.#random.chance(0.1)) {
        uploading.catch(() => undefined); // cut off itself
        return null;
      }
      const started = await serving.ask('sources.import', { token: (await uploading).token, thenScore: false });
      return started.jobId;
    });
    const serving = await this.#open();
    const sources = (await serving.ask('sources.list', {})).filter((source) => source.name === name);
    const wrong = await checkWorkspace(this.#workspace);
    const job = jobs.find(({ id }) => id === jobId);
    const isGivenUp = this.#isGivenUp(jobId);
    if (!isGivenUp && job && job.state !== 'done') wrong.push(`the import ended as ${job.state}: ${job.error}`);
    if (jobId !== null && !isGivenUp && (sources.length !== 1 || sources[0]?.state !== 'ready'))
      wrong.push(`${name} is there as ${JSON.stringify(sources.map(({ state }) => state))}`);
    for (const source of sources) {
      const isWhole = source.state === 'ready';
      if (isWhole && source.lineCount !== lines.length) wrong.push(`${source.lineCount} of ${lines.length} lines`);
      wrong.push(...checkLines(this.#workspace, source.id, lines, isWhole));
      if (this.#random.chance(0.2)) await serving.ask('sources.delete', { sourceId: source.id });
    }
    return wrong;
  }

  async #learn(): Promise<string[]> {
    const { quietId, weights } = this.#base;
    const before = (await (await this.#open()).ask('models.list', {})).length;
    const { jobs, jobId } = await this.#killInJob('learn', async (serving) => {
      return (await serving.ask('learn.start', { sourceIds: [quietId] })).jobId;
    });
    const wrong = await checkWorkspace(this.#workspace);
    const models = await (await this.#open()).ask('models.list', {});
    const added = models
      .slice()
      .sort((a, b) => a.number - b.number)
      .slice(before);
    const job = jobs.find(({ id }) => id === jobId);
    if (!this.#isGivenUp(jobId)) {
      if (job && job.state !== 'done') wrong.push(`learning ended as ${job.state}: ${job.error}`);
      if (added.length !== 1 || added[0]?.state !== 'in_use')
        wrong.push(`learning once left ${JSON.stringify(added.map(({ state }) => state))}`);
    }
    if (weightsInUse(this.#workspace) !== weights)
      wrong.push('the weights are not those of a run that was not cut off');
    return wrong;
  }

  async #score(): Promise<string[]> {
    const { watchedId, alerts } = this.#base;
    const { jobs, jobId } = await this.#killInJob('score', async (serving) => {
      return (await serving.ask('score.start', { sourceIds: [watchedId] })).jobId;
    });
    const wrong = await checkWorkspace(this.#workspace);
    const job = jobs.find(({ id }) => id === jobId);
    const isGivenUp = this.#isGivenUp(jobId);
    if (!isGivenUp && job && job.state !== 'done') wrong.push(`scoring ended as ${job.state}: ${job.error}`);
    const threshold = (await (await this.#open()).ask('thresholds.list', {})).find(({ isCurrent }) => isCurrent);
    const found = alertsOf(this.#workspace, watchedId);
    // What was given up leaves the alerts of an earlier run, by whatever was taught then.
    const isTaught = isGivenUp || Boolean(threshold?.taught);
    for (const [eventId, { bits, score }] of found) {
      const before = alerts.get(eventId);
      if (before && (before.bits !== bits || (!isTaught && before.score !== score)))
        wrong.push(
          `event ${eventId} has ${bits} bits and scores ${score}, uninterrupted ${before.bits} and ${before.score}`,
        );
    }
    // What the verdicts of other rounds taught may have taken an alert below what is kept.
    const missing = [...alerts].filter(
      ([eventId, { score }]) => !isTaught && score >= (threshold?.score ?? 0) && !found.has(eventId),
    );
    if (missing.length > 0) wrong.push(`${missing.length} alerts are missing`);
    return wrong;
  }

  async #verdicts(): Promise<string[]> {
    const serving = await this.#open();
    const verdicts = new Verdicts(standingVerdicts(this.#workspace));
    const giving = verdicts.giveUntilGone(serving, this.#random).catch(() => undefined);
    for (const untilMs = Date.now() + 10_000; verdicts.acknowledged === 0 && Date.now() < untilMs;) await sleep(5);
    await sleep(this.#random.between(0, 600));
    if (verdicts.acknowledged > 0) this.#tally.hits.verdicts++;
    await this.#kill('verdicts');
    await giving;
    this.#tally.verdicts += verdicts.acknowledged;
    const wrong = verdicts.check(standingVerdicts(this.#workspace));
    await settled(await this.#open());
    wrong.push(...verdicts.check(standingVerdicts(this.#workspace)), ...(await checkWorkspace(this.#workspace)));
    return wrong;
  }

  async #export(): Promise<string[]> {
    await this.#serving?.kill();
    this.#serving = undefined;
    const wrong: string[] = [];
    const folder = join(this.#folder, 'exports');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'file');
    const { caseId } = this.#base;
    const report = (format: string): string[] => [
      'report',
      '--workspace',
      this.#workspace,
      '--case',
      caseId,
      '--format',
      format,
      '--output',
      path,
    ];
    const labels = `${path}.labels`;
    const lab = ['lab', '--lines', '30000', '--seed', '3', '--output', path, '--labels', labels];
    const [words, files] = this.#random.pick<[string[], string[]]>([
      [report('html'), [path]],
      [report('csv'), [path]],
      [lab, [path, labels]],
    ]);
    for (const file of files) {
      if (this.#random.chance(0.5)) writeFileSync(file, 'before');
      else rmSync(file, { force: true });
    }
    const before = files.map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : null));
    const command = spawnCommand(words);
    const ended = once(command, 'close');
    // Most of its time it only starts: the moments worth most are those when something is there that is not whole.
    const writing = (): boolean => readdirSync(folder).some((name) => name.endsWith('.unfinished'));
    const untilMs = Date.now() + 20_000;
    while (!writing() && command.exitCode === null && Date.now() < untilMs) await sleep(1);
    await sleep(this.#random.between(0, this.#random.pick([1, 10, 200])));
    if (writing()) this.#tally.hits.export++;
    await killNow(command);
    await ended;
    this.#tally.kills.export++;
    const after = files.map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : null));
    const whole = spawnCommand(words);
    const [status] = (await once(whole, 'close')) as [number];
    if (status !== 0) wrong.push(`the export after it ended with ${status}`);
    // When it was made, where the audit ended then, and that it was made before, are in a report.
    const timeless = (text: string | null): string | null =>
      text?.replace(/<tr[^\n]*<td class="name">Report, export<\/td>[^\n]*\n/g, '').replace(/[0-9a-f]{16,}|\d+/g, '0') ??
      null;
    files.forEach((file, index) => {
      const left = after[index] ?? null;
      const whole = timeless(readFileSync(file, 'utf8'))?.split('\n') ?? [];
      const differs = timeless(left)
        ?.split('\n')
        .findIndex((line, at) => line !== whole[at]);
      if (left === before[index] || differs === -1) return;
      writeFileSync(`${this.#folder}-left-${this.#count}`, left ?? '');
      const where = `at line ${(differs ?? 0) + 1}: ${left?.split('\n')[differs ?? 0]}`;
      wrong.push(`${words[0]} left a file of ${left?.length} characters that is neither old nor whole, ${where}`);
    });
    if (writing()) wrong.push(`exports are left: ${readdirSync(folder).join(', ')}`);
    return wrong;
  }

  /** Killed as it comes up: by turns with a job to go on with, and with a schema to migrate. */
  async #start(): Promise<string[]> {
    if (this.#random.chance(0.5)) return this.#migration();
    const serving = await this.#open();
    const standing = standingVerdicts(this.#workspace);
    await serving.ask('score.start', { sourceIds: [this.#base.watchedId] });
    await serving.kill();
    this.#serving = undefined;
    for (let count = this.#random.integer(1, 3); count > 0; count--) await this.#killStarting(this.#workspace);
    await settled(await this.#open());
    const wrong = await checkWorkspace(this.#workspace);
    if (standingVerdicts(this.#workspace).join() !== standing.join())
      wrong.push('other verdicts stand after the start');
    return wrong;
  }

  async #migration(): Promise<string[]> {
    const old = join(this.#folder, `old-${this.#count}`);
    makeOldWorkspace(old);
    for (let count = this.#random.integer(1, 3); count > 0; count--) await this.#killStarting(old);
    const serving = await serve(old, this.#how);
    const wrong: string[] = [];
    const [source] = await serving.ask('sources.list', {});
    if (source?.lineCount !== oldEvents) wrong.push(`the old log has ${source?.lineCount} lines`);
    await serving.kill();
    wrong.push(...(await checkWorkspace(old)));
    const count = reading(old, (db) => db.prepare('SELECT count(*) FROM event').pluck().get());
    if (count !== oldEvents) wrong.push(`the old log has ${String(count)} events`);
    rmSync(old, { recursive: true, force: true });
    return wrong;
  }

  async #killStarting(workspace: string): Promise<void> {
    const starting = spawnServing(workspace, this.#how);
    let link = false;
    starting.stdout?.once('data', () => (link = true));
    await sleep(this.#random.between(0, this.#base.tookMs.start * 1.2));
    if (!link) this.#tally.hits.start++;
    await killNow(starting);
    this.#tally.kills.start++;
  }
}
