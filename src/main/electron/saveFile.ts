/** @file Saves a file where the user says in the system's own dialog: whole, or not at all. */
import { dialog } from 'electron';
import { open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../shared/errors.ts';

/** The name it was saved under; null: the user closed the dialog. */
export async function saveFile(suggestedName: string, bytes: Uint8Array): Promise<string | null> {
  const { canceled, filePath } = await dialog.showSaveDialog({
    title: 'Save',
    defaultPath: basename(suggestedName),
    properties: ['createDirectory', 'showOverwriteConfirmation'],
  });
  if (canceled || filePath === '') return null;
  const part = `${filePath}.part`;
  try {
    const file = await open(part, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, filePath);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    const { code, message } = error as NodeJS.ErrnoException;
    const name = basename(filePath);
    if (code === 'ENOSPC')
      throw new AppError('STORE_FULL', `The disk is full: ${name} was not saved. Free some space.`);
    throw new AppError('BAD_INPUT', `${name} was not saved: ${code ?? message}. Choose another folder.`);
  }
  return basename(filePath);
}
