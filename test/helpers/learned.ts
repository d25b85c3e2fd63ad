/** @file A workspace that has learned a quiet office, made once a test file and copied for each test that changes it. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { importLog, learnFrom, openApp } from './app.ts';
import { fileFolder, testFolder } from './folders.ts';
import { quietOffice, rogueLines, watchedOffice, writeOffice, type OfficeLog } from './office.ts';

export type Learned = {
  quiet: OfficeLog;
  watched: OfficeLog;
  /** A copy of the workspace, for one test unless it is put elsewhere. */
  copy: (directory?: string) => Promise<string>;
};

export async function learnOffice(): Promise<Learned> {
  const folder = fileFolder();
  const workspace = join(folder, 'workspace');
  const quiet = writeOffice(join(folder, 'quiet.log'), quietOffice);
  const watched = writeOffice(join(folder, 'watched.log'), watchedOffice, rogueLines);
  const app = await openApp(workspace);
  const learned = await learnFrom(app, [await importLog(app, quiet.path)]);
  await app.close();
  if (learned.state !== 'done') throw new Error(learned.error ?? learned.state);
  return {
    quiet,
    watched,
    copy: async (directory = join(testFolder(), 'workspace')) => {
      await cp(workspace, directory, { recursive: true });
      return directory;
    },
  };
}
