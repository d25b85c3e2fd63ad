/**
 * @file Who acts from where, on which host, at which hour, and kinds of line at an hour that is not theirs: -log2 of the least probable of these,
 * from counts with back-off. A combination is told once, not with each line of a session.
 */
import { loginOutcomes } from '../../../shared/eventValues.ts';
import type { StreamDetector, StreamPage } from '../detector.ts';
import { BoundedMap } from '../streams/boundedMap.ts';
import { dayHourOf, hourOf, hourProbability, noHours, sizeOf, type Hours } from '../streams/hours.ts';
import { Recency } from '../streams/recency.ts';

const mostUsers = 20_000;
/** Networks and hosts of one user. */
const mostPlaces = 500;
const mostKinds = 5000;
/** A kind of line that came on fewer days has no hours yet. */
const leastDays = 4;
/** Kinds with no more hours than this are those of a timetable, and what is known of timetables is known of all of them together. */
const fewHours = 3;
const leastBits = 6;
/** What was not seen for so many events is news again. */
const toldEvents = 4000;

type Counts = [key: number, count: number][];
type Profile = { events: number; hours: Hours; networks: Counts; hosts: Counts };
export type WhoWhereState = {
  /** Of all events that name a user who did not fail. */
  everybody: Profile;
  users: [user: number, profile: Profile][];
  kinds: [templateIndex: number, hours: Hours][];
};

class Learned {
  events = 0;
  readonly networks = new BoundedMap<number, { count: number }>(mostPlaces, ({ count }) => count);
  readonly hosts = new BoundedMap<number, { count: number }>(mostPlaces, ({ count }) => count);
  readonly hours = new LearnedHours();

  add(network: number, host: number, at: number): void {
    this.events++;
    if (network !== 0) this.networks.get(network, () => ({ count: 0 })).count++;
    if (host !== 0) this.hosts.get(host, () => ({ count: 0 })).count++;
    this.hours.add(at);
  }

  profile(): Profile {
    const counts = ({ entries }: Learned['networks']): Counts => [...entries].map(([key, { count }]) => [key, count]);
    return { events: this.events, hours: this.hours.days, networks: counts(this.networks), hosts: counts(this.hosts) };
  }
}

/** Each hour of a day counts once. */
class LearnedHours {
  readonly days = noHours();
  readonly #seen = new Int32Array(this.days.length).fill(-1);

  add(at: number): void {
    if (Number.isNaN(at)) return;
    const hour = hourOf(at);
    const dayHour = dayHourOf(at);
    if (this.#seen[hour] === dayHour) return;
    this.#seen[hour] = dayHour;
    this.days[hour] = (this.days[hour] ?? 0) + 1;
  }
}

function actorOf({ users, outcomes }: StreamPage, row: number): number {
  return outcomes[row] === loginOutcomes.failed ? 0 : (users[row] ?? 0);
}

/** Back-off by Witten and Bell: as often as there was a new one so far, it is one of everybody's. */
class Place {
  readonly #counts: ReadonlyMap<number, number>;
  readonly #total: number;

  constructor(counts: Counts) {
    this.#counts = new Map(counts);
    this.#total = counts.reduce((sum, [, count]) => sum + count, 0);
  }

  probability(key: number, broader: number): number {
    const distinct = this.#counts.size;
    const weight = Math.max(1, distinct);
    return ((this.#counts.get(key) ?? 0) + weight * broader) / (this.#total + weight);
  }

  has(key: number): boolean {
    return this.#counts.has(key);
  }

  get size(): number {
    return this.#counts.size;
  }

  /** Share of one that nobody was seen with. */
  get unseen(): number {
    return (this.#counts.size + 0.5) / (this.#total + this.#counts.size + 1);
  }
}

/** What of an event is the least probable. `hours`: when it was seen; `known`: how many others were. */
export type UnusualPlace =
  | { of: 'kind_hour' | 'user_hour'; hours: Hours }
  | { of: 'network' | 'host'; known: number }
  | { of: 'user'; isElsewhere: boolean };
type Found = [bits: number, what: string, of: UnusualPlace['of']];

type Known = { networks: Place; hosts: Place; hours: Hours };

function toKnown({ networks, hosts, hours }: Profile): Known {
  return { networks: new Place(networks), hosts: new Place(hosts), hours };
}

export const whoWhere: StreamDetector<WhoWhereState> = {
  kind: 'stream',
  id: 'who_where',
  fit: (sources) => {
    const everybody = new Learned();
    const users = new BoundedMap<number, Learned>(mostUsers, ({ events }) => events);
    const kinds = new Map<number, LearnedHours>();
    for (const pages of sources) {
      for (const page of pages) {
        page.at.forEach((at, row) => {
          if (page.lineHashes[row] === 0) return;
          const kind = page.templateIndexes[row] ?? 0;
          let hours = kinds.get(kind);
          if (!hours && kinds.size < mostKinds) kinds.set(kind, (hours = new LearnedHours()));
          hours?.add(at);
          const user = actorOf(page, row);
          if (user === 0) return;
          const network = page.networks[row] ?? 0;
          const host = page.hosts[row] ?? 0;
          everybody.add(network, host, at);
          users.get(user, () => new Learned()).add(network, host, at);
        });
      }
    }
    return {
      everybody: everybody.profile(),
      users: [...users.entries].map(([user, learned]): [number, Profile] => [user, learned.profile()]),
      kinds: [...kinds].flatMap(([kind, { days }]) => (sizeOf(days).total >= leastDays ? [[kind, days]] : [])),
    };
  },
  open: (state) => {
    const table = new WhoWhereTable(state);
    const told = new Recency<string>(toldEvents);
    let place = 0;
    return {
      score: (page, scores) => {
        const from = place;
        page.at.forEach((_at, row) => {
          let largest = 0;
          for (const [bits, what] of table.found(page, row)) {
            if (bits >= leastBits && told.isNews(what, from + row)) largest = Math.max(largest, bits);
          }
          if (largest > 0) scores[row] = largest;
        });
        place += page.at.length;
      },
    };
  },
};

/** What was learned, to be asked of single events. */
export class WhoWhereTable {
  readonly #everybody: Known;
  readonly #users: ReadonlyMap<number, Known>;
  readonly #kinds: ReadonlyMap<number, Hours>;
  readonly #newUser: number;
  readonly #newHour: number;
  readonly #knowsUsers: boolean;

  constructor({ everybody, users, kinds }: WhoWhereState) {
    this.#everybody = toKnown(everybody);
    this.#users = new Map(users.map(([user, profile]) => [user, toKnown(profile)]));
    this.#kinds = new Map(kinds);
    // As many users as there were among so many events came once for the first time.
    this.#newUser = (users.length + 0.5) / (everybody.events + users.length + 1);
    this.#newHour = newHourOfTimetables(kinds);
    this.#knowsUsers = everybody.events > 0;
  }

  /** Everything that can be unusual of an event, each under a name to be told once by. */
  found(page: StreamPage, row: number): Found[] {
    if (page.lineHashes[row] === 0) return [];
    const at = page.at[row] ?? Number.NaN;
    const user = actorOf(page, row);
    const kind = page.templateIndexes[row] ?? 0;
    const network = page.networks[row] ?? 0;
    const host = page.hosts[row] ?? 0;
    const found: Found[] = [];
    const hour = Number.isNaN(at) ? -1 : hourOf(at);
    const hours = this.#kinds.get(kind);
    let atThisHour: number | undefined;
    if (hours && hour >= 0) {
      const share = sizeOf(hours).distinct <= fewHours ? this.#newHour : undefined;
      atThisHour = hourProbability(hours, hour, undefined, share);
      found.push([-Math.log2(atThisHour), `kind ${kind} ${hour}`, 'kind_hour']);
    }
    if (user === 0 || !this.#knowsUsers) return found;
    const { networks, hosts } = this.#everybody;
    const known = this.#users.get(user);
    if (known) {
      found.push([this.#placeBits(known.networks, networks, network), `from ${user} ${network}`, 'network']);
      found.push([this.#placeBits(known.hosts, hosts, host), `on ${user} ${host}`, 'host']);
      if (hour >= 0)
        found.push([-Math.log2(hourProbability(known.hours, hour, atThisHour)), `at ${user} ${hour}`, 'user_hour']);
    } else {
      const elsewhere = this.#isElsewhere(network) ? networks.unseen : 1;
      found.push([-Math.log2(this.#newUser * elsewhere), `user ${user}`, 'user']);
    }
    return found;
  }

  /** The least probable of them, and what was usual instead; null where nothing is unusual. */
  unusual(page: StreamPage, row: number): UnusualPlace | null {
    const [most] = this.found(page, row).sort(([a], [b]) => b - a);
    if (!most || most[0] < leastBits) return null;
    const known = this.#users.get(actorOf(page, row));
    const of = most[2];
    switch (of) {
      case 'kind_hour':
        return { of, hours: this.#kinds.get(page.templateIndexes[row] ?? 0) ?? noHours() };
      case 'user_hour':
        return { of, hours: known?.hours ?? noHours() };
      case 'network':
        return { of, known: known?.networks.size ?? 0 };
      case 'host':
        return { of, known: known?.hosts.size ?? 0 };
      case 'user':
        return { of, isElsewhere: this.#isElsewhere(page.networks[row] ?? 0) };
    }
  }

  /** A network that nobody comes from, which a colleague on a first day does not. */
  #isElsewhere(network: number): boolean {
    const { networks } = this.#everybody;
    return network !== 0 && networks.size > 0 && !networks.has(network);
  }

  #placeBits(own: Place, all: Place, key: number): number {
    if (key === 0 || own.has(key) || all.size === 0) return 0;
    return -Math.log2(own.probability(key, all.probability(key, all.unseen / (all.size + 1))));
  }
}

/** How often a kind with few hours came at one that was new to it, over all of them. */
function newHourOfTimetables(kinds: WhoWhereState['kinds']): number {
  let total = 0;
  let further = 0;
  for (const [, hours] of kinds) {
    const size = sizeOf(hours);
    if (size.distinct > fewHours) continue;
    total += size.total;
    further += size.distinct - 1;
  }
  return (further + 0.5) / (total + 1);
}
