/** @file The regions of the window that F6 goes through, and what can be scrolled by a key from anywhere. */

/** The parts of the shell that name themselves; what is inside them is found by Tab. */
const regionSelector = '[data-region]';
const focusable =
  'button:not(:disabled), input:not(:disabled), select, textarea, a[href], summary, [tabindex]:not([tabindex="-1"])';

function isShown(element: HTMLElement): boolean {
  return element.checkVisibility({ visibilityProperty: true });
}

/** Puts the focus into the next region (`step` 1) or the one before (-1): where it was there last, else on the first thing in it. */
export function moveRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>(regionSelector)].filter(isShown);
  if (regions.length === 0) return;
  const active = document.activeElement;
  const at = regions.findLastIndex((region) => region.contains(active));
  if (at >= 0 && active instanceof HTMLElement) lastIn.set(regions[at] as HTMLElement, active);
  const start = at < 0 && step < 0 ? 0 : at;
  const next = regions[(start + step + regions.length) % regions.length];
  if (next) focusIn(next);
}

const lastIn = new WeakMap<HTMLElement, HTMLElement>();

function focusIn(region: HTMLElement): void {
  const before = lastIn.get(region);
  const target =
    before?.isConnected === true && isShown(before)
      ? before
      : // The list or the text that the region is about comes before its buttons.
        (region.querySelector<HTMLElement>('[data-focus]') ??
        [...region.querySelectorAll<HTMLElement>(focusable)].find(isShown) ??
        region);
  if (target === region) region.tabIndex = -1;
  target.focus();
}

/** How much of a screen one press goes on: some lines stay, so that the eye finds its place. */
const shareOfScreen = 0.85;

/** Scrolls what is read, wherever the focus is. False: nothing here scrolls. */
export function scrollReading(step: 1 | -1): boolean {
  const target = [...document.querySelectorAll<HTMLElement>('[data-scroll]')].find(isShown);
  target?.scrollBy({ top: step * shareOfScreen * target.clientHeight });
  return target !== undefined;
}
