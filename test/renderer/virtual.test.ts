/** @file Virtual lists: the last row must be reachable and no element may pass what Chromium allows. */
import { describe, expect, it } from 'vitest';
import {
  clampOffset,
  layoutOf,
  maximumCanvas,
  offsetCentring,
  offsetShowing,
  offsetToScroll,
  rowWindow,
  scrollToOffset,
} from '../../src/renderer/lib/virtual.ts';

describe('a list that fits', () => {
  const layout = layoutOf(1000, 43, 700);

  it('is not scaled', () => {
    expect(layout.scale).toBe(1);
    expect(layout.canvasHeight).toBe(43_000);
    expect(scrollToOffset(layout, 1234)).toBe(1234);
  });

  it('renders what is on screen and a little around', () => {
    expect(rowWindow(layout, 430, 2)).toEqual({ first: 8, end: 29 });
    expect(rowWindow(layout, 0, 8).first).toBe(0);
    expect(rowWindow(layout, clampOffset(layout, Infinity), 8).end).toBe(1000);
  });
});

describe('a list of ten million rows', () => {
  const layout = layoutOf(10_365_152, 20, 700);

  it('stays below the height that Chromium allows', () => {
    expect(layout.canvasHeight).toBe(maximumCanvas);
    expect(layout.canvasHeight).toBeLessThan(16_777_200);
  });

  it('reaches the first and the last row by scrolling', () => {
    expect(scrollToOffset(layout, 0)).toBe(0);
    const bottom = scrollToOffset(layout, layout.canvasHeight - layout.viewportHeight);
    expect(rowWindow(layout, bottom, 0).end).toBe(10_365_152);
    expect(bottom).toBeCloseTo(layout.totalHeight - layout.viewportHeight, 3);
  });

  it('maps offsets to the scroll bar and back', () => {
    for (const row of [1, 77_777, 5_000_000, 10_365_000]) {
      const offset = offsetCentring(layout, row);
      expect(scrollToOffset(layout, offsetToScroll(layout, offset))).toBeCloseTo(offset, 3);
    }
  });
});

describe('bringing a row into view', () => {
  const layout = layoutOf(100, 43, 430, 56);

  it('moves only when it has to', () => {
    expect(offsetShowing(layout, 86, 5)).toBe(86);
    expect(offsetShowing(layout, 86, 1)).toBe(43);
  });

  it('keeps the foot free, where notices float', () => {
    expect(offsetShowing(layout, 0, 9)).toBe(10 * 43 - (430 - 56));
    expect(offsetShowing(layout, 0, 99)).toBe(100 * 43 + 56 - 430);
  });
});

describe('odd sizes', () => {
  it('survive an empty list and a view without height', () => {
    expect(rowWindow(layoutOf(0, 43, 700), 0, 8)).toEqual({ first: 0, end: 0 });
    expect(clampOffset(layoutOf(3, 43, 700), 500)).toBe(0);
    expect(rowWindow(layoutOf(10, 43, 0), 0, 0)).toEqual({ first: 0, end: 0 });
  });
});
