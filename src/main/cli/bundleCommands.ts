/** @file Commands about bundles: a case as one file, out of a workspace, into another, and looked through without one. */
import { printable } from '../../shared/hidden.ts';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { exportBundle } from '../app/bundle/exportBundle.ts';
import { importBundle, verifyBundle } from '../app/bundle/importBundle.ts';
import type { App } from '../app/createApp.ts';
import type { Arguments } from './arguments.ts';
import { findCase } from './caseCommands.ts';
import type { Output } from './commands.ts';

export async function writeBundle(app: App, args: Arguments, output: Output): Promise<void> {
  const path = args.text('output');
  const { id } = await findCase(app, args.text('case'));
  const { missing, ...facts } = await exportBundle(app.parts, id, resolve(path));
  for (const name of missing)
    process.stderr.write(
      `${printable(JSON.stringify(name))} goes without its content: it is gone from the workspace, or changed.\n`,
    );
  const { size: bytes } = await stat(path);
  output({ output: path, bytes, ...facts, missing });
}

export async function readBundle(app: App, args: Arguments, output: Output): Promise<void> {
  const path = resolve(args.input());
  const record = await importBundle(app.parts, { path, name: basename(path) });
  const { origins } = await app.parts.services.store.call('get_case', { caseId: record.id, now: 0 });
  // What `bundle export` printed: who compares them knows that it is the same bundle.
  output({ ...record, manifestSha256: origins.at(-1)?.manifestSha256 });
}

/** Needs no workspace. Throws BAD_INPUT (exit status 3) with the place of the first thing that is not as it was made. */
export async function checkBundle(args: Arguments, output: Output): Promise<void> {
  const path = resolve(args.input());
  output(await verifyBundle(path, basename(path)));
}
