/** @file `session.defaultSession`: who may have which permission, and which downloads may happen. Without handlers, Electron allows. */
import { copyFile } from 'node:fs/promises';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { DownloadItem, Session, WebContents } from 'electron';
import type { Browser } from './browser.ts';
import type { CdpParameters } from './cdp.ts';
import { nextSavePath } from './dialog.ts';
import { cancellable, record } from './history.ts';
import { only } from './only.ts';
import { fromPage } from './origin.ts';

type RequestHandler = NonNullable<Parameters<Session['setPermissionRequestHandler']>[0]>;
type CheckHandler = NonNullable<Parameters<Session['setPermissionCheckHandler']>[0]>;
export type Decision = { check: boolean; request: boolean };
type Permission = Parameters<CheckHandler>[1] & Parameters<RequestHandler>[1];

let requestHandler: RequestHandler | null = null;
let checkHandler: CheckHandler | null = null;

class StandInSession extends EventEmitter {
  setPermissionRequestHandler(handler: RequestHandler | null): void {
    requestHandler = handler;
  }
  setPermissionCheckHandler(handler: CheckHandler | null): void {
    checkHandler = handler;
  }
}

const emitter = new StandInSession();
emitter satisfies Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler'>;
export const session = only('session', { defaultSession: only('session.defaultSession', emitter) });

/** Chromium's names of what a page can ask for, with Electron's. */
const permissions: Record<string, Permission> = {
  geolocation: 'geolocation',
  notifications: 'notifications',
  camera: 'media',
  microphone: 'media',
  midi: 'midi',
  'clipboard-read': 'clipboard-read',
  'clipboard-write': 'clipboard-sanitized-write',
  'persistent-storage': 'persistent-storage',
  'background-sync': 'background-sync',
  'idle-detection': 'idle-detection',
  'local-fonts': 'local-fonts',
  'window-management': 'window-management',
};

/** What the app's two handlers say: `check` when a page asks what it may, `request` when it does it. */
async function decide(contents: WebContents, permission: Permission, url: string): Promise<Decision> {
  const details = { isMainFrame: true, requestingUrl: url };
  const origin = new URL(url);
  const check = checkHandler?.(contents, permission, `${origin.protocol}//${origin.host}/`, details) ?? true;
  const handler = requestHandler;
  const request =
    !handler || (await new Promise<boolean>((resolve) => handler(contents, permission, resolve, details)));
  return { check, request };
}

/** Sets in Chromium what the app's handlers decide for the page about to be shown. */
export async function applyPermissions(
  browser: Browser,
  contents: WebContents,
  url: string,
  pageOrigin: string,
): Promise<void> {
  for (const [name, permission] of Object.entries(permissions)) {
    const { check, request } = await decide(contents, permission, url);
    const setting = check && request ? 'granted' : 'denied';
    await browser.root.send('Browser.setPermission', { permission: { name }, setting, origin: pageOrigin });
  }
}

/** For tests: the app's word on every permission that the stand-in knows. */
export async function decideAll(contents: WebContents, url: string): Promise<Record<string, Decision>> {
  const names = [...new Set(Object.values(permissions))];
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await decide(contents, name, url)])));
}

/** A download as the app sees it. Chromium has put it where no user looks; it is saved only when the app lets it be. */
class Download implements Pick<DownloadItem, 'getURL'> {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }
  getURL(): string {
    return this.#url;
  }
}

/** `contentsOf` finds the page a frame belongs to. */
export function watchDownloads(browser: Browser, contentsOf: (frameId: string) => WebContents | undefined): void {
  /** Those let through, by Chromium's id, with their address. */
  const running = new Map<string, string>();
  browser.root.on('Browser.downloadWillBegin', (begun: CdpParameters) => {
    const url = fromPage(String(begun['url']));
    const guid = String(begun['guid']);
    const event = cancellable({});
    const item = only('DownloadItem', new Download(url));
    emitter.emit('will-download', event, item, contentsOf(String(begun['frameId'])));
    if (!event.defaultPrevented) return void running.set(guid, url);
    browser.root.trySend('Browser.cancelDownload', { guid });
    record({ kind: 'download', url, isAllowed: false, savedTo: null });
  });
  browser.root.on('Browser.downloadProgress', (progress: CdpParameters) => {
    const guid = String(progress['guid']);
    const url = running.get(guid);
    if (url === undefined || progress['state'] === 'inProgress') return;
    running.delete(guid);
    // Without a path of the app's, Electron asks the user.
    const path = nextSavePath();
    const finish = (savedTo: string | null): void => record({ kind: 'download', url, isAllowed: true, savedTo });
    if (progress['state'] !== 'completed' || path === undefined) return finish(null);
    const source = typeof progress['filePath'] === 'string' ? progress['filePath'] : join(browser.downloads, guid);
    copyFile(source, path).then(
      () => finish(path),
      () => finish(null),
    );
  });
}
