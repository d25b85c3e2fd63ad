import { describe, expect, it } from 'vitest';
import { fitKinds, KindModel } from '../../src/main/detect/kinds.ts';

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

  it('stays finite and positive when nothing was known', () => {
    const empty = new KindModel(fitKinds([]));
    const bits = empty.bits({ key: 1000, severity: -1, processHash: 5, wordHashes: [] });
    expect(Number.isFinite(bits)).toBe(true);
    expect(bits).toBeGreaterThanOrEqual(0);
  });
});
