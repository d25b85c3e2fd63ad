/** @file Windows that a page opens by itself, `window.open` or a link: the app's window-open handler decides before anything is loaded. */
import type { HandlerDetails } from 'electron';
import type { Browser, Target } from './browser.ts';
import { record } from './history.ts';
import { fromPage } from './origin.ts';

export function watchPopups(browser: Browser, opener: Target, mayOpen: (details: HandlerDetails) => boolean): void {
  /** The windows, and what the app said to them, in the same order. */
  const popups: Target[] = [];
  const decisions: boolean[] = [];
  const settle = (): void => {
    while (popups.length > 0 && decisions.length > 0) {
      const popup = popups.shift();
      // In Chromium the window is there, halted and empty. It is let go in any case, because it halts its opener as well;
      // what is denied is closed, and could load nothing, because nothing answers it.
      popup?.session.trySend('Runtime.runIfWaitingForDebugger');
      if (!decisions.shift()) browser.root.trySend('Target.closeTarget', { targetId: popup?.id });
    }
  };
  opener.session.on('Page.windowOpen', (event: { url: string }) => {
    const url = fromPage(event.url);
    const referrer = { url: '', policy: 'default' as const };
    const isAllowed = mayOpen({ url, frameName: '', features: '', disposition: 'new-window', referrer });
    record({ kind: 'window-open', url, isAllowed });
    decisions.push(isAllowed);
    settle();
  });
  browser.on('page', (popup) => {
    if (popup.openerId === opener.id) popups.push(popup);
    settle();
  });
}
