/** @file The log of a small office: a seeded stream of syslog lines with the rhythm of work, and attacks at a rate, each line labelled. */
import { attackKinds, planAttack } from './attacks.ts';
import { firstDayOfChanges, planChanges } from './changes.ts';
import { dayMs, hourMs, type AttackKind, type OfficeLine } from './day.ts';
import { rareCommands } from './commands.ts';
import { planMachines, workingTime, writeGuess, writeVisit } from './routines.ts';
import { planDeployment, planFirstDay, planRareCommand, planRarities, planSessions, planTravel } from './staffDay.ts';
import { World } from './world.ts';

export type OfficeOptions = {
  lines: number;
  seed: number;
  /** Share of lines that belong to attacks; 0 gives a clean log. */
  anomalyRate: number;
  /** Milliseconds UTC of the first line; stamps are UTC without year. */
  startAt: number;
  /** Share of the file at its start without attacks; 0.5. */
  cleanUntil?: number;
  /** Whether life changes honestly behind the clean part: patch days, a contractor, a machine that moves, the house's own scanner. */
  hasChanges?: boolean;
};

/** Lines of a full working day. */
const linesPerDay = 4500;
/** Lines of a day that machines write however small the file. */
const machineLinesPerDay = 400;
/** A file covers at least this many days: a rhythm needs some. */
const leastDays = 3;
/** Activity of weekends and holidays. */
const quietShare = 0.08;

const shortKinds: readonly AttackKind[] = ['future-time', 'foreign-format', 'unusual-action'];

/** The lines in order of time. Same options, same bytes. */
export function* generateOffice(options: OfficeOptions): Generator<OfficeLine> {
  const world = new World(options.seed);
  const days = Math.max(leastDays, options.lines / linesPerDay);
  const intensity = Math.min(
    1,
    Math.max(0.03, (options.lines / days - machineLinesPerDay) / (linesPerDay - machineLinesPerDay)),
  );
  const plan = new OfficePlan(world, options.startAt, days, intensity);
  const attacks = new AttackPlan(world, options);
  const firstChanged = options.hasChanges ? firstDayOfChanges(days, options.cleanUntil ?? 0.5) : Infinity;
  let written = 0;
  for (let day = 0; written < options.lines; day++) {
    const dayStart = Math.floor(options.startAt / dayMs) * dayMs + day * dayMs;
    const dayEnd = dayStart + dayMs;
    plan.planDay(day, dayStart);
    if (day >= firstChanged) planChanges(world, day - firstChanged, dayStart);
    if (day === 0) for (const line of world.diary.take(options.startAt)) void line;
    attacks.planDay(written, world.diary.timesUntil(dayEnd));
    for (const line of world.diary.take(dayEnd)) {
      if (written >= options.lines) return;
      written++;
      yield line;
    }
  }
}

/** The normal life of each day. */
class OfficePlan {
  readonly #world: World;
  readonly #days: number;
  readonly #intensity: number;
  readonly #startAt: number;
  readonly #rarityDay: number;
  readonly #holiday: number;

  constructor(world: World, startAt: number, days: number, intensity: number) {
    this.#world = world;
    this.#days = days;
    this.#intensity = intensity;
    this.#startAt = startAt;
    // Rarities happen on the first day, unless that begins too late for them.
    this.#rarityDay = startAt % dayMs > 13 * hourMs ? 1 : 0;
    this.#holiday = days < 10 ? -1 : Math.floor(days * world.random.between(0.6, 0.8));
  }

  planDay(day: number, dayStart: number): void {
    const world = this.#world;
    const { random } = world;
    const weekday = new Date(dayStart).getUTCDay();
    const isQuiet = weekday === 0 || weekday === 6 || day === this.#holiday;
    const share = this.#intensity * (isQuiet ? quietShare : 1);
    planMachines(world, dayStart, this.#intensity);
    if (day === this.#rarityDay) planRarities(world, Math.max(dayStart + 9 * hourMs, this.#startAt + 60_000));
    repeat(random.around(370 * share), () => writeVisit(world, workingTime(world, dayStart)));
    repeat(random.around(60 * Math.max(this.#intensity, 0.1)), () => {
      writeGuess(world, dayStart + random.share() * dayMs);
    });
    // Special days first: who travels has no other sessions at those times.
    if (!isQuiet && random.chance(0.3 * Math.max(0.3, this.#intensity))) planTravel(world, dayStart);
    if (!isQuiet && random.chance(0.25)) {
      planRareCommand(world, dayStart + random.between(9, 16) * hourMs, random.pick(rareCommands));
    }
    if (weekday === 2 || weekday === 4) planDeployment(world, dayStart);
    if (day === Math.floor(this.#days * 0.2) || day === Math.floor(this.#days * 0.65) || (day > 20 && day % 17 === 0)) {
      planFirstDay(world, dayStart);
    }
    planSessions(world, dayStart, random.around(105 * share));
  }
}

/** Which attacks come on each day, so that their lines keep up with the rate. */
class AttackPlan {
  readonly #world: World;
  readonly #lines: number;
  readonly #rate: number;
  readonly #firstLine: number;
  #planned = 0;
  #queue: AttackKind[] = [];

  constructor(world: World, { lines, anomalyRate, cleanUntil = 0.5 }: OfficeOptions) {
    this.#world = world;
    this.#lines = lines;
    this.#rate = anomalyRate;
    this.#firstLine = Math.floor(lines * cleanUntil);
  }

  /** Plans the attacks among the day's normal lines, whose times are given; `written` lines came before them. */
  planDay(written: number, times: readonly number[]): void {
    if (this.#rate <= 0) return;
    const from = Math.max(0, this.#firstLine - written);
    const until = Math.min(times.length, this.#lines - written);
    if (from >= until) return;
    const reached = (Math.min(written + times.length, this.#lines) - this.#firstLine) / (this.#lines - this.#firstLine);
    const wanted = this.#rate * this.#lines * reached;
    for (let guard = 0; this.#planned < wanted && guard < times.length; guard++) {
      const kind = this.#nextKind();
      const at = this.#timeFor(kind, times, from, until);
      const before = this.#world.diary.attackLines;
      planAttack(this.#world, kind, at);
      this.#planned += this.#world.diary.attackLines - before;
    }
  }

  /** All kinds in turn, each round in a new order; kinds of single lines come oftener. */
  #nextKind(): AttackKind {
    if (this.#queue.length === 0) {
      this.#queue = [...attackKinds, ...shortKinds, ...shortKinds];
      for (let last = this.#queue.length - 1; last > 0; last--) {
        const other = this.#world.random.integer(0, last);
        const moved = this.#queue[last];
        const kind = this.#queue[other];
        if (moved === undefined || kind === undefined) continue;
        this.#queue[last] = kind;
        this.#queue[other] = moved;
      }
    }
    const kind = this.#queue.pop();
    if (kind === undefined) throw new Error('No kinds of attack.');
    return kind;
  }

  /** A time between two normal lines; for a wrong hour, one of the night or of the working day. */
  #timeFor(kind: AttackKind, times: readonly number[], from: number, until: number): number {
    const { random } = this.#world;
    let at = 0;
    for (let attempt = 0; attempt < 40; attempt++) {
      at = times[random.integer(from, until - 1)] ?? 0;
      const hour = Math.floor((at % dayMs) / hourMs);
      const fits = kind === 'wrong-hour' ? hour < 4 || (hour >= 9 && hour < 17 && attempt > 8) : hour >= 7 && hour < 19;
      if (fits) break;
    }
    return Math.floor(at / 1000) * 1000 + random.integer(0, 999);
  }
}

function repeat(count: number, act: () => void): void {
  for (let index = 0; index < count; index++) act();
}
