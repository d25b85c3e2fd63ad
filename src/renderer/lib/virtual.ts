/**
 * @file Maths of a list of equal rows that may be taller than Chromium lets an element be (16,777,200 px). Up to `maximumCanvas`
 * the canvas is as tall as the rows; above, the scroll range is scaled and the list keeps its own offset in row pixels.
 */

/** Well below the cap, so that zoomed and high-density screens stay below it too. */
export const maximumCanvas = 8_000_000;

export type VirtualLayout = {
  rowCount: number;
  rowHeight: number;
  viewportHeight: number;
  /** Free height below the last row, and kept free below a row that is brought into view. */
  footerHeight: number;
  /** Height of all rows. */
  totalHeight: number;
  /** Height of the scrolled element. */
  canvasHeight: number;
  /** Row pixels per scrolled pixel; 1 where nothing is scaled. */
  scale: number;
};

export function layoutOf(rowCount: number, rowHeight: number, viewportHeight: number, footerHeight = 0): VirtualLayout {
  const totalHeight = rowCount * rowHeight + footerHeight;
  const canvasHeight = Math.min(totalHeight, maximumCanvas);
  const range = canvasHeight - viewportHeight;
  const scale = totalHeight > canvasHeight && range > 0 ? (totalHeight - viewportHeight) / range : 1;
  return { rowCount, rowHeight, viewportHeight, footerHeight, totalHeight, canvasHeight, scale };
}

export function clampOffset(layout: VirtualLayout, offset: number): number {
  return Math.max(0, Math.min(offset, layout.totalHeight - layout.viewportHeight));
}

export function offsetToScroll(layout: VirtualLayout, offset: number): number {
  return clampOffset(layout, offset) / layout.scale;
}

export function scrollToOffset(layout: VirtualLayout, scrollTop: number): number {
  return clampOffset(layout, scrollTop * layout.scale);
}

/** First and one-past-last row to render. */
export function rowWindow(layout: VirtualLayout, offset: number, overscan: number): { first: number; end: number } {
  if (layout.rowCount === 0 || layout.rowHeight <= 0) return { first: 0, end: 0 };
  const first = Math.floor(offset / layout.rowHeight) - overscan;
  const end = Math.ceil((offset + layout.viewportHeight) / layout.rowHeight) + overscan;
  return { first: Math.max(0, first), end: Math.min(layout.rowCount, end) };
}

/** The offset that shows a row with as little movement as possible; the same offset where it is fully shown already. */
export function offsetShowing(layout: VirtualLayout, offset: number, index: number): number {
  const top = index * layout.rowHeight;
  if (top < offset) return clampOffset(layout, top);
  const free = Math.max(layout.rowHeight, layout.viewportHeight - layout.footerHeight);
  if (top + layout.rowHeight > offset + free) return clampOffset(layout, top + layout.rowHeight - free);
  return offset;
}

export function offsetCentring(layout: VirtualLayout, index: number): number {
  return clampOffset(layout, index * layout.rowHeight - (layout.viewportHeight - layout.rowHeight) / 2);
}
