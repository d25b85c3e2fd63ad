/** @file A case that was really worked on, and what a bundle of it holds when it is opened as a ZIP. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportBundle, type ExportedBundle } from '../../src/main/app/bundle/exportBundle.ts';
import { unzipped, zipped, type ZipEntry } from '../../src/main/report/formats/zipped.ts';
import { importLog, openApp, scoreSources, type TestApp } from './app.ts';
import { fileFolder } from './folders.ts';
import { learnOffice } from './learned.ts';

export type Worked = { test: TestApp; caseId: string; workspace: string; logPath: string };

/** With alerts, verdicts, notes, tasks, phases, a link, an answer to a suggestion, an attachment, a report's text and a template. */
export async function workedCase(): Promise<Worked> {
  const learned = await learnOffice();
  const workspace = await learned.copy(join(fileFolder(), 'from'));
  const test = await openApp(workspace);
  await scoreSources(test, [await importLog(test, learned.watched.path)]);
  const ids = (await test.ask('alerts.list', { tab: 'open' })).rows.map(({ id }) => id);
  const held = ids.slice(0, 4);
  const { id: caseId } = await test.ask('cases.create', { title: 'Brute force = on "gw1" \u202e', alertIds: held });
  const other = await test.ask('cases.create', { title: 'Another', alertIds: [] });
  await test.ask('verdicts.give', {
    alertId: held[0] ?? '',
    value: 'true_positive',
    note: 'seen before',
    isWide: false,
  });
  // What it teaches moves the threshold, which a report names.
  await test.app.parts.thresholds.rescored();
  await test.ask('cases.add_note', { caseId, text: '# What happened\n\n<script>alert(1)</script> \u0000 end' });
  await test.ask('cases.add_task', { caseId, title: 'Call the owner', owner: 'm.roth', dueAt: 1_800_000_000_000 });
  const { tasks } = await test.ask('cases.get', { caseId });
  await test.ask('cases.update_task', { caseId, taskId: tasks[0]?.id ?? '', isDone: true });
  await test.ask('cases.set_phases', { caseId, phases: [{ name: 'Entry', fromAt: 1000, toAt: 2000 }] });
  await test.ask('cases.link', { caseId, otherId: other.id, isLinked: true });
  await test.ask('cases.refuse', { caseId, alertIds: ids.slice(4, 5), isRefused: true });
  await test.ask('cases.update', { caseId, owner: 'analyst', tags: ['one', 'two'], ownSeverity: 4 });
  const text = { summary: 'In short.', findings: '- a\n- b', techniques: ['T1110'] };
  await test.ask('reports.write_text', { caseId, text });
  await test.ask('reports.set_templates', {
    templates: [{ id: 't', name: 'Short', layout: [{ id: 'summary', title: 'S', text: '' }] }],
  });
  await test.app.parts.services.store.call('keep_explanation', {
    caseId,
    explanation: {
      ...{ id: 'kept-1', alertNumber: 1, model: 'mistral', text: 'Anomalous: <b>beacon</b>', doubts: ['It names 7.'] },
      madeAt: 1000,
    },
    actor: await test.app.parts.services.actor(),
  });
  const attached = join(fileFolder(), 'attached.bin');
  writeFileSync(attached, Buffer.from([0, 1, 2, 255, 10, 13]));
  const { token } = await test.app.offerFile(attached, { name: '../../etc/passwd\u0000<b>', isTemporary: false });
  await test.ask('cases.attach', { caseId, token });
  await test.ask('cases.update', { caseId, state: 'closed', closing: 'true_positive' });
  return { test, caseId, workspace, logPath: learned.watched.path };
}

export async function bundleOf(
  { test, caseId }: Pick<Worked, 'test' | 'caseId'>,
  path: string,
): Promise<ExportedBundle> {
  return exportBundle(test.app.parts, caseId, path);
}

export async function entriesOf(path: string): Promise<Map<string, string>> {
  const entries = await unzipped(readFileSync(path));
  return new Map(entries.map(({ name, bytes }) => [name, Buffer.from(bytes).toString('latin1')]));
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Writes a bundle again with some entries changed; `seals`: with a manifest that fits them. Attachments stay stored as they are. */
export async function changedBundle(
  from: string,
  to: string,
  change: (entries: ZipEntry[]) => ZipEntry[],
  { seals }: { seals: boolean },
): Promise<void> {
  const entries = change(await unzipped(readFileSync(from)));
  const sealed = seals
    ? entries.map((entry) => (entry.name === 'manifest.json' ? sealOf(entry, entries) : entry))
    : entries;
  writeFileSync(to, await zipped(sealed, { storesBelow: 'attachments/' }));
}

function sealOf(manifest: ZipEntry, entries: readonly ZipEntry[]): ZipEntry {
  const said = JSON.parse(Buffer.from(manifest.bytes).toString()) as Record<string, unknown>;
  const listed = entries.filter(({ name }) => name !== 'manifest.json');
  const facts = listed.map(({ name, bytes }) => ({ name, sizeBytes: bytes.length, sha256: sha256(bytes) }));
  return { name: manifest.name, bytes: Buffer.from(JSON.stringify({ ...said, entries: facts })) };
}
