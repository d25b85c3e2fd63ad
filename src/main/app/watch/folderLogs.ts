/** @file Which files of a followed folder are logs of their own: names that fit, without what a log became when it was rotated, and without links to them. */
import { readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { matchesGlob } from '../../ingest/globs.ts';
import { isRotated } from '../../ingest/rotation.ts';

/** Names in their order. `followed`: paths that are followed already. Throws where the folder cannot be read. */
export function logsOfFolder(
  { path, pattern }: { path: string; pattern: string },
  followed: Iterable<string>,
): string[] {
  const folder = realpathSync(path);
  const names = readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (!matchesGlob(entry.name, pattern)) return [];
    const isOwn = entry.isFile() || (entry.isSymbolicLink() && leadsElsewhere(entry.name, folder, pattern));
    return isOwn ? [entry.name] : [];
  });
  // A log that was just rotated is not there for a moment, and what it became is.
  const logs = new Set(names);
  for (const one of followed) if (dirname(one) === path) logs.add(basename(one));
  return names.sort().filter((name) => !isRotatedOf(logs, name));
}

/** Whether a name is what one of these logs may have become. */
function isRotatedOf(logs: ReadonlySet<string>, name: string): boolean {
  for (let end = 1; end < name.length; end++) {
    const separator = name.charAt(end);
    if (separator !== '.' && separator !== '-') continue;
    const log = name.slice(0, end);
    if (logs.has(log) && isRotated(log, name)) return true;
  }
  return false;
}

/** False for a link to a file of the folder that is followed itself, and for one that leads to nothing yet. `folder` is a real path. */
function leadsElsewhere(name: string, folder: string, pattern: string): boolean {
  try {
    const target = realpathSync(join(folder, name));
    return dirname(target) !== folder || !matchesGlob(basename(target), pattern);
  } catch {
    return false;
  }
}
