/** @file `webContents`: a page in Chromium with the preload in a world of its own, whose every request and message passes through here. */
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import type {
  Event,
  IpcMainInvokeEvent,
  RenderProcessGoneDetails,
  WebContents,
  WebContentsWillNavigateEventParams,
} from 'electron';
import type { Browser, Target } from './browser.ts';
import type { CdpParameters, CdpSession } from './cdp.ts';
import { createCodec } from './codec.ts';
import { Frames } from './frames.ts';
import { cancellable, record } from './history.ts';
import { answerInvoke, cloned } from './ipc.ts';
import { only } from './only.ts';
import { fromPage, toPage } from './origin.ts';
import { watchPopups } from './popups.ts';
import { answerRequest } from './protocol.ts';
import { applyPermissions } from './session.ts';
import { askedFiles, fileMark, preloadWorld, receiveFunction, sendBinding, worldScripts } from './worlds.ts';

type Offered = Pick<WebContents, 'id' | 'send' | 'reload' | 'getURL' | 'isDestroyed' | 'setWindowOpenHandler'>;
type Paused = {
  requestId: string;
  frameId: string;
  resourceType: string;
  request: { url: string; method: string; headers: Record<string, string> };
};
type Message = { id: number; channel: string; args: unknown[] } | { preloadError: string };

const codec = createCodec();
const aborted = -3;
let nextId = 1;

export class StandInContents extends EventEmitter implements Offered {
  readonly id = nextId++;
  readonly opened: Promise<void>;
  readonly #browser: Browser;
  readonly #expected = new Set<string>();
  readonly #probes = new Map<number, (text: string) => void>();
  #session: CdpSession | undefined;
  #target: Target | undefined;
  #frames: Frames | undefined;
  #isDestroyed = false;
  #nextProbe = -1;
  #windowOpenHandler: Parameters<WebContents['setWindowOpenHandler']>[0] | undefined;

  constructor(browser: Browser, options: { preload: string; size: { width: number; height: number } }) {
    super();
    this.#browser = browser;
    this.opened = this.#open(options);
  }

  get targetId(): string | undefined {
    return this.#target?.id;
  }

  /** What main hands to others and compares. */
  readonly guarded = only('webContents', this) as unknown as WebContents;

  hasFrame(frameId: string): boolean {
    return this.#frames?.has(frameId) ?? false;
  }

  getURL(): string {
    return this.#frames?.mainUrl ?? '';
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  setWindowOpenHandler(handler: Parameters<WebContents['setWindowOpenHandler']>[0]): void {
    this.#windowOpenHandler = handler;
  }

  send(channel: string, ...args: unknown[]): void {
    if (this.#isDestroyed) throw new Error('Object has been destroyed');
    this.#deliver(this.#frames?.contextOf(), { channel, args: cloned(args) });
  }

  reload(): void {
    this.#expected.add(this.getURL());
    this.#session?.trySend('Page.reload');
  }

  /** Rejects with what went wrong, after `did-fail-load`. */
  async load(url: string): Promise<void> {
    await this.opened;
    const session = this.#session as CdpSession;
    const pageUrl = toPage(url);
    if (url.startsWith('app:')) await applyPermissions(this.#browser, this.guarded, url, new URL(pageUrl).origin);
    this.#expected.add(url);
    const loaded = once(session, 'Page.loadEventFired');
    const { errorText } = await session.send('Page.navigate', { url: pageUrl });
    if (errorText) {
      this.emit('did-fail-load', cancellable({}), aborted, errorText, url, true, 0, 0);
      throw new Error(`${String(errorText)} loading '${url}'`);
    }
    await loaded;
  }

  close(): void {
    if (this.#target) this.#browser.root.trySend('Target.closeTarget', { targetId: this.#target.id });
  }

  /** For tests: what a renderer that is no longer ours could send from one of its frames. Gives the answer as it would arrive. */
  async sendAs(frameUrlPrefix: string | null, channel: string, args: unknown[]): Promise<unknown> {
    const frameId = frameUrlPrefix === null ? undefined : this.#frames?.findChild(frameUrlPrefix);
    if (frameUrlPrefix !== null && !frameId) throw new Error(`No frame is at ${frameUrlPrefix}.`);
    const contextId = this.#frames?.contextOf(frameId);
    const id = this.#nextProbe--;
    const answered = new Promise<string>((resolve) => this.#probes.set(id, resolve));
    const text = JSON.stringify(codec.encode({ id, channel, args }));
    await this.#session?.send('Runtime.evaluate', { expression: `${sendBinding}(${text})`, contextId });
    return codec.decode(await answered);
  }

  /** For tests: the page's process dies. */
  crash(): void {
    this.#session?.trySend('Page.crash');
  }

  async #open(options: { preload: string; size: { width: number; height: number } }): Promise<void> {
    const target = await this.#browser.newPage(options.size);
    const { session } = target;
    this.#target = target;
    this.#session = session;
    this.#frames = new Frames(session, target.id);
    session.on('detached', () => this.#gone());
    session.on('Inspector.targetCrashed', () => {
      const details: RenderProcessGoneDetails = { reason: 'crashed', exitCode: 5 };
      record({ kind: 'render-process-gone', reason: details.reason });
      this.emit('render-process-gone', cancellable({}), details);
    });
    session.on('Page.loadEventFired', () => {
      record({ kind: 'load', windowId: this.id });
      this.emit('did-finish-load');
    });
    session.on('Runtime.exceptionThrown', ({ exceptionDetails }: { exceptionDetails: CdpParameters }) => {
      const { description } = (exceptionDetails['exception'] ?? {}) as { description?: string };
      record({ kind: 'complaint', text: description ?? String(exceptionDetails['text']) });
    });
    session.on('Runtime.consoleAPICalled', ({ type, args }: { type: string; args: CdpParameters[] }) => {
      const text = args.map((argument) => String(argument['value'] ?? argument['description'])).join(' ');
      if (type === 'error') record({ kind: 'complaint', text });
    });
    session.on('Log.entryAdded', ({ entry }: { entry: { level: string; text: string } }) => {
      if (entry.level === 'error') record({ kind: 'complaint', text: entry.text });
    });
    session.on('Runtime.bindingCalled', (call: CdpParameters) => void this.#receive(call));
    session.on('Fetch.requestPaused', (paused: Paused) => {
      this.#answer(session, paused).catch(() => session.trySend('Fetch.failRequest', failed(paused, 'Failed')));
    });
    watchPopups(this.#browser, target, (details) => this.#windowOpenHandler?.(details).action !== 'deny');
    const scripts = worldScripts(readFileSync(options.preload, 'utf8'), randomBytes(16).toString('hex'));
    const newDocument = 'Page.addScriptToEvaluateOnNewDocument';
    await Promise.all([
      session.send('Page.enable'),
      session.send('Runtime.enable'),
      session.send('Log.enable'),
      session.send('Runtime.addBinding', { name: sendBinding, executionContextName: preloadWorld }),
      session.send(newDocument, { source: scripts.main }),
      session.send(newDocument, { source: scripts.preload, worldName: preloadWorld }),
      session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
      session.send('Runtime.runIfWaitingForDebugger'),
    ]);
  }

  async #answer(session: CdpSession, paused: Paused): Promise<void> {
    const { request, frameId, resourceType } = paused;
    const url = fromPage(request.url);
    const isMainNavigation = resourceType === 'Document' && frameId === this.#frames?.mainId;
    // The page's own address again is the user reloading it, which is nobody's to prevent.
    const isAsked = this.#expected.delete(url) || url === this.getURL();
    if (isMainNavigation && !isAsked) {
      const parameters: WebContentsWillNavigateEventParams = {
        url,
        isSameDocument: false,
        isMainFrame: true,
        frame: null,
      };
      const event: Event<WebContentsWillNavigateEventParams> = cancellable(parameters);
      this.emit('will-navigate', event, url, false, true, 0, 0);
      record({ kind: 'will-navigate', url, isAllowed: !event.defaultPrevented });
      if (event.defaultPrevented) return session.trySend('Fetch.failRequest', failed(paused, 'Aborted'));
    }
    const response = url.startsWith('app:') ? await answerRequest(url, request) : undefined;
    if (!response) {
      record({ kind: 'foreign-request', url });
      return session.trySend('Fetch.failRequest', failed(paused, 'AddressUnreachable'));
    }
    session.trySend('Fetch.fulfillRequest', {
      requestId: paused.requestId,
      responseCode: response.status,
      responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
      body: Buffer.from(await response.arrayBuffer()).toString('base64'),
    });
  }

  async #receive(call: CdpParameters): Promise<void> {
    const message = codec.decode(String(call['payload'])) as Message;
    if ('preloadError' in message) {
      process.stderr.write(`Unable to load preload script: ${message.preloadError}\n`);
      return record({ kind: 'preload-error', text: message.preloadError });
    }
    const contextId = Number(call['executionContextId']);
    const senderFrame = this.#frames?.senderOf(contextId) ?? null;
    const event = only('IpcMainInvokeEvent', {
      ...cancellable({ type: 'frame' as const, frameId: 0, processId: 0 }),
      sender: this.guarded,
      senderFrame,
    } satisfies IpcMainInvokeEvent);
    const answer = await answerInvoke(event, message.channel, await this.#withPaths(contextId, message.args)).then(
      (value) => ({ id: message.id, value }),
      (error: unknown) => ({ id: message.id, error: (error as Error).message }),
    );
    const probe = this.#probes.get(message.id);
    this.#probes.delete(message.id);
    if (probe) probe(codec.encode(answer));
    else this.#deliver(contextId, answer);
  }

  /** Puts the paths of files that the preload asked for in the place of their marks. A file that a script made has an empty one. */
  #withPaths(contextId: number, args: unknown[]): Promise<unknown[]> {
    return Promise.all(
      args.map(async (argument) => {
        const index =
          typeof argument === 'string' && argument.startsWith(fileMark) ? argument.slice(fileMark.length) : '';
        if (!/^\d+$/.test(index)) return argument;
        const expression = `${askedFiles}[${index}]`;
        const evaluated = await this.#session?.send('Runtime.evaluate', { expression, contextId });
        const { objectId } = (evaluated?.['result'] ?? {}) as { objectId?: string };
        return (await this.#session?.send('DOM.getFileInfo', { objectId }))?.['path'];
      }),
    );
  }

  #deliver(contextId: number | undefined, message: object): void {
    if (contextId === undefined) return;
    const expression = `${receiveFunction}(${JSON.stringify(codec.encode(message))})`;
    this.#session?.trySend('Runtime.evaluate', { expression, contextId });
  }

  #gone(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.emit('destroyed');
  }
}

function failed(paused: Paused, errorReason: string): CdpParameters {
  return { requestId: paused.requestId, errorReason };
}
