/** @file The single-instance lock: a file in the user's data folder; a second instance leaves a note there and the first one finds it. */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** True for the first; it hears of every later one. Synchronous, as in Electron. */
export function takeLock(directory: string, onSecond: (argv: string[], workingDirectory: string) => void): boolean {
  mkdirSync(directory, { recursive: true });
  const lock = join(directory, 'instance.lock');
  for (;;) {
    try {
      const file = openSync(lock, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isAlive(Number(readFileSync(lock, 'utf8')))) {
        const note = join(directory, `second-${process.pid}`);
        writeFileSync(`${note}.part`, JSON.stringify({ argv: process.argv, workingDirectory: process.cwd() }));
        renameSync(`${note}.part`, `${note}.note`);
        return false;
      }
      rmSync(lock, { force: true });
    }
  }
  process.on('exit', () => rmSync(lock, { force: true }));
  watch(directory, { persistent: false }, () => {
    for (const name of readdirSync(directory).filter((one) => one.endsWith('.note'))) {
      const note = JSON.parse(readFileSync(join(directory, name), 'utf8')) as {
        argv: string[];
        workingDirectory: string;
      };
      rmSync(join(directory, name));
      onSecond(note.argv, note.workingDirectory);
    }
  });
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
