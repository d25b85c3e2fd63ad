/** @file What happened in the stand-in, in order, for tests to look at: navigations, windows, downloads, requests to elsewhere, complaints. */
import { EventEmitter } from 'node:events';
import type { Event } from 'electron';

export type Entry =
  | { kind: 'will-navigate' | 'window-open'; url: string; isAllowed: boolean }
  | { kind: 'foreign-request'; url: string }
  | { kind: 'download'; url: string; isAllowed: boolean; savedTo: string | null }
  | { kind: 'save-dialog'; suggested: string; path: string | null }
  | { kind: 'notification'; title: string; body: string }
  | { kind: 'focus' | 'restore' | 'load'; windowId: number }
  | { kind: 'render-process-gone'; reason: string }
  /** The app ends by `quit` or `exit`, with so many of its worker threads still running. */
  | { kind: 'quit'; threads: number }
  | { kind: 'error-box' | 'message-box'; text: string }
  | { kind: 'preload-error' | 'complaint'; text: string };

/** Emits `entry` for every one that is added. */
export const history = new EventEmitter<{ entry: [Entry] }>();
export const entries: Entry[] = [];

export function record(entry: Entry): void {
  entries.push(entry);
  history.emit('entry', entry);
}

/** An event as Electron hands it to listeners that may prevent something. */
export function cancellable<P extends object>(parameters: P): Event<P> {
  let isPrevented = false;
  return {
    ...parameters,
    preventDefault: () => {
      isPrevented = true;
    },
    get defaultPrevented() {
      return isPrevented;
    },
  };
}
