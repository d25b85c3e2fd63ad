/** @file Folding: catches alerts that are lost or counted twice, a worse one hidden under a lesser, and a log that is followed folding other than a batch. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  culpritShares,
  fingerprintOf,
  kindsOfSignature,
  similarityOf,
  type AlertProfile,
} from '../../src/main/detect/fingerprint.ts';
import { Folding, type FoldedAlert, type Head } from '../../src/main/detect/folding.ts';
import { createKeyedHash } from '../../src/main/text/keyedHash.ts';

const settings = { cooldownSeconds: 300, similarity: 0.8 };
const hash = createKeyedHash(new Uint8Array(32).fill(7));

function alertOf(eventId: number, atSeconds: number | null, changes: Partial<FoldedAlert> = {}): FoldedAlert {
  const profile: AlertProfile = changes.profile ?? { actor: 'anna', culprits: [[4, 1]] };
  const { severity = 3 } = changes;
  const own = {
    eventId,
    at: atSeconds === null ? null : atSeconds * 1000,
    isShown: true,
    severity,
    ownSeverity: severity,
    isClosed: false,
    hiddenBy: '',
  };
  return { ...own, head: null, fingerprint: fingerprintOf(hash, 'syslog sshd', profile), ...changes, profile };
}

const fold = (alerts: readonly FoldedAlert[], using = settings): (number | null)[] => {
  const folding = new Folding(using);
  return alerts.map((alert) => folding.add(alert));
};

describe('what an alert is like', () => {
  it('is not the harmless line alone that an attack ended with', () => {
    const attack: AlertProfile = { actor: 'anna', culprits: [[4, 0.6], [9, 0.4]] }; // prettier-ignore
    const ordinary: AlertProfile = { actor: 'anna', culprits: [[4, 1]] };
    expect(kindsOfSignature('order', 4, attack)).toEqual([4, 9]);
    expect(kindsOfSignature('order', 4, ordinary)).toEqual([4]);
    // A kind never seen surprises by itself, whatever is around it.
    expect(kindsOfSignature('unseen', 4, attack)).toEqual([4]);
  });

  it('names the three kinds of line with most of the surprise, with their shares', () => {
    const surprises = [
      { templateIndex: 7, score: 2 },
      { templateIndex: 3, score: 4 },
      { templateIndex: 7, score: 2 },
      { templateIndex: 1, score: 2 },
      { templateIndex: 9, score: 1 },
    ];
    expect(culpritShares(surprises)).toEqual([
      [3, 0.4],
      [7, 0.4],
      [1, 0.2],
    ]);
  });

  it('gives a quarter to the actor and the rest to what kinds of line share', () => {
    const one: AlertProfile = { actor: 'a', culprits: [[1, 0.6], [2, 0.4]] }; // prettier-ignore
    const other: AlertProfile = { actor: 'a', culprits: [[2, 0.7], [3, 0.3]] }; // prettier-ignore
    expect(similarityOf(one, other)).toBeCloseTo(0.25 + 0.75 * 0.4);
    expect(similarityOf(one, { ...other, actor: 'b' })).toBeCloseTo(0.75 * 0.4);
    expect(similarityOf(one, one)).toBeCloseTo(1);
  });

  it('has one fingerprint whichever of the kinds surprised most, and another for another actor or group', () => {
    const profile = (culprits: AlertProfile['culprits'], actor = 'a'): AlertProfile => ({ actor, culprits });
    const print = fingerprintOf(hash, 'g', profile([[1, 0.6], [2, 0.4]])); // prettier-ignore
    expect(fingerprintOf(hash, 'g', profile([[2, 0.9], [1, 0.1]]))).toBe(print); // prettier-ignore
    expect(fingerprintOf(hash, 'g', profile([[1, 0.6], [2, 0.4]], 'b'))).not.toBe(print); // prettier-ignore
    expect(fingerprintOf(hash, 'h', profile([[1, 0.6], [2, 0.4]]))).not.toBe(print); // prettier-ignore
  });
});

describe('folding', () => {
  it('counts what comes within the cooldown of the last by the first, and begins anew after a quiet time', () => {
    expect(fold([alertOf(1, 0), alertOf(2, 300), alertOf(3, 600), alertOf(4, 901)])).toEqual([null, 1, 1, null]);
  });

  it('folds by similarity, of the same actor at 0.8 and of another at 0.7', () => {
    const alike = { actor: 'anna', culprits: [[4, 0.8], [5, 0.2]] } satisfies AlertProfile as AlertProfile; // prettier-ignore
    const stranger = { ...alike, actor: 'bert' };
    const unlike = { actor: 'anna', culprits: [[5, 1]] } satisfies AlertProfile as AlertProfile;
    const alerts = [
      alertOf(1, 0),
      alertOf(2, 1, { profile: alike }),
      alertOf(3, 2, { profile: stranger }),
      alertOf(4, 3, { profile: unlike }),
    ];
    expect(fold(alerts)).toEqual([null, 1, null, null]);
    expect(fold(alerts, { ...settings, similarity: 0.6 })).toEqual([null, 1, 1, null]);
  });

  it('hides nothing more severe, nothing shown under what is not, nothing without a time, and adds nothing to a decided one', () => {
    const before = alertOf(1, 0);
    expect(fold([before, alertOf(2, 1, { severity: 4 }), alertOf(3, 2, { severity: 4 })])).toEqual([null, null, 2]);
    expect(fold([alertOf(1, 0, { isShown: false }), alertOf(2, 1)])).toEqual([null, null]);
    expect(fold([alertOf(1, null), alertOf(2, null)])).toEqual([null, null]);
    const closed = alertOf(1, 0, { isClosed: true });
    expect(fold([closed, alertOf(2, 1, { head: 1 }), alertOf(3, 2)])).toEqual([null, 1, null]);
  });

  it('keeps under a decided one what it counted, but for what is found to be more severe by itself', () => {
    const closed = alertOf(1, 0, { isClosed: true });
    const counted = { head: 1, fingerprint: closed.fingerprint };
    // Another verdict made it a known threat; the threshold moved between the two.
    expect(fold([closed, alertOf(2, 1, { ...counted, severity: 4, ownSeverity: 3 })])).toEqual([null, 1]);
    expect(fold([{ ...closed, isShown: false }, alertOf(2, 1, counted)])).toEqual([null, 1]);
    expect(fold([closed, alertOf(2, 1, { ...counted, severity: 4, ownSeverity: 4 })])).toEqual([null, null]);
  });
});

const anAlert = fc.record({
  step: fc.integer({ min: -400, max: 400 }),
  kind: fc.integer({ min: 0, max: 2 }),
  share: fc.constantFrom(0.5, 0.7, 0.9, 1),
  actor: fc.constantFrom('a', 'b'),
  severity: fc.integer({ min: 1, max: 3 }),
  isShown: fc.boolean(),
  hasTime: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
});
const aLog = fc.array(anAlert, { maxLength: 60 }).map((parts) => {
  let at = 10_000;
  return parts.map(({ step, kind, share, actor, severity, isShown, hasTime }, index) => {
    at += step;
    const culprits: AlertProfile['culprits'] = share === 1 ? [[kind, 1]] : [[kind, share], [kind + 1, 1 - share]]; // prettier-ignore
    return alertOf(index + 1, hasTime ? at : null, { severity, isShown, profile: { actor, culprits } });
  });
});

describe('folding of any log', () => {
  it('loses none: every alert is a head or counted by one head that stands before it, as severe and as visible', () => {
    fc.assert(
      fc.property(aLog, fc.constantFrom(0.5, 0.7, 0.8, 1), (log, similarity) => {
        const heads = fold(log, { ...settings, similarity });
        const counts = new Map<number, number>();
        heads.forEach((head, index) => {
          const alert = log[index] as FoldedAlert;
          counts.set(head ?? alert.eventId, (counts.get(head ?? alert.eventId) ?? 0) + 1);
          if (head === null) return;
          const above = log[head - 1] as FoldedAlert;
          expect(heads[head - 1]).toBeNull();
          expect(head).toBeLessThan(alert.eventId);
          expect(above.severity).toBeGreaterThanOrEqual(alert.severity);
          expect(above.isShown).toBe(alert.isShown);
        });
        expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(log.length);
      }),
    );
  });

  it('heads alone fold no further into each other than they did', () => {
    fc.assert(
      fc.property(aLog, (any) => {
        // Where time goes back, what stood between two alerts may have kept them apart.
        let latest = -Infinity;
        const log = any.map((alert) => {
          if (alert.at === null) return alert;
          latest = Math.max(latest, alert.at);
          return { ...alert, at: latest };
        });
        const heads = fold(log);
        const alone = log.filter((_alert, index) => heads[index] === null);
        expect(fold(alone)).toEqual(alone.map(() => null));
      }),
    );
  });

  it('gives the same when it goes on from what was kept, wherever it was cut', () => {
    fc.assert(
      fc.property(aLog, fc.nat(), (log, where) => {
        const whole = fold(log);
        const cut = log.length === 0 ? 0 : where % log.length;
        const clock = Math.max(...log.slice(0, cut).map(({ at }) => at ?? -Infinity));
        const kept = new Map<number, Head>();
        log.slice(0, cut).forEach(({ at, ...alert }, index) => {
          if (at === null) return;
          const head = kept.get(whole[index] ?? 0);
          if (head) head.lastAt = Math.max(head.lastAt, at);
          else kept.set(alert.eventId, { ...alert, lastAt: at });
        });
        const folding = new Folding(settings);
        folding.restore([...kept.values()].filter(({ lastAt }) => lastAt >= clock - 300_000));
        expect(log.slice(cut).map((alert) => folding.add(alert))).toEqual(whole.slice(cut));
      }),
    );
  });
});
