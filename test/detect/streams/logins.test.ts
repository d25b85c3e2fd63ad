/** @file Detectors of who acts from where: a stolen login that looks like an honest one by its text. */
import { describe, expect, it } from 'vitest';
import { afterFailures } from '../../../src/main/detect/detectors/afterFailures.ts';
import { travel } from '../../../src/main/detect/detectors/travel.ts';
import { whoWhere, WhoWhereTable } from '../../../src/main/detect/detectors/whoWhere.ts';
import { loginOutcomes, valueFlags } from '../../../src/shared/eventValues.ts';
import { usualHours } from '../../../src/main/detect/streams/hours.ts';
import { day, hour, minute, monday, pageOf, said, scored, times, type Event } from './events.ts';

const { accepted, failed } = loginOutcomes;
const anna = 101;
const ben = 102;
const office = 201;
const vpn = 202;
const branch = 203;
const abroad = 204;
const gateway = 301;
const database = 302;

const later = monday + 14 * day;

describe('who_where', () => {
  /** Two weeks: anna at 9 from the office or the VPN, ben at 10 from the office; both on the gateway, ben on the database too. */
  const usual = times(14, (index) => {
    const at = monday + index * day;
    return [
      ...times(10, (login): Event => ({
        at: at + 9 * hour + login * minute,
        user: anna,
        network: login % 2 ? vpn : office,
        host: gateway,
        outcome: accepted,
        kind: 1,
      })),
      ...times(10, (login): Event => ({
        at: at + 10 * hour + login * minute,
        user: ben,
        network: office,
        host: login % 2 ? gateway : database,
        outcome: accepted,
        kind: 1,
      })),
      { at: at + 2 * hour, kind: 2, host: gateway },
    ];
  })
    .flat()
    .sort((a, b) => a.at - b.at);
  const login = (change: Partial<Event>): Event => ({
    at: later + 9 * hour,
    user: anna,
    network: office,
    host: gateway,
    outcome: accepted,
    kind: 1,
    ...change,
  });
  const bitsOf = (...events: Event[]): number => scored(whoWhere as never, usual, events).at(-1) ?? NaN;

  it('says which of hour, network, host and user was unusual', () => {
    const table = new WhoWhereTable(whoWhere.fit([[pageOf(usual)]]));
    const unusual = (change: Partial<Event>) => table.unusual(pageOf([login(change)]), 0);
    expect(unusual({})).toBeNull();
    expect(unusual({ network: abroad })).toEqual({ of: 'network', known: 2 });
    expect(unusual({ host: database })).toEqual({ of: 'host', known: 1 });
    expect(unusual({ user: 999, network: abroad })).toEqual({ of: 'user', isElsewhere: true });
    const night = unusual({ at: later + 3 * hour });
    expect(night?.of).toBe('user_hour');
    expect(night && 'hours' in night && usualHours(night.hours)).toEqual({ from: 9, to: 10 });
    expect(unusual({ at: later + 15 * hour, kind: 2, user: 0 })).toMatchObject({ of: 'kind_hour' });
  });

  it('is quiet about what everybody does, and about who only tried', () => {
    expect(bitsOf(login({}))).toBeNaN();
    expect(bitsOf(login({ network: vpn }))).toBeNaN();
    expect(bitsOf(login({ user: 999, network: abroad, outcome: failed }))).toBeNaN();
  });

  it('finds a user nobody knows, a network nobody comes from, a host and an hour that are not theirs', () => {
    expect(bitsOf(login({ user: 999 }))).toBeGreaterThan(6);
    expect(bitsOf(login({ network: abroad }))).toBeGreaterThan(9);
    expect(bitsOf(login({ user: ben, network: abroad }))).toBeGreaterThan(
      bitsOf(login({ user: anna, network: abroad })),
    );
    expect(bitsOf(login({ host: database }))).toBeGreaterThan(6);
    expect(bitsOf(login({ at: later + 3 * hour }))).toBeGreaterThan(6);
    // A stranger from nowhere is stranger than a new colleague.
    expect(bitsOf(login({ user: 999, network: abroad }))).toBeGreaterThan(bitsOf(login({ user: 999 })) + 3);
  });

  it("finds the night's job at noon", () => {
    expect(bitsOf({ at: later + 13 * hour, kind: 2, host: gateway })).toBeGreaterThan(6);
    expect(bitsOf({ at: later + 2 * hour, kind: 2, host: gateway })).toBeNaN();
  });

  it('tells a combination once, not with each line of the session', () => {
    const session = times(6, (index) => login({ network: abroad, at: later + 9 * hour + index * minute }));
    expect(said(scored(whoWhere as never, usual, session))).toEqual([0]);
  });
});

describe('after_failures', () => {
  const attempt = (at: number, outcome: number, user = anna, network = office): Event => ({
    at,
    user,
    network,
    outcome,
  });
  /** Everybody mistypes once now and then. */
  const usual = times(400, (index) => {
    const at = monday + index * hour;
    return [...(index % 5 === 0 ? [attempt(at, failed, index % 7)] : []), attempt(at + minute, accepted, index % 7)];
  }).flat();

  it('finds the success behind guesses, the more the more there were', () => {
    const bitsOf = (count: number): number =>
      scored(afterFailures as never, usual, [
        ...times(count, (index) => attempt(later + index, failed, anna, abroad)),
        attempt(later + minute, accepted, anna, abroad),
      ]).at(-1) ?? NaN;
    expect(bitsOf(1)).toBeNaN();
    expect(bitsOf(10)).toBeGreaterThan(6);
    expect(bitsOf(300)).toBeGreaterThan(bitsOf(10));
  });

  it('finds one password tried on many users from one network', () => {
    const spray = times(30, (index) => attempt(later + index, failed, 1000 + index, abroad));
    expect(
      said(scored(afterFailures as never, usual, [...spray, attempt(later + minute, accepted, 1029, abroad)])),
    ).toEqual([30]);
  });

  it("tells it once, and leaves somebody else's success alone", () => {
    const guesses = times(30, (index) => attempt(later + index, failed, anna, abroad));
    const after = [
      attempt(later + minute, accepted, ben, office),
      attempt(later + minute, accepted, anna, abroad),
      attempt(later + minute, accepted, anna, abroad),
    ];
    expect(said(scored(afterFailures as never, usual, [...guesses, ...after]))).toEqual([31]);
  });

  it('is quiet where successes behind many failures are the rule', () => {
    const batch = times(100, (index) => [
      ...times(20, (failure) => attempt(monday + index * hour + failure, failed)),
      attempt(monday + index * hour + minute, accepted),
    ]).flat();
    expect(said(scored(afterFailures as never, batch, batch.slice(0, 210)))).toEqual([]);
  });
});

describe('travel', () => {
  const seen = (at: number, network: number, user = anna, outcome: number = accepted): Event => ({
    ...{ at, network, user, outcome },
    flags: network === office || network === vpn ? valueFlags.isInside : 0,
  });
  /** The office all day; a day in the branch every week; office and VPN side by side. */
  const usual = times(60, (index) => {
    const at = monday + index * day;
    const place = index % 7 === 4 ? branch : office;
    return times(30, (login) =>
      seen(at + 9 * hour + login * 10 * minute, place === office && login % 10 === 9 ? vpn : place),
    );
  }).flat();
  const both = (first: number, second: number, gapMs: number): number[] => {
    // The log's time is the median of the last stamps: some lines pass.
    const pass = (at: number): Event[] => times(9, (index) => ({ at: at + index }));
    return said(
      scored(travel as never, usual, [
        ...pass(later),
        seen(later, first),
        ...pass(later + gapMs),
        seen(later + gapMs, second),
      ]),
    );
  };

  it('finds one user in two places at once', () => {
    expect(both(office, abroad, minute)).toEqual([19]);
    expect(both(branch, abroad, 5000)).toEqual([19]);
    expect(both(office, branch, minute)).toEqual([19]);
  });

  it('is quiet about the time that a journey takes, about desk and VPN, and about who failed', () => {
    expect(both(office, branch, 24 * hour)).toEqual([]);
    expect(both(office, vpn, minute)).toEqual([]);
    const tries = [
      ...times(9, (index): Event => ({ at: later + index })),
      seen(later, office),
      seen(later, abroad, anna, failed),
    ];
    expect(said(scored(travel as never, usual, tries))).toEqual([]);
  });

  it('tells the journey, not the way back', () => {
    const away = [
      ...times(9, (index): Event => ({ at: later + index })),
      ...times(6, (index) => seen(later + index, index % 2 ? abroad : office)),
    ];
    expect(said(scored(travel as never, usual, away))).toEqual([10]);
  });
});
