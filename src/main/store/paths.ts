/** @file Where things lie in a workspace folder. */
import { join } from 'node:path';

export type WorkspacePaths = {
  directory: string;
  database: string;
  lock: string;
  backups: string;
  models: string;
  attachments: string;
};

export function workspacePaths(directory: string): WorkspacePaths {
  return {
    directory,
    database: join(directory, 'surprisal.db'),
    lock: join(directory, 'workspace.lock'),
    backups: join(directory, 'backups'),
    models: join(directory, 'models'),
    attachments: join(directory, 'attachments'),
  };
}
