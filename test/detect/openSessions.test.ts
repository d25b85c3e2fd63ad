import { describe, expect, it } from 'vitest';
import { Fusion, fitFusion, type DetectorColumn } from '../../src/main/detect/fusion.ts';
import { drawCuts, openGroup } from '../../src/main/detect/openSessions.ts';
import { Random } from '../../src/shared/random.ts';

describe('sessions that the end of the log cuts off', () => {
  it('are cut anywhere, in proportion to the events that they have', () => {
    const counts = [1, 11, 101];
    const cuts = drawCuts(counts, 11_000, 1);
    expect(cuts.filter(({ session }) => session === 0)).toEqual([]);
    const short = cuts.filter(({ session }) => session === 1).length;
    expect(short).toBeGreaterThan(850);
    expect(short).toBeLessThan(1150);
    expect(cuts.every(({ session, count }) => count >= 1 && count < (counts[session] ?? 0))).toBe(true);
    expect(new Set(cuts.map(({ count }) => count)).size).toBe(100);
    expect(drawCuts([1, 1], 5, 1)).toEqual([]);
  });

  it('alarm no more often than others, being calibrated by themselves (by closed ones two in five of them alarm)', () => {
    const alpha = 0.01;
    const random = new Random(3);
    // What a detector of absence gives: closed sessions lack little, cut ones anything.
    const closed = (count: number): DetectorColumn[] => [
      { id: 'count_vector', scores: Float32Array.from({ length: count }, () => 0.1 * random.share() ** 4) },
    ];
    const cut = (count: number): DetectorColumn[] => [
      {
        id: 'count_vector',
        scores: Float32Array.from({ length: count }, () => (random.chance(0.6) ? 0.1 : 1) * random.share()),
      },
    ];
    const columns = closed(1000);
    const fusion = new Fusion(fitFusion({ columns, apart: [{ key: openGroup, columns: cut(1000) }] }));
    const rate = (fresh: DetectorColumn[], group: number): number => {
      const ordered = fusion.columnsOf(fresh);
      const { length } = fresh[0]?.scores ?? [];
      return (
        Array.from({ length: length ?? 0 }, (_, row) => fusion.score(ordered, row, group)).filter(
          (score) => score >= -Math.log10(alpha),
        ).length / (length ?? 1)
      );
    };
    expect(rate(cut(5000), -1)).toBeGreaterThan(0.3);
    expect(rate(cut(5000), fusion.groupOf(openGroup))).toBeLessThan(3 * alpha);
    expect(rate(closed(5000), -1)).toBeLessThan(3 * alpha);
  });
});
