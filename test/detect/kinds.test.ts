import { describe, expect, it } from 'vitest';
import { fitKinds, KindModel, newsBits } from '../../src/main/detect/kinds.ts';
import { newsShare, taughtNewsShare } from '../../src/shared/news.ts';

const info = 1;
const fatal = 7;
const known = Array.from({ length: 20 }, (_unused, index) => ({
  key: index,
  severity: index === 0 ? fatal : info,
  processHash: index % 3,
  wordHashes: [100, 101 + index],
}));
const model = new KindModel(fitKinds(known));

describe('surprise of a new kind of line', () => {
  it('is not one constant: severity, process and words each count', () => {
    const usual = model.bits({ key: 1000, severity: info, processHash: 0, wordHashes: [100] });
    expect(model.bits({ key: 1000, severity: fatal, processHash: 0, wordHashes: [100] })).toBeGreaterThan(usual + 1);
    expect(model.bits({ key: 1000, severity: info, processHash: 99, wordHashes: [100] })).toBeGreaterThan(usual);
    expect(model.bits({ key: 1000, severity: info, processHash: 0, wordHashes: [999] })).toBeGreaterThan(usual);
  });

  it('has a direction: a harmless severity does not surprise because it is rare', () => {
    const debug = model.bits({ key: 1000, severity: 0, processHash: 0, wordHashes: [100] });
    expect(debug).toBeLessThanOrEqual(model.bits({ key: 1000, severity: info, processHash: 0, wordHashes: [100] }));
  });

  it('is small for a kind that came after training but was met while calibrating', () => {
    const kind = { key: 500, severity: info, processHash: 0, wordHashes: [100] };
    const met = new KindModel(fitKinds(known, [{ kind, events: 30 }]));
    expect(met.bits(kind)).toBeLessThan(0.1);
    expect(met.bits({ ...kind, key: 501 })).toBeGreaterThan(4);
  });

  it('is as large as news is rare, not as training by unknown kinds made it common (one unknown kind would hardly alert)', () => {
    const kind = { key: 1000, severity: info, processHash: 0, wordHashes: [100] };
    const [steady, lively] = [
      [50_000, 30_000],
      [500, ...Array.from({ length: 100 }, () => 1)],
    ];
    const rare = new KindModel(fitKinds(known, [], newsBits(steady)));
    expect(rare.bits(kind)).toBeCloseTo(model.bits(kind) + Math.log2(1e-4 * 80_001), 6);
    expect(newsBits(lively)).toBe(0);
  });

  it('is corrected from what was taught, not from more than that (news was made rarer twice)', () => {
    // One in a thousand came once, and as many were taught.
    const counts = [40_000, 20_000, ...Array.from({ length: 60 }, () => 1)];
    expect(taughtNewsShare(counts)).toBe(newsShare(counts));
    expect(newsBits(counts)).toBe(0);
    expect(newsBits(counts, { unknown: 1, events: 3000 })).toBe(0);
  });

  it('stays finite and positive when nothing was known', () => {
    const empty = new KindModel(fitKinds([]));
    const bits = empty.bits({ key: 1000, severity: -1, processHash: 5, wordHashes: [] });
    expect(Number.isFinite(bits)).toBe(true);
    expect(bits).toBeGreaterThanOrEqual(0);
  });
});
