/** @file Quitting: the windows go at once, the app closes its jobs and its store, and only then the process ends. */
import { app as electronApp, BrowserWindow } from 'electron';

/** A store that does not close in this time is left as a crash would leave it, which loses nothing. */
const deadlineMs = 10_000;

export function closeBeforeQuit(close: () => Promise<void>): void {
  let isClosed = false;
  let closing: Promise<void> | undefined;
  electronApp.on('before-quit', (event) => {
    if (isClosed) return;
    event.preventDefault();
    // Asked again while it closes: there is one closing, and it is waited for.
    if (closing) return;
    for (const window of BrowserWindow.getAllWindows()) window.hide();
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, deadlineMs).unref());
    closing = Promise.race([close(), deadline])
      .catch((error: unknown) => console.error('Closing failed:', error))
      .finally(() => {
        isClosed = true;
        electronApp.quit();
      });
  });
  electronApp.on('window-all-closed', () => electronApp.quit());
}
