/** @file `BrowserWindow`: refuses options that would leave the sandbox, and those it would not honour. */
import { EventEmitter } from 'node:events';
import type {
  BrowserWindow as ElectronWindow,
  BrowserWindowConstructorOptions,
  Rectangle,
  WebContents,
} from 'electron';
import { StandInContents } from './contents.ts';
import { cancellable, record } from './history.ts';
import { only, onlyOptions } from './only.ts';
import { readyBrowser } from './ready.ts';

type Offered = Pick<
  ElectronWindow,
  | 'id'
  | 'webContents'
  | 'loadURL'
  | 'show'
  | 'hide'
  | 'focus'
  | 'restore'
  | 'minimize'
  | 'isMinimized'
  | 'isMaximized'
  | 'maximize'
  | 'isVisible'
  | 'isDestroyed'
  | 'close'
  | 'getNormalBounds'
>;

const windowOptions = [
  'width',
  'height',
  'x',
  'y',
  'minWidth',
  'minHeight',
  'show',
  'backgroundColor',
  'title',
  'webPreferences',
];
const preferences = [
  'preload',
  'contextIsolation',
  'sandbox',
  'nodeIntegration',
  'webviewTag',
  'spellcheck',
  'devTools',
];

/** Emits `all-closed` when the last window has gone. */
export const windows = new EventEmitter<{ 'all-closed': [] }>();
export const openWindows: { guarded: ElectronWindow; window: StandInWindow }[] = [];

export class StandInWindow extends EventEmitter implements Offered {
  readonly id: number;
  readonly contents: StandInContents;
  readonly options: BrowserWindowConstructorOptions;
  #isVisible: boolean;
  #isMinimized = false;
  #isMaximized = false;
  #isDestroyed = false;
  #hasShown = false;

  constructor(options: BrowserWindowConstructorOptions) {
    super();
    const browser = readyBrowser('BrowserWindow');
    onlyOptions('BrowserWindow', options, windowOptions);
    const wanted = options.webPreferences ?? {};
    onlyOptions('BrowserWindow.webPreferences', wanted, preferences);
    // Said outright, not left to defaults: the stand-in can show nothing else.
    if (
      wanted.contextIsolation !== true ||
      wanted.sandbox !== true ||
      wanted.nodeIntegration !== false ||
      wanted.webviewTag !== false
    )
      throw new Error(
        'The stand-in shows only windows that are isolated, sandboxed, without Node and without webviews.',
      );
    if (!wanted.preload) throw new Error('The stand-in shows only windows with a preload.');
    this.options = options;
    this.#isVisible = options.show !== false;
    const { width = 800, height = 600 } = options;
    this.contents = new StandInContents(browser, { preload: wanted.preload, size: { width, height } });
    this.id = this.contents.id;
    this.contents.on('did-finish-load', () => {
      if (!this.#hasShown) this.emit('ready-to-show');
      this.#hasShown = true;
    });
    this.contents.on('destroyed', () => this.#closed());
  }

  get webContents(): WebContents {
    return this.contents.guarded;
  }
  loadURL(url: string): Promise<void> {
    return this.contents.load(url);
  }
  show(): void {
    this.#isVisible = true;
  }
  hide(): void {
    this.#isVisible = false;
  }
  focus(): void {
    record({ kind: 'focus', windowId: this.id });
  }
  minimize(): void {
    this.#isMinimized = true;
  }
  restore(): void {
    this.#isMinimized = false;
    record({ kind: 'restore', windowId: this.id });
  }
  maximize(): void {
    this.#isMaximized = true;
  }
  isMinimized(): boolean {
    return this.#isMinimized;
  }
  isMaximized(): boolean {
    return this.#isMaximized;
  }
  isVisible(): boolean {
    return this.#isVisible;
  }
  isDestroyed(): boolean {
    return this.#isDestroyed;
  }
  getNormalBounds(): Rectangle {
    const { x = 0, y = 0, width = 800, height = 600 } = this.options;
    return { x, y, width, height };
  }
  close(): void {
    const event = cancellable({});
    this.emit('close', event);
    if (!event.defaultPrevented) this.contents.close();
  }

  #closed(): void {
    this.#isDestroyed = true;
    openWindows.splice(
      openWindows.findIndex(({ window }) => window === this),
      1,
    );
    this.emit('closed');
    if (openWindows.length === 0) windows.emit('all-closed');
  }
}

const statics = { getAllWindows: (): ElectronWindow[] => openWindows.map(({ guarded }) => guarded) };

/** `new BrowserWindow(…)` and `BrowserWindow.getAllWindows()`. */
export const BrowserWindow = new Proxy(StandInWindow, {
  construct: (_class, [options]: [BrowserWindowConstructorOptions]) => {
    const window = new StandInWindow(options);
    const guarded = only('BrowserWindow', window) as unknown as ElectronWindow;
    openWindows.push({ guarded, window });
    return guarded;
  },
  get: (_class, key) => Reflect.get(only('BrowserWindow', statics), key) as unknown,
});
