/** @file The workspace that a bundle comes from, and what must come with it. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Serving } from '../helpers/serving.ts';
import { KilledApp, type How } from './killed.ts';

/** What of a case is the same wherever it is. */
type Outline = {
  caseId: string;
  title: string;
  alerts: string[];
  notes: string[];
  tasks: string[];
  attachments: string[];
};

export type Bundle = { bytes: Uint8Array; outline: Outline; tookMs: number };

/** Alerts by what they say: ids that are taken here are others. */
export async function outlineOf(serving: Serving, caseId: string): Promise<Outline> {
  const { row, alerts, notes, tasks, attachments } = await serving.ask('cases.get', { caseId });
  return {
    ...{ caseId, title: row.title },
    alerts: alerts.map((alert) => `${alert.lineNumber} ${alert.title}`).sort(),
    notes: notes.map(({ text }) => text),
    tasks: tasks.map(({ title }) => title),
    attachments: attachments.map(({ name, sha256 }) => `${name} ${sha256}`).sort(),
  };
}

/** A case of `from` with all that stands out there, which is in no other copy of it. */
export async function makeBundle(from: string, folder: string, how: How): Promise<Bundle> {
  const [sender, receiver] = ['sender', 'receiver'].map((name) => {
    const workspace = join(folder, name);
    cpSync(from, workspace, { recursive: true });
    return new KilledApp(workspace, how);
  });
  if (!sender || !receiver) throw new Error('There are two.');
  try {
    const serving = await sender.open();
    const { rows } = await serving.ask('alerts.list', { tab: 'all', limit: 1000 });
    const alertIds = rows.map(({ id }) => id);
    const { id: caseId } = await serving.ask('cases.create', { title: 'From elsewhere', alertIds });
    await serving.ask('cases.add_note', { caseId, text: 'Seen.' });
    await serving.ask('cases.add_task', { caseId, title: 'Call the owner' });
    for (const size of [0, 1000, 6_000_000]) {
      const { token } = await serving.upload(`${size}.bin`, Buffer.alloc(size, `sent ${size} `));
      await serving.ask('cases.attach', { caseId, token });
    }
    const { base64 } = await serving.ask('bundles.export', { caseId });
    const bytes = Buffer.from(base64 ?? '', 'base64');
    const other = await receiver.open();
    const { token } = await other.upload('case.surprisal.zip', bytes);
    const startedMs = Date.now();
    await other.ask('bundles.import', { token });
    return { bytes, outline: await outlineOf(serving, caseId), tookMs: Date.now() - startedMs };
  } finally {
    await Promise.all([sender.kill(), receiver.kill()]);
  }
}
