/**
 * @file The menu of the window: opening, text fields, zoom, help. It takes no key that the page has a meaning for, and nothing in it reloads
 * the page or opens the developer tools, unless the app runs from its source.
 */
import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../../shared/events.ts';

export type MenuOptions = { isMac: boolean; isPackaged: boolean; choose: (command: MenuCommand) => void };

/** Shown with its key, which stays the page's: on macOS the page is asked first in any case. */
const shown = { registerAccelerator: false } as const;

export function menuTemplate({ isMac, isPackaged, choose }: MenuOptions): MenuItemConstructorOptions[] {
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: 'File',
      submenu: [
        { label: 'Open log…', accelerator: 'CommandOrControl+O', ...shown, click: () => choose('app.open') },
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
    {
      label: 'View',
      submenu: [
        { role: 'resetZoom', accelerator: 'CommandOrControl+0' },
        { role: 'zoomIn', accelerator: 'CommandOrControl+Plus' },
        { role: 'zoomOut', accelerator: 'CommandOrControl+-' },
        separator,
        { role: 'togglefullscreen', accelerator: isMac ? 'Control+Command+F' : 'F11' },
        ...(isPackaged ? [] : [separator, { role: 'reload' } as const, { role: 'toggleDevTools' } as const]),
      ],
    },
    {
      label: 'Help',
      role: 'help',
      submenu: [
        { label: 'Keys', accelerator: '?', ...shown, click: () => choose('app.keys') },
        { label: 'Diagnostics', click: () => choose('go.settings') },
      ],
    },
  ];
}

/** In place of Electron's own menu, which reloads the page and opens the developer tools. */
export function setMenu(options: MenuOptions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options)));
}
