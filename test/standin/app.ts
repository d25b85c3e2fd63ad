/** @file `app`: ready, the single instance, and quitting in Electron's order: before-quit, windows, will-quit, quit. */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';
import { cancellable, record } from './history.ts';
import { only } from './only.ts';
import { becomeReady, stopBrowser } from './ready.ts';
import { watchDownloads } from './session.ts';
import { takeLock } from './singleInstance.ts';
import { openWindows, windows } from './window.ts';

type Offered = Pick<
  App,
  'isPackaged' | 'whenReady' | 'requestSingleInstanceLock' | 'quit' | 'exit' | 'getVersion' | 'getPath'
>;

/** The folder Electron is started on; its package.json names and numbers the app. */
const appDirectory = process.cwd();

let threads = 0;
process.on('worker', (worker) => {
  threads++;
  worker.once('exit', () => threads--);
});

class StandInApp extends EventEmitter implements Offered {
  /** As `electron-builder` makes it when the test says so. */
  readonly isPackaged = process.env['SURPRISAL_STANDIN_PACKAGED'] === '1';
  #isQuitting = false;
  #hasAnnounced = false;

  async whenReady(): Promise<void> {
    const browser = await becomeReady(this.getPath('userData'));
    if (this.#hasAnnounced) return;
    this.#hasAnnounced = true;
    watchDownloads(
      browser,
      (frameId) => openWindows.find(({ window }) => window.contents.hasFrame(frameId))?.guarded.webContents,
    );
    process.send?.({ kind: 'ready', endpoint: browser.endpoint });
  }

  requestSingleInstanceLock(): boolean {
    return takeLock(this.getPath('userData'), (argv, workingDirectory) =>
      this.emit('second-instance', cancellable({}), argv, workingDirectory, undefined),
    );
  }

  getVersion(): string {
    return (JSON.parse(readFileSync(join(appDirectory, 'package.json'), 'utf8')) as { version: string }).version;
  }

  getPath(name: Parameters<App['getPath']>[0]): string {
    const userData = process.env['SURPRISAL_STANDIN_USER_DATA'];
    if (name !== 'userData' || !userData) throw new Error(`The stand-in for Electron has no path ${name}.`);
    return userData;
  }

  quit(): void {
    const before = cancellable({});
    this.emit('before-quit', before);
    if (before.defaultPrevented) return;
    this.#isQuitting = true;
    if (openWindows.length === 0) return this.#finish();
    windows.once('all-closed', () => this.#finish());
    for (const { window } of openWindows.slice()) window.close();
  }

  exit(code = 0): void {
    record({ kind: 'quit', threads });
    this.emit('quit', cancellable({}), code);
    void stopBrowser().finally(() => process.exit(code));
  }

  /** Without a listener, Electron quits with the last window. */
  allClosed(): void {
    if (this.#isQuitting) return;
    if (!this.emit('window-all-closed')) this.quit();
  }

  #finish(): void {
    const will = cancellable({});
    this.emit('will-quit', will);
    if (will.defaultPrevented) this.#isQuitting = false;
    else this.exit(0);
  }
}

const standIn = new StandInApp();
windows.on('all-closed', () => standIn.allClosed());
// As Electron does on POSIX.
process.on('SIGTERM', () => standIn.quit());
process.on('SIGINT', () => standIn.quit());

export const app = only('app', standIn);
