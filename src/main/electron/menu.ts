/**
 * @file The menu of the window: the page's commands, text fields, zoom. It takes no key that the page has a meaning for, and nothing in it
 * reloads the page or opens the developer tools, unless the app runs from its source.
 */
import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuEntry, MenuName } from '../../shared/window.ts';

export type MenuOptions = {
  isMac: boolean;
  isPackaged: boolean;
  choose: (command: string) => void;
  /** What the page can do now. Before it tells, what it always can. */
  commands?: readonly MenuEntry[];
};

/** Shown with its key, which stays the page's: on macOS the page is asked first in any case. */
const shown = { registerAccelerator: false } as const;

const always: readonly MenuEntry[] = [
  { id: 'app.open', title: 'Open a log', menu: 'file', key: 'Mod+O', isEnabled: true },
  { id: 'app.keys', title: 'All keys', menu: 'help', key: '?', isEnabled: true },
  { id: 'go.settings', title: 'Settings', menu: 'go', key: 'Mod+,', isEnabled: true },
];

/** Electron's names for keys that the page calls otherwise. */
const keyNames: Record<string, string> = {
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  '+': 'Plus',
};

function acceleratorOf(key: string): string {
  const names = key.endsWith('++') || key === '+' ? [...key.slice(0, -1).split('+'), '+'] : key.split('+');
  return names
    .filter((name) => name !== '')
    .map((name) => (name === 'Mod' ? 'CommandOrControl' : (keyNames[name] ?? name)))
    .join('+');
}

export function menuTemplate({
  isMac,
  isPackaged,
  choose,
  commands = always,
}: MenuOptions): MenuItemConstructorOptions[] {
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const of = (menu: MenuName): MenuItemConstructorOptions[] =>
    commands
      .filter((command) => command.menu === menu)
      .map(({ id, title, key, isEnabled }) => ({
        // An ampersand would be taken for the letter that opens the item.
        label: title.replaceAll('&', '&&'),
        enabled: isEnabled,
        click: () => choose(id),
        ...(key === null ? {} : { accelerator: acceleratorOf(key), ...shown }),
      }));
  const menu = (label: string, name: MenuName): MenuItemConstructorOptions[] => {
    const items = of(name);
    return items.length > 0 ? [{ label, submenu: items }] : [];
  };
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: 'File',
      submenu: [
        ...of('file'),
        separator,
        isMac ? { role: 'close' } : { role: 'quit', accelerator: 'CommandOrControl+Q' },
      ],
    },
    {
      label: 'Edit',
      // Text fields know these keys by themselves, except on macOS, where the menu has to carry them.
      submenu: [
        { role: 'undo', accelerator: 'CommandOrControl+Z', ...shown },
        { role: 'redo', accelerator: 'Shift+CommandOrControl+Z', ...shown },
        separator,
        { role: 'cut', accelerator: 'CommandOrControl+X', ...shown },
        { role: 'copy', accelerator: 'CommandOrControl+C', ...shown },
        { role: 'paste', accelerator: 'CommandOrControl+V', ...shown },
        { role: 'selectAll', accelerator: 'CommandOrControl+A', ...shown },
      ],
    },
    ...menu('Alert', 'alert'),
    ...menu('Go', 'go'),
    {
      label: 'View',
      submenu: [
        ...of('view'),
        separator,
        { role: 'resetZoom', accelerator: 'CommandOrControl+0' },
        { role: 'zoomIn', accelerator: 'CommandOrControl+Plus' },
        { role: 'zoomOut', accelerator: 'CommandOrControl+-' },
        separator,
        { role: 'togglefullscreen', accelerator: isMac ? 'Control+Command+F' : 'F11' },
        ...(isPackaged ? [] : [separator, { role: 'reload' } as const, { role: 'toggleDevTools' } as const]),
      ],
    },
    { label: 'Help', role: 'help', submenu: of('help') },
  ];
}

/** In place of Electron's own menu, which reloads the page and opens the developer tools. */
export function setMenu(options: MenuOptions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options)));
}
