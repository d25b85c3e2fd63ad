/**
 * @file The hosts a specification runs over: the browser mode, the built Electron bundles in the stand-in, and Electron itself where its
 * runtime is. Each opens a fresh app and knows how a user chooses and keeps files there.
 */
import { _electron, chromium, expect, type Page } from '@playwright/test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StandIn } from '../standin/launch.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const viewport = { width: 1440, height: 900 };

export type HostName = 'browser' | 'stand-in' | 'electron';

export type OpenedHost = {
  page: Page;
  /** The user will choose these when next asked for files. Call it before the key that asks. */
  willChoose: (...paths: string[]) => Promise<void>;
  /** The user drops files on the window, as the system hands them to it. */
  drop: (...paths: string[]) => Promise<void>;
  /** Does what saves a file, and gives the path it was saved to. */
  saved: (act: () => Promise<void>) => Promise<string>;
  close: () => Promise<void>;
};

type Place = { directory: string; workspace: string; complaints: string[] };

export const hosts: Record<HostName, (place: Place) => Promise<OpenedHost>> = {
  browser: openBrowser,
  'stand-in': openStandIn,
  electron: openElectron,
};

/** A drag from outside, made by Chromium itself: the page gets files with paths of their own. */
async function drop(page: Page, files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data });
  await session.detach();
}

/** Resolves when the file is there, which it is only as a whole. */
async function appeared(path: string): Promise<string> {
  await expect.poll(() => existsSync(path)).toBe(true);
  return path;
}

function listen(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
}

async function openBrowser({ directory, workspace, complaints }: Place): Promise<OpenedHost> {
  const server = spawn(process.execPath, ['scripts/surprisal.mjs', 'browse', '--workspace', workspace], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [link] = (await once(server.stdout, 'data')) as [Buffer];
  const executablePath = process.env['SURPRISAL_CHROMIUM'];
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    // As root there is no sandbox for the browser; the rest keeps it from calling home.
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const page = await browser.newPage({ viewport });
  listen(page, complaints);
  // Listened to from the start: a listener added just before the key would reach the browser after it.
  let choice: string[] = [];
  page.on('filechooser', (chooser) => void chooser.setFiles(choice));
  await page.goto(link.toString().trim());
  return {
    page,
    willChoose: (...paths) => {
      choice = paths;
      return Promise.resolve();
    },
    drop: (...paths) => drop(page, paths),
    saved: async (act) => {
      const [download] = await Promise.all([page.waitForEvent('download'), act()]);
      const path = join(directory, download.suggestedFilename());
      await download.saveAs(path);
      return path;
    },
    close: async () => {
      await browser.close();
      server.kill('SIGTERM');
      await once(server, 'close');
    },
  };
}

async function openStandIn({ directory, workspace, complaints }: Place): Promise<OpenedHost> {
  const standIn = new StandIn({
    userData: join(directory, 'user-data'),
    env: { SURPRISAL_WORKSPACE: workspace },
    onEntry: (entry) => {
      if (entry.kind === 'complaint' || entry.kind === 'preload-error') complaints.push(entry.text);
    },
  });
  const page = await standIn.page();
  await page.setViewportSize(viewport);
  return {
    page,
    willChoose: (...paths) => standIn.ask('layOut', { open: paths }),
    drop: (...paths) => drop(page, paths),
    saved: async (act) => {
      const path = join(directory, 'saved');
      await standIn.ask('layOut', { save: path });
      await act();
      return appeared(path);
    },
    close: async () => {
      const code = await standIn.quit();
      if (code !== 0) throw new Error(`The app in the stand-in ended with ${code}:\n${standIn.output}`);
    },
  };
}

async function openElectron({ directory, workspace, complaints }: Place): Promise<OpenedHost> {
  const executablePath = process.env['SURPRISAL_ELECTRON'] ?? '';
  const app = await _electron.launch({
    executablePath,
    args: [
      root,
      `--user-data-dir=${join(directory, 'user-data')}`,
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
    env: { ...(process.env as Record<string, string>), SURPRISAL_WORKSPACE: workspace },
  });
  const page = await app.firstWindow();
  listen(page, complaints);
  await page.setViewportSize(viewport);
  return {
    page,
    willChoose: (...paths) =>
      app.evaluate(({ dialog }, filePaths) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths });
      }, paths),
    drop: (...paths) => drop(page, paths),
    saved: async (act) => {
      const path = join(directory, 'saved');
      await app.evaluate(({ dialog }, filePath) => {
        dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
      }, path);
      await act();
      return appeared(path);
    },
    close: () => app.close(),
  };
}
