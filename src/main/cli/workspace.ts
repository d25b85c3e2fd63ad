/** @file Commands about the workspace's own files: its audit verified, a damaged database replaced by a backup. No app is opened. */
import { printable } from '../../shared/hidden.ts';
import { AppError } from '../../shared/errors.ts';
import type { RestoreOffer } from '../../shared/workspace.ts';
import { withStore } from '../app/entrance.ts';
import type { Host } from '../host/host.ts';
import { workspacePaths } from '../store/paths.ts';
import type { Arguments } from './arguments.ts';
import type { Output } from './commands.ts';

/** Throws BAD_INPUT (exit status 3) with the place where the audit is not what was written. */
export async function verify(host: Host, directory: string, args: Arguments, output: Output): Promise<void> {
  const head = args.head();
  const report = await withStore(host, (store) => store.call('verify_workspace', { directory, head: head ?? null }));
  output(report);
  if (report.brokenAt === null) return;
  throw new AppError('BAD_INPUT', `The audit of ${directory} is broken at entry ${report.brokenAt}. ${report.finding}`);
}

/** Says what going back would do, and with --yes does it. */
export async function restore(host: Host, directory: string, args: Arguments, output: Output): Promise<void> {
  const { backups } = workspacePaths(directory);
  const offer = await withStore(host, (store) => store.call('find_offer', { directory }));
  if (!offer) {
    throw new AppError('NOT_FOUND', `There is no sound backup in ${backups}. Nothing was changed.`);
  }
  const { name, madeAt, sizeBytes, contents, lacks } = offer;
  const made = new Date(madeAt).toISOString();
  if (!args.flag('yes')) {
    output({ backup: name, madeAt: made, sizeBytes, contents, lacks, restored: false });
    process.stderr.write(
      `${printable(directory)} would go back to the backup of ${made}. It lacks what was done after that${lackedText(lacks)}. The database of now would be kept beside it under another name. Nothing was changed: add --yes to do it.\n`,
    );
    return;
  }
  const input = { directory, name, now: host.now(), analyst: host.userName };
  const { keptAs } = await withStore(host, (store) => store.call('restore_backup', input));
  output({ backup: name, madeAt: made, sizeBytes, contents, lacks, restored: true, keptAs });
}

function lackedText(lacks: RestoreOffer['lacks']): string {
  if (!lacks) return '';
  return `: ${lacks.verdicts} verdicts, ${lacks.logs} logs and ${lacks.cases} cases as far as the database of now can be read`;
}
