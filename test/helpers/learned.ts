/** @file A workspace that has learned a quiet office: learned once a run, copied for whoever changes it. */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
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
  const quiet = writeOffice(join(folder, 'quiet.log'), quietOffice);
  const watched = writeOffice(join(folder, 'watched.log'), watchedOffice, rogueLines);
  const shared = await sharedWorkspace(quiet.path);
  return {
    quiet,
    watched,
    copy: async (directory = join(testFolder(), 'workspace')) => {
      await cp(shared, directory, { recursive: true });
      return directory;
    },
  };
}

/** Two test files may both be the first: what either learns is the same, and one of them is kept. */
async function sharedWorkspace(quietPath: string): Promise<string> {
  const shared = join(inject('sharedFolder'), 'learned');
  if (existsSync(shared)) return shared;
  await mkdir(inject('sharedFolder'), { recursive: true });
  const made = await mkdtemp(join(inject('sharedFolder'), 'made-'));
  const app = await openApp(made);
  const learned = await learnFrom(app, [await importLog(app, quietPath)]);
  await app.close();
  if (learned.state !== 'done') throw new Error(learned.error ?? learned.state);
  await rename(made, shared).catch((error: NodeJS.ErrnoException) => {
    if (!existsSync(shared)) throw error;
  });
  return shared;
}
