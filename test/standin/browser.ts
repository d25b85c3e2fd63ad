/** @file The Chromium behind the windows: started over a pipe, so that it ends with this process, whatever ends that. Reaches no network. */
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { CdpConnection, type CdpParameters, type CdpSession } from './cdp.ts';

const switches = [
  '--headless',
  '--no-sandbox', // as root there is none
  '--no-first-run',
  '--no-startup-window',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--disable-quic',
  '--disable-popup-blocking', // Electron has none; its window-open handler decides
  '--disable-dev-shm-usage',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-breakpad',
  '--password-store=basic',
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--remote-debugging-pipe',
  '--remote-debugging-port=0',
];

export type Target = { id: string; session: CdpSession; openerId: string | undefined; url: string };

export class Browser extends EventEmitter<{ page: [Target] }> {
  readonly root: CdpSession;
  /** Where tests connect with Playwright. */
  readonly endpoint: string;
  readonly downloads: string;

  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, connection: CdpConnection, endpoint: string, downloads: string) {
    super();
    this.#child = child;
    this.root = connection.root;
    this.endpoint = endpoint;
    this.downloads = downloads;
    this.root.on('Target.attachedToTarget', (event: CdpParameters) => {
      const info = event['targetInfo'] as { targetId: string; type: string; openerId?: string; url: string };
      const session = connection.session(String(event['sessionId']));
      // A page that nobody's page has opened: ours, or one of a test.
      if (!info.openerId) session.trySend('Runtime.runIfWaitingForDebugger');
      if (info.type === 'page')
        this.emit('page', { id: info.targetId, session, openerId: info.openerId, url: info.url });
    });
  }

  /** The profile lies in the folder of the user's data, as Electron's does. */
  static async launch(userData: string): Promise<Browser> {
    const executable = process.env['SURPRISAL_CHROMIUM'] ?? '/usr/bin/chromium';
    const profile = join(userData, 'chromium');
    const child = spawn(executable, [...switches, `--user-data-dir=${profile}`], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    });
    process.on('exit', () => child.kill('SIGKILL'));
    const [, , stderr, output, input] = child.stdio as [null, null, Readable, Writable, Readable];
    child.once('exit', (code) => {
      process.stderr.write(`Chromium ended with ${code}.\n`);
      process.exit(70);
    });
    const endpoint = await new Promise<string>((resolve) => {
      createInterface({ input: stderr }).on('line', (line) => {
        const found = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
        if (found) resolve(found);
      });
    });
    const connection = new CdpConnection(output, input);
    const downloads = join(profile, 'downloads');
    const browser = new Browser(child, connection, endpoint, downloads);
    await browser.root.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true });
    await browser.root.send('Browser.setDownloadBehavior', {
      behavior: 'allowAndName',
      downloadPath: downloads,
      eventsEnabled: true,
    });
    return browser;
  }

  /** Resolves when Chromium and all its processes have gone. */
  async stop(): Promise<void> {
    this.#child.removeAllListeners('exit');
    const gone = once(this.#child, 'exit');
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    this.root.trySend('Browser.close');
    await gone;
    clearTimeout(impatience);
  }

  /** A page of our own, attached to and still empty. */
  async newPage(size: { width: number; height: number }): Promise<Target> {
    const early: Target[] = [];
    const keep = (target: Target): void => void early.push(target);
    this.on('page', keep);
    const { targetId } = await this.root.send('Target.createTarget', { url: 'about:blank', newWindow: true, ...size });
    this.off('page', keep);
    const found = early.find((target) => target.id === targetId);
    if (found) return found;
    for (;;) {
      const [target] = (await once(this, 'page')) as [Target];
      if (target.id === targetId) return target;
    }
  }
}
