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
type State = {
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

type Known = { networks: Place; hosts: Place; hours: Hours };

function toKnown({ networks, hosts, hours }: Profile): Known {
  return { networks: new Place(networks), hosts: new Place(hosts), hours };
}

export const whoWhere: StreamDetector<State> = {
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
    const everybody = toKnown(state.everybody);
    const users = new Map(state.users.map(([user, profile]) => [user, toKnown(profile)]));
    const kinds = new Map(state.kinds);
    // As many users as there were among so many events came once for the first time.
    const newUser = (state.users.length + 0.5) / (state.everybody.events + state.users.length + 1);
    const newHour = newHourOfTimetables(state.kinds);
    const told = new Recency<string>(toldEvents);
    let place = 0;

    const placeBits = (own: Place, all: Place, key: number): number => {
      if (key === 0 || own.has(key) || all.size === 0) return 0;
      return -Math.log2(own.probability(key, all.probability(key, all.unseen / (all.size + 1))));
    };
    return {
      score: (page, scores) => {
        const from = place;
        page.at.forEach((at, row) => {
          if (page.lineHashes[row] === 0) return;
          const user = actorOf(page, row);
          const kind = page.templateIndexes[row] ?? 0;
          const network = page.networks[row] ?? 0;
          const host = page.hosts[row] ?? 0;
          const found: [bits: number, what: string][] = [];
          const hour = Number.isNaN(at) ? -1 : hourOf(at);
          const hours = kinds.get(kind);
          let atThisHour: number | undefined;
          if (hours && hour >= 0) {
            const share = sizeOf(hours).distinct <= fewHours ? newHour : undefined;
            atThisHour = hourProbability(hours, hour, undefined, share);
            found.push([-Math.log2(atThisHour), `kind ${kind} ${hour}`]);
          }
          if (user !== 0 && state.everybody.events > 0) {
            const known = users.get(user);
            if (known) {
              found.push([placeBits(known.networks, everybody.networks, network), `from ${user} ${network}`]);
              found.push([placeBits(known.hosts, everybody.hosts, host), `on ${user} ${host}`]);
              if (hour >= 0)
                found.push([-Math.log2(hourProbability(known.hours, hour, atThisHour)), `at ${user} ${hour}`]);
            } else {
              // From a network that nobody comes from, which a colleague on a first day does not.
              const isElsewhere = network !== 0 && everybody.networks.size > 0 && !everybody.networks.has(network);
              const elsewhere = isElsewhere ? everybody.networks.unseen : 1;
              found.push([-Math.log2(newUser * elsewhere), `user ${user}`]);
            }
          }
          let largest = 0;
          for (const [bits, what] of found) {
            if (bits >= leastBits && told.isNews(what, from + row)) largest = Math.max(largest, bits);
          }
          if (largest > 0) scores[row] = largest;
        });
        place += page.at.length;
      },
    };
  },
};

/** How often a kind with few hours came at one that was new to it, over all of them. */
function newHourOfTimetables(kinds: State['kinds']): number {
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
