/** @file The one window: sandboxed, isolated, on its own protocol, unable to navigate or to open windows. */
import { BrowserWindow } from 'electron';
import { keepWindowState, readWindowState } from './windowState.ts';

export const appOrigin = 'app://surprisal';

export type WindowOptions = { preloadPath: string; statePath: string; hasDevTools: boolean };

/** Starts loading at once; main must answer requests from the same turn on. */
export function createWindow({ preloadPath, statePath, hasDevTools }: WindowOptions): BrowserWindow {
  const state = readWindowState(statePath);
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    ...state.bounds,
    minWidth: 720,
    minHeight: 480,
    show: false,
    backgroundColor: '#0A0C10',
    title: 'Surprisal',
    webPreferences: {
      preload: preloadPath,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      devTools: hasDevTools,
    },
  });
  keepWindowState(window, statePath);
  window.once('ready-to-show', () => {
    if (state.isMaximized) window.maximize();
    window.show();
  });
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  // The page never leaves itself; whatever wants it to comes from elsewhere, a dropped file for one.
  window.webContents.on('will-navigate', (event) => event.preventDefault());
  // What went wrong is said by `did-fail-load` (recovery.ts).
  window.loadURL(`${appOrigin}/index.html`).catch(() => undefined);
  return window;
}

/** Shows the window to somebody who has started the app again. */
export function bringToFront(window: BrowserWindow | undefined): void {
  if (!window) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
