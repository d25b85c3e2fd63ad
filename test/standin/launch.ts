/** @file Starts the built app in the stand-in, for a test, and connects to its windows with Playwright. */
import { chromium, type Browser, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Commands } from './control.ts';
import type { Entry } from './history.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const register = new URL('register.ts', import.meta.url).href;

type Message =
  | { kind: 'ready'; endpoint: string }
  | { kind: 'entry'; entry: Entry }
  | { kind: 'answer'; id: number; value?: unknown; error?: string };

export type LaunchOptions = {
  userData: string;
  env?: Record<string, string>;
  /** The main script; the built app when left out. */
  main?: string;
  onEntry?: (entry: Entry) => void;
};

export class StandIn {
  readonly child: ChildProcess;
  readonly entries: Entry[] = [];
  /** Everything it wrote. */
  output = '';
  readonly exited: Promise<number | null>;
  readonly #events = new EventEmitter();
  readonly #pending = new Map<number, (message: Message & { kind: 'answer' }) => void>();
  readonly #endpoint: Promise<string>;
  readonly #onEntry: LaunchOptions['onEntry'];
  #nextId = 1;
  #browser: Browser | undefined;

  constructor({ userData, env = {}, main = 'out/main/index.js', onEntry }: LaunchOptions) {
    this.child = spawn(process.execPath, ['--import', register, main], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      env: { ...process.env, SURPRISAL_STANDIN_USER_DATA: userData, ...env },
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.#onEntry = onEntry;
    this.exited = once(this.child, 'close').then(([code]) => code as number | null);
    this.#endpoint = new Promise((resolve, reject) => {
      this.#events.once('ready', resolve);
      this.exited.then((code) => reject(new Error(`The stand-in ended with ${code}:\n${this.output}`)), reject);
    });
    this.#endpoint.catch(() => undefined);
    this.child.on('message', (message: Message) => this.#accept(message));
  }

  ask<K extends keyof Commands>(command: K, input: Commands[K]['input']): Promise<Commands[K]['output']> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, ({ value, error }) => {
        if (error === undefined) resolve(value as Commands[K]['output']);
        else reject(new Error(error));
      });
      this.exited.then(() => reject(new Error(`The stand-in is gone:\n${this.output}`)), reject);
      this.child.send({ id, command, input });
    });
  }

  /** The first entry of the kind from number `from` on, now or later, that fits. */
  async happened<K extends Entry['kind']>(
    kind: K,
    from = 0,
    fits: (entry: Entry & { kind: K }) => boolean = () => true,
  ): Promise<Entry & { kind: K }> {
    const isSuch = (entry: Entry | undefined): entry is Entry & { kind: K } => entry?.kind === kind;
    for (let seen = from; ; seen++) {
      while (seen >= this.entries.length) await once(this.#events, 'entry');
      const entry = this.entries[seen];
      if (isSuch(entry) && fits(entry)) return entry;
    }
  }

  /** The window's page, loaded. Connects anew, so that it also works after the page before it crashed. */
  async page(windowId = 1, from = 0): Promise<Page> {
    const endpoint = await this.#endpoint;
    await this.happened('load', from, (entry) => entry.windowId === windowId);
    await this.#browser?.close();
    this.#browser = await chromium.connectOverCDP(endpoint);
    const window = (await this.ask('windows', undefined)).find(({ id }) => id === windowId);
    for (const page of this.#browser.contexts().flatMap((context) => context.pages())) {
      const session = await page.context().newCDPSession(page);
      const { targetInfo } = await session.send('Target.getTargetInfo');
      await session.detach();
      if (targetInfo.targetId === window?.targetId) return page;
    }
    throw new Error(`Window ${windowId} is not among Chromium's pages.`);
  }

  /** Quits as the user would; gives the exit code. */
  async quit(): Promise<number | null> {
    await this.#browser?.close();
    if (this.child.connected) this.child.send({ id: 0, command: 'quit', input: undefined });
    return this.exited;
  }

  #accept(message: Message): void {
    if (message.kind === 'ready') this.#events.emit('ready', message.endpoint);
    else if (message.kind === 'entry') {
      this.entries.push(message.entry);
      this.#onEntry?.(message.entry);
      this.#events.emit('entry');
    } else {
      this.#pending.get(message.id)?.(message);
      this.#pending.delete(message.id);
    }
  }
}
