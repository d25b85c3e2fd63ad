import { describe, expect, it } from 'vitest';
import { idleEvents, idleMs, Sessionizer } from '../../src/main/app/sessionizer.ts';

describe('sessions', () => {
  it('go on while the actor speaks and end with a long silence', () => {
    const sessions = new Sessionizer(10);
    expect(sessions.add('user', 1, 1, 0)).toBe(10);
    expect(sessions.add('user', 2, 2, 1000)).toBe(11);
    expect(sessions.add('user', 1, 3, idleMs)).toBe(10);
    expect(sessions.add('user', 1, 4, idleMs * 3)).toBe(12);
    sessions.finish();
    const byId = new Map(sessions.takeChanged().map((session) => [session.id, session]));
    expect(byId.get(10)).toMatchObject({ isOpen: false, eventCount: 2, firstEventId: 1, lastEventId: 3 });
    expect(byId.get(11)).toMatchObject({ isOpen: false });
    // Cut off by the end of the log: nobody saw it end.
    expect(byId.get(12)).toMatchObject({ isOpen: true, eventCount: 1 });
  });

  it('end by distance where the log has no times', () => {
    const sessions = new Sessionizer(1);
    const first = sessions.add('block', 1, 1, null);
    expect(sessions.add('block', 1, idleEvents, null)).toBe(first);
    expect(sessions.add('block', 1, idleEvents * 3, null)).not.toBe(first);
  });

  it('go on where the clock is set back, and end by distance until it has caught up', () => {
    const sessions = new Sessionizer(1);
    const day = 24 * 60 * 60_000;
    const first = sessions.add('user', 1, 1, 10 * day);
    expect(sessions.add('user', 1, 2, 9 * day)).toBe(first);
    const silent = sessions.add('user', 2, 3, 10 * day);
    expect(sessions.add('user', 3, 4, 9 * day)).not.toBe(silent);
    expect(sessions.add('user', 2, 5, 9 * day)).toBe(silent);
    const lost = sessions.add('user', 4, 6, 10 * day);
    expect(sessions.add('user', 4, 7 + idleEvents, 9 * day)).not.toBe(lost);
    // Set forward: what spoke before is long ago.
    expect(sessions.add('user', 1, 8 + idleEvents, 20 * day)).not.toBe(first);
  });

  it('of a million actors are bounded: ended ones go first, and those cut short are counted', () => {
    const sessions = new Sessionizer(1, 1000);
    const kept = sessions.add('host', 7, 1, 0);
    let eventId = 1;
    // Each actor speaks once, one every ten seconds: few are open at a time.
    for (let actor = 0; actor < 1_000_000; actor++) {
      sessions.add('address', actor, ++eventId, actor * 10_000);
      if (actor % 100 === 0) expect(sessions.add('host', 7, ++eventId, actor * 10_000)).toBe(kept);
      if (actor % 10_000 === 0) sessions.takeChanged();
    }
    expect(sessions.cutCount).toBe(0);
    expect(sessions.count).toBe(1_000_001);
    // All at the same time: those silent the longest go, without an end.
    const crowd = new Sessionizer(1, 1000);
    for (let actor = 0; actor < 1500; actor++) crowd.add('address', actor, actor + 1, 0);
    expect(crowd.cutCount).toBe(500);
    expect(crowd.takeChanged().every(({ isOpen }) => isOpen)).toBe(true);
    expect(crowd.add('address', 1499, 2000, 0)).toBe(1500);
    expect(crowd.add('address', 0, 2001, 0)).toBe(1501);
  });

  it('are the same when the same events come again (an import that goes on)', () => {
    const run = (): unknown[] => {
      const sessions = new Sessionizer(1, 50);
      const ids = Array.from({ length: 3000 }, (_, event) =>
        sessions.add('user', (event * event) % 211, event + 1, event % 13 === 0 ? null : event * 20_000),
      );
      sessions.finish();
      return [ids, sessions.takeChanged(), sessions.cutCount];
    };
    expect(run()).toEqual(run());
  });

  it('of different kinds of actor with equal hashes stay apart', () => {
    const sessions = new Sessionizer(1);
    expect(sessions.add('user', 7, 1, 0)).not.toBe(sessions.add('host', 7, 2, 0));
  });
});
