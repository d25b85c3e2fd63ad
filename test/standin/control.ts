/** @file How a test steers the stand-in it started: commands over the child process's channel, each answered once. */
import { app } from './app.ts';
import { layOut } from './dialog.ts';
import { entries, history, type Entry } from './history.ts';
import { chooseItem, readMenu, type MenuEntry } from './menu.ts';
import { pressNote } from './notification.ts';
import { decideAll, type Decision } from './session.ts';
import { utilities } from './utility.ts';
import { BrowserWindow, openWindows, type StandInWindow } from './window.ts';

export type Commands = {
  /** What the next dialogs return. */
  layOut: { input: { open?: string[]; save?: string; button?: number }; output: void };
  menu: { input: void; output: MenuEntry[] | null };
  /** The user chooses an item of the menu by its labels, from the top. */
  choose: { input: { path: string[] }; output: void };
  /** The user presses the newest note of the system. */
  pressNote: { input: void; output: void };
  history: { input: void; output: Entry[] };
  windows: {
    input: void;
    output: { id: number; url: string; targetId: string | undefined; isVisible: boolean; options: object }[];
  };
  /** Pids of the utility processes that run. */
  utilities: { input: void; output: { name: string; pid: number | undefined }[] };
  /** An `ipcRenderer.invoke` from a frame that starts so (null: the top frame) of a window. */
  sendAs: { input: { windowId: number; frame: string | null; channel: string; args: unknown[] }; output: unknown };
  permissions: { input: { windowId: number }; output: Record<string, Decision> };
  /** A page that main did not ask for, in a window of the app. */
  load: { input: { windowId: number; url: string }; output: void };
  /** A second window with the same preload, which the app knows nothing of. */
  openForeign: { input: { url: string }; output: number };
  crash: { input: { windowId: number }; output: void };
  minimize: { input: { windowId: number }; output: void };
  /** The user closes the window. */
  close: { input: { windowId: number }; output: void };
  quit: { input: void; output: void };
};

type Handlers = {
  [K in keyof Commands]: (input: Commands[K]['input']) => Commands[K]['output'] | Promise<Commands[K]['output']>;
};
type Command = { [K in keyof Commands]: { id: number; command: K; input: Commands[K]['input'] } }[keyof Commands];

function find(windowId: number): StandInWindow {
  const found = openWindows.find(({ window }) => window.id === windowId)?.window;
  if (!found) throw new Error(`There is no window ${windowId}.`);
  return found;
}

const handlers: Handlers = {
  layOut,
  menu: readMenu,
  choose: ({ path }) => chooseItem(path),
  pressNote,
  history: () => entries,
  windows: () =>
    openWindows.map(({ window }) => ({
      id: window.id,
      url: window.contents.getURL(),
      targetId: window.contents.targetId,
      isVisible: window.isVisible(),
      options: window.options,
    })),
  utilities: () => [...utilities].map(([child, name]) => ({ name, pid: child.pid })),
  sendAs: ({ windowId, frame, channel, args }) => find(windowId).contents.sendAs(frame, channel, args),
  permissions: ({ windowId }) => {
    const { contents } = find(windowId);
    return decideAll(contents.guarded, contents.getURL());
  },
  load: ({ windowId, url }) => find(windowId).contents.load(url),
  openForeign: async ({ url }) => {
    const [first] = openWindows;
    if (!first) throw new Error('There is no window to copy.');
    const foreign = new BrowserWindow(first.window.options);
    await foreign.loadURL(url);
    return foreign.id;
  },
  crash: ({ windowId }) => find(windowId).contents.crash(),
  minimize: ({ windowId }) => find(windowId).minimize(),
  close: ({ windowId }) => find(windowId).close(),
  quit: () => app.quit(),
};

history.on('entry', (entry) => process.send?.({ kind: 'entry', entry }));
process.on('message', (message: Command) => {
  const answer = async (): Promise<unknown> =>
    (handlers[message.command] as (input: unknown) => unknown)(message.input);
  answer().then(
    (value) => process.send?.({ kind: 'answer', id: message.id, value }),
    (error: unknown) => process.send?.({ kind: 'answer', id: message.id, error: (error as Error).message }),
  );
});
// The test is gone.
process.on('disconnect', () => process.exit(1));
