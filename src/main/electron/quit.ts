/** @file Quitting: when nothing of the analyst's is on its way any more the windows go, the app closes its jobs and its store, then the process ends. */
import { forStderr } from '../../shared/errors.ts';
import { app as electronApp, BrowserWindow } from 'electron';

/** A store that does not close in this time is left as a crash would leave it, which loses nothing. */
const deadlineMs = 10_000;

/** `mayGo`: whether everything is saved, or goes all the same. */
export function closeBeforeQuit({ mayGo, close }: { mayGo: () => Promise<boolean>; close: () => Promise<void> }): void {
  let isClosed = false;
  let closing: Promise<void> | undefined;
  electronApp.on('before-quit', (event) => {
    if (isClosed) return;
    event.preventDefault();
    // Asked again while it closes: there is one closing, and it is waited for.
    if (closing) return;
    closing = end();
  });
  const end = async (): Promise<void> => {
    if (!(await mayGo())) {
      closing = undefined;
      return;
    }
    for (const window of BrowserWindow.getAllWindows()) window.hide();
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, deadlineMs).unref());
    try {
      await Promise.race([close(), deadline]);
    } catch (error) {
      console.error('Closing failed:', forStderr(error));
    }
    isClosed = true;
    electronApp.quit();
  };
  electronApp.on('window-all-closed', () => electronApp.quit());
}
