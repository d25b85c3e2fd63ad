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

  it('of different kinds of actor with equal hashes stay apart', () => {
    const sessions = new Sessionizer(1);
    expect(sessions.add('user', 7, 1, 0)).not.toBe(sessions.add('host', 7, 2, 0));
  });
});
