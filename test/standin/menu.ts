/** @file `Menu`: the tree the app sets, for tests to read and to choose from. What a role does, Electron does: nothing here. */
import type { Menu as ElectronMenu, MenuItemConstructorOptions } from 'electron';
import { isReady } from './ready.ts';
import { only, onlyOptions } from './only.ts';

export type MenuEntry = {
  label: string;
  role: string;
  accelerator: string;
  /** False: the key is shown, and not taken. */
  isRegistered: boolean;
  isEnabled: boolean;
  submenu: MenuEntry[];
};
type Template = readonly MenuItemConstructorOptions[];

const itemOptions = ['label', 'role', 'type', 'enabled', 'accelerator', 'registerAccelerator', 'click', 'submenu'];
/** Those of electron.d.ts that the app uses. Their names there are the same without capitals. */
const roles = new Set(
  [
    ...[
      'undo',
      'redo',
      'cut',
      'copy',
      'paste',
      'selectAll',
      'reload',
      'toggleDevTools',
      'resetZoom',
      'zoomIn',
      'zoomOut',
    ],
    ...['togglefullscreen', 'close', 'quit', 'help', 'appMenu'],
  ].map((role) => role.toLowerCase()),
);

class StandInMenu {
  readonly template: Template;
  constructor(template: Template) {
    this.template = template;
  }
}

let current: StandInMenu | null = null;

function checked(template: Template): Template {
  for (const item of template) {
    onlyOptions('MenuItem', item, itemOptions);
    if (item.role !== undefined && !roles.has(item.role.toLowerCase()))
      throw new Error(`The stand-in for Electron has no menu role ${item.role}.`);
    if (item.role === undefined && item.type === undefined && !item.label) throw new Error('A menu item has no label.');
    if (Array.isArray(item.submenu)) checked(item.submenu);
  }
  return template;
}

function describe(template: Template): MenuEntry[] {
  return template.map((item) => ({
    label: item.label ?? '',
    role: item.role ?? item.type ?? '',
    accelerator: item.accelerator ? String(item.accelerator) : '',
    isRegistered: item.registerAccelerator !== false,
    isEnabled: item.enabled !== false,
    submenu: Array.isArray(item.submenu) ? describe(item.submenu) : [],
  }));
}

/** For tests: null while Electron's own menu is there. */
export function readMenu(): MenuEntry[] | null {
  return current ? describe(current.template) : null;
}

/** For tests: the user chooses an item by its labels, from the top. */
export function chooseItem(path: readonly string[]): void {
  let items = current?.template ?? [];
  for (const [depth, label] of path.entries()) {
    const found = items.find((item) => item.label === label);
    if (!found) throw new Error(`The menu has no ${path.join(' > ')}.`);
    if (depth === path.length - 1) {
      if (found.enabled === false) throw new Error(`${path.join(' > ')} is greyed out.`);
      (found.click as (() => void) | undefined)?.();
      return;
    }
    items = Array.isArray(found.submenu) ? found.submenu : [];
  }
}

export const Menu = only('Menu', {
  buildFromTemplate: (template: Template): ElectronMenu => {
    if (!isReady()) throw new Error('Menus are built after the app is ready.');
    return new StandInMenu(checked(template)) as unknown as ElectronMenu;
  },
  setApplicationMenu: (menu: ElectronMenu | null): void => {
    current = menu as unknown as StandInMenu | null;
  },
});
