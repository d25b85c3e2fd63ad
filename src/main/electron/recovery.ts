/** @file Brings the window back when its process dies. Everything is in the store; a page that starts anew finds it there. */
import { app, dialog, type BrowserWindow } from 'electron';

/** More deaths than this within the span, and the user is asked instead. */
const maxRestarts = 3;
const spanMs = 60_000;

export function recoverFromCrashes(window: BrowserWindow, now: () => number): void {
  let deaths: number[] = [];
  const { webContents } = window;
  webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    console.error(`The window’s process ended (${reason}, exit code ${exitCode}). Its page starts anew.`);
    deaths = [...deaths.filter((at) => now() - at < spanMs), now()];
    if (deaths.length <= maxRestarts) webContents.reload();
    else void askWhatNext(window, reason);
  });
  webContents.on('did-fail-load', (_event, code, description, url, isMainFrame) => {
    if (!isMainFrame || webContents.isDestroyed()) return;
    if (code === aborted) return;
    dialog.showErrorBox('Surprisal’s window could not be loaded', `${url}: ${description} (${code})`);
  });
}

/** Chromium's ERR_ABORTED: something else was loaded instead, or nothing was to be. */
const aborted = -3;

async function askWhatNext(window: BrowserWindow, reason: string): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'error',
    message: 'The window of Surprisal keeps failing.',
    detail: `Its process ended ${maxRestarts + 1} times within a minute, the last time with “${reason}”. Verdicts and logs are safe in the workspace.`,
    buttons: ['Try again', 'Quit'],
    defaultId: 0,
    cancelId: 1,
  });
  if (response === 0 && !window.isDestroyed()) window.webContents.reload();
  else app.quit();
}
