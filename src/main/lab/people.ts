/** @file Who works in the office, from where, on which machines, with which commands. Names and addresses are made up. */
import { cumulate, zipfWeights, type Random } from '../../shared/random.ts';

export const hosts = ['gw1', 'web1', 'web2', 'db1', 'files1', 'git1', 'build1', 'term1'] as const;
/** The machine that the repositories move to, where the office changes. */
export const movedHost = 'git2';
export type Host = (typeof hosts)[number] | typeof movedHost;

export type Role = 'admin' | 'developer' | 'clerk';

export type Person = {
  name: string;
  userId: number;
  role: Role;
  /** Usual addresses, the first most often. */
  addresses: string[];
  hosts: readonly Host[];
  method: 'publickey' | 'password';
};

/** Addresses of branch offices, used by whoever visits them (documentation ranges, RFC 5737). */
export const branches: readonly (readonly string[])[] = ['198.51.100', '203.0.113', '192.0.2'].map((net) =>
  [12, 13, 14, 27, 28].map((last) => `${net}.${last}`),
);

const names = (
  'anna karin felix mara ben jonas elena paul rosa david greta nils ' +
  'stefan iris leo tina henry olga vera carla uwe yara willi zoe'
).split(' ');
const admins: ReadonlySet<string> = new Set(['anna', 'ben', 'stefan', 'vera']);
const developers: ReadonlySet<string> = new Set(['felix', 'jonas', 'elena', 'david', 'nils', 'leo', 'henry', 'yara']);
/** People who join while the log is written, in this order. */
const newcomers = ['amira', 'tobias', 'lena', 'marek', 'sofia', 'jan'];
/** Users nobody has ever seen. */
export const strangers = ['mallory', 'oper', 'svcadm', 'ghost', 'trent', 'sysop'];

const hostsOf: Readonly<Record<Role, readonly Host[]>> = {
  admin: hosts,
  developer: ['git1', 'build1', 'term1'],
  clerk: ['term1', 'files1'],
};

export class Staff {
  readonly people: Person[] = [];
  readonly #random: Random;
  #cumulative: number[] = [];
  #joined = 0;

  constructor(random: Random) {
    this.#random = random;
    for (const name of names) this.#hire(name);
    this.#reweigh();
  }

  /** A person by Zipf: few do most. */
  draw(): Person {
    const person = this.people[this.#random.weighted(this.#cumulative)];
    if (person === undefined) throw new Error('Nobody works here.');
    return person;
  }

  withRole(role: Role): Person {
    return this.#random.pick(this.people.filter((person) => person.role === role));
  }

  byName(name: string): Person | undefined {
    return this.people.find((person) => person.name === name);
  }

  /** The next newcomer, or null when all have come. */
  join(): Person | null {
    const name = newcomers[this.#joined++];
    if (name === undefined) return null;
    const person = this.#hire(name);
    this.#reweigh();
    return person;
  }

  /** A person as the staff are, but not one of them. */
  stranger(name: string): Person {
    return this.#make(name, 'developer', 1900 + strangers.indexOf(name));
  }

  #hire(name: string): Person {
    const role = admins.has(name) ? 'admin' : developers.has(name) ? 'developer' : 'clerk';
    const person = this.#make(name, role, 1001 + this.people.length);
    this.people.push(person);
    return person;
  }

  #make(name: string, role: Role, userId: number): Person {
    const floor = role === 'admin' ? 1 : role === 'developer' ? 2 : 3;
    const addresses = [`10.20.${floor}.${20 + (userId % 100)}`, `10.8.0.${20 + (userId % 100)}`];
    const method = role === 'clerk' ? 'password' : 'publickey';
    return { name, userId, role, addresses, hosts: hostsOf[role], method };
  }

  #reweigh(): void {
    this.#cumulative = cumulate(zipfWeights(this.people.length));
  }
}
