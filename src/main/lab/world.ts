/** @file What the parts of the office share: random numbers, staff, the diary, process ids and session numbers by host. */
import { Diary } from './day.ts';
import { hosts, movedHost, Staff, type Host, type Person, type Role } from './people.ts';
import { Random } from '../../shared/random.ts';

type Counters = { processId: number; session: number; terminal: number };

export class World {
  readonly random: Random;
  readonly staff: Staff;
  readonly diary = new Diary();
  /** End of each person's last session planned, milliseconds UTC. */
  readonly busyUntil = new Map<string, number>();
  /** Commands that have been run in normal life. */
  readonly usedCommands = new Set<string>();
  readonly #counters: Map<Host, Counters>;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.staff = new Staff(this.random);
    const all: readonly Host[] = [...hosts, movedHost];
    this.#counters = new Map(
      all.map((host, index) => [host, { processId: 1500 + index * 700, session: 20 + index * 9, terminal: 0 }]),
    );
  }

  /** A process id, rising on each host and starting again below 32,768. */
  processId(host: Host): number {
    const counters = this.#of(host);
    counters.processId += this.random.integer(1, 9);
    if (counters.processId > 32_000) counters.processId = 1500;
    return counters.processId;
  }

  /** Somebody of a role who has logged in before, or who does so most: attackers take accounts that are in use. */
  knownPerson(role: Role): Person {
    const known = this.staff.people.filter((person) => person.role === role && this.busyUntil.has(person.name));
    return known.length === 0 ? this.staff.withRole(role) : this.random.pick(known);
  }

  /** Those of the commands that have been run before. */
  known(commands: readonly string[]): readonly string[] {
    const known = commands.filter((command) => this.usedCommands.has(command));
    return known.length === 0 ? commands : known;
  }

  sessionNumber(host: Host): number {
    return ++this.#of(host).session;
  }

  terminal(host: Host): number {
    const counters = this.#of(host);
    counters.terminal = (counters.terminal + 1) % 4;
    return counters.terminal;
  }

  port(): number {
    return this.random.integer(32_768, 60_999);
  }

  #of(host: Host): Counters {
    const counters = this.#counters.get(host);
    if (counters === undefined) throw new Error(`No host ${host}.`);
    return counters;
  }
}
