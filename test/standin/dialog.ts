/** @file `dialog`: answers what the test has laid out, in order; with nothing laid out, the user has closed the dialog. */
import type {
  Dialog,
  MessageBoxOptions,
  OpenDialogOptions,
  OpenDialogReturnValue,
  SaveDialogOptions,
  SaveDialogReturnValue,
} from 'electron';
import { record } from './history.ts';
import { only, onlyOptions } from './only.ts';

const opens: string[][] = [];
const saves: string[] = [];
const buttons: number[] = [];

/** What the next dialogs of each kind will return. */
export function layOut(answers: { open?: string[]; save?: string; button?: number }): void {
  if (answers.open) opens.push(answers.open);
  if (answers.save !== undefined) saves.push(answers.save);
  if (answers.button !== undefined) buttons.push(answers.button);
}

/** Where the user saves the next file; undefined: the dialog was closed. */
export function nextSavePath(): string | undefined {
  return saves.shift();
}

/** The options are the last argument; a window may come first. */
async function showOpenDialog(...args: object[]): Promise<OpenDialogReturnValue> {
  const options = args.at(-1) as OpenDialogOptions;
  onlyOptions('dialog.showOpenDialog', options, ['title', 'properties']);
  const filePaths = opens.shift() ?? [];
  if (filePaths.length > 1 && !options.properties?.includes('multiSelections'))
    throw new Error('One file was asked for.');
  return { canceled: filePaths.length === 0, filePaths };
}

async function showSaveDialog(...args: object[]): Promise<SaveDialogReturnValue> {
  const options = args.at(-1) as SaveDialogOptions;
  onlyOptions('dialog.showSaveDialog', options, ['title', 'defaultPath', 'properties']);
  const filePath = nextSavePath();
  record({ kind: 'save-dialog', suggested: options.defaultPath ?? '', path: filePath ?? null });
  return { canceled: filePath === undefined, filePath: filePath ?? '' };
}

async function showMessageBox(...args: object[]): Promise<{ response: number; checkboxChecked: boolean }> {
  const options = args.at(-1) as MessageBoxOptions;
  onlyOptions('dialog.showMessageBox', options, [
    'type',
    'title',
    'message',
    'detail',
    'buttons',
    'defaultId',
    'cancelId',
  ]);
  record({ kind: 'message-box', text: `${options.message}\n${options.detail ?? ''}` });
  return { response: buttons.shift() ?? options.cancelId ?? 0, checkboxChecked: false };
}

const offered: Pick<Dialog, 'showOpenDialog' | 'showSaveDialog' | 'showErrorBox' | 'showMessageBox'> = {
  showOpenDialog,
  showSaveDialog,
  showMessageBox,
  showErrorBox: (title, content) => {
    record({ kind: 'error-box', text: `${title}: ${content}` });
    process.stderr.write(`${title}: ${content}\n`);
  },
};

export const dialog = only('dialog', offered);
