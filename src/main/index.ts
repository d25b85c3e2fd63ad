/** @file Electron entry: one instance, one window, one app. Everything it does is done in `app/` and `electron/`. */
import { app as electronApp, BrowserWindow, dialog } from 'electron';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError, toErrorData } from '../shared/errors.ts';
import { openEntrance } from './app/entrance.ts';
import { Closing, waitWithClose } from './electron/closing.ts';
import { createElectronHost } from './electron/electronHost.ts';
import { carryOverIpc } from './electron/ipc.ts';
import { setMenu } from './electron/menu.ts';
import { registerScheme, serveRenderer } from './electron/protocol.ts';
import { closeBeforeQuit } from './electron/quit.ts';
import { recoverFromCrashes } from './electron/recovery.ts';
import { lockSession } from './electron/session.ts';
import { bringToFront, createWindow } from './electron/window.ts';

const here = import.meta.dirname;
const entry = (name: string): URL => pathToFileURL(join(here, `${name}.js`));

async function main(): Promise<void> {
  registerScheme();
  if (!electronApp.requestSingleInstanceLock()) {
    electronApp.quit();
    return;
  }
  electronApp.on('second-instance', () => bringToFront(BrowserWindow.getAllWindows()[0]));
  await electronApp.whenReady();
  const rendererDirectory = join(here, '../renderer');
  if (!existsSync(join(rendererDirectory, 'index.html')))
    throw new AppError(
      'BAD_INPUT',
      `${rendererDirectory} holds no page: the app is not built. Run npm run build once.`,
    );
  lockSession();
  serveRenderer(rendererDirectory);
  const menu = {
    isMac: process.platform === 'darwin',
    isPackaged: electronApp.isPackaged,
    choose: (command: string) => {
      bringToFront(window);
      page.tell({ topic: 'menu.chosen', data: { command } });
    },
  };
  const entries = {
    store: entry('storeThread'),
    engine: entry('engine'),
    import: entry('importThread'),
    textData: entry('textDataThread'),
    report: entry('reportThread'),
    trainer: entry('trainer'),
    adapt: entry('adapt'),
  };
  const closing = new Closing(() => page.tell({ topic: 'window.closing', data: null }));
  const host = createElectronHost(electronApp.getVersion(), entries, {
    setMenu: (commands) => setMenu({ ...menu, commands }),
    unsaved: closing.left,
  });
  const userData = electronApp.getPath('userData');
  const app = await openEntrance(host, {
    workspaceDirectory: process.env['SURPRISAL_WORKSPACE'] ?? join(userData, 'workspace'),
  });
  // Where there is no app the page has nothing to save.
  const mayGo = async (): Promise<boolean> => app.problem() !== undefined || closing.mayGo();
  closeBeforeQuit({ mayGo: async () => window.isDestroyed() || mayGo(), close: () => app.close() });
  const window = createWindow({
    preloadPath: join(here, '../preload/index.cjs'),
    hasDevTools: !electronApp.isPackaged,
    statePath: join(userData, 'window.json'),
  });
  waitWithClose(window, mayGo);
  const page = carryOverIpc(app, window);
  setMenu(menu);
  recoverFromCrashes(window, () => host.now());
}

main().catch((error: unknown) => {
  dialog.showErrorBox('Surprisal could not start', toErrorData(error).message);
  electronApp.exit(1);
});
