/**
 * @file A case through a file into another workspace. Catches what is lost or changed on the way, a second import that overwrites, alerts of
 * elsewhere that reach the queue or teach, and a report that says something else than the one it came from.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleOf, entriesOf, workedCase, type Worked } from '../../helpers/bundles.ts';
import { openApp, type TestApp } from '../../helpers/app.ts';
import { fileFolder } from '../../helpers/folders.ts';

let from: Worked;
let into: TestApp;
let first: string;
let importedId: string;

const offer = (test: TestApp, path: string) => test.offer(path);

/** A log is learned, and a case worked on. */
const hookMs = 180_000;

beforeAll(async () => {
  from = await workedCase();
  first = join(fileFolder(), 'first.surprisal.zip');
  await bundleOf(from, first);
  into = await openApp(join(fileFolder(), 'into'));
  importedId = (await into.ask('bundles.import', { token: await offer(into, first) })).id;
}, hookMs);
afterAll(async () => {
  await from.test.close();
  await into.close();
});

/** A report as data, without what says who made it where. */
async function reportOf(test: TestApp, caseId: string): Promise<Record<string, unknown>> {
  const { base64 } = await test.ask('reports.export', { caseId, format: 'json', zone: 'UTC' });
  const { case: report } = JSON.parse(Buffer.from(base64, 'base64').toString()) as { case: Record<string, unknown> };
  const { workspace, analyst, generatedAt, number, auditSentence, audit, sources, ...content } = report;
  void [workspace, analyst, generatedAt, number, auditSentence, audit];
  return { ...content, sources: (sources as { file: string }[]).map(({ file: _file, ...source }) => source) };
}

describe('a case in another workspace', () => {
  it('gives the same bundle again, byte by byte where it tells the case', async () => {
    const second = join(fileFolder(), 'second.surprisal.zip');
    await bundleOf({ test: into, caseId: importedId }, second);
    const [one, two] = [await entriesOf(first), await entriesOf(second)];
    expect([...two.keys()]).toEqual([...one.keys()]);
    for (const [name, text] of one) {
      if (name === 'audit.jsonl') expect(two.get(name)?.startsWith(text)).toBe(true);
      else if (name !== 'manifest.json') expect(two.get(name) === text, name).toBe(true);
    }
  });

  it('has all of it, and says where it came from', async () => {
    const [there, here] = [
      await from.test.ask('cases.get', { caseId: from.caseId }),
      await into.ask('cases.get', { caseId: importedId }),
    ];
    expect(here.row).toEqual({ ...there.row, number: here.row.number });
    for (const part of ['notes', 'tasks', 'attachments', 'phases', 'explanations'] as const)
      expect(here[part]).toEqual(there[part]);
    expect(here.alerts.map(({ caseNumber: _caseNumber, isBundled, ...alert }) => [isBundled, alert])).toEqual(
      there.alerts.map(({ caseNumber: _caseNumber, ...alert }) => [true, alert]),
    );
    expect(here.origins).toMatchObject([
      { caseNumber: there.row.number, workspace: from.test.app.parts.services.opened.name, audit: { isIntact: true } },
    ]);
    expect(await into.ask('reports.text', { caseId: importedId })).toEqual(
      await from.test.ask('reports.text', { caseId: from.caseId }),
    );
    expect(await into.ask('reports.templates', {})).toEqual(await from.test.ask('reports.templates', {}));
    const attachmentId = here.attachments[0]?.id ?? '';
    const file = await into.ask('cases.read_attachment', { caseId: importedId, attachmentId });
    expect(Buffer.from(file.base64, 'base64')).toEqual(Buffer.from([0, 1, 2, 255, 10, 13]));
  });

  it('gives the same reports in all formats', async () => {
    expect(await reportOf(into, importedId)).toEqual(await reportOf(from.test, from.caseId));
    for (const format of ['html', 'pdf', 'docx', 'markdown', 'csv', 'xlsx', 'stix', 'misp', 'zip'] as const) {
      const { base64 } = await into.ask('reports.export', { caseId: importedId, format });
      expect(base64.length, format).toBeGreaterThan(100);
    }
  });

  it('is in no queue and teaches nothing', async () => {
    expect((await into.ask('alerts.list', { tab: 'all' })).rows).toEqual([]);
    const [alert] = (await into.ask('cases.get', { caseId: importedId })).alerts;
    const given = { alertId: alert?.id ?? '', value: 'undetermined' as const, note: '', isWide: false };
    expect((await into.refusal('verdicts.give', given)).code).toBe('NOT_FOUND');
    const shown = await into.ask('bundles.alert', { alertId: alert?.id ?? '' });
    expect(shown.detail.raw.text.length).toBeGreaterThan(10);
    expect(
      readFileSync(from.logPath)
        .subarray(shown.byteOffset ?? -1)
        .toString(),
    ).toMatch(shown.detail.raw.text.slice(0, 20));
    expect(shown.source?.sha256).toMatch(/^[0-9a-f]{64}$/);
    const moved = await into.refusal('cases.remove_alerts', { caseId: importedId, alertIds: [alert?.id] });
    expect(moved.message).toContain('came with its case from another workspace and stays in it');
  });

  it('is not read in twice, and that is said', async () => {
    const before = await into.ask('cases.get', { caseId: importedId });
    const preview = await into.ask('bundles.preview', { token: await offer(into, first) });
    expect(preview.known).toMatchObject({ id: importedId });
    const refused = await into.refusal('bundles.import', { token: await offer(into, first) });
    expect(refused.code).toBe('CONFLICT');
    expect(refused.message).toMatch(/is here already: C-\d+, .* read in .* Nothing was changed/);
    expect((await from.test.refusal('bundles.import', { token: await offer(from.test, first) })).code).toBe('CONFLICT');
    expect(await into.ask('cases.get', { caseId: importedId })).toEqual(before);
  });

  it('can be worked on: notes, another alert, and it is written down here', async () => {
    await into.ask('cases.add_note', { caseId: importedId, text: 'Ours.' });
    expect((await into.ask('cases.get', { caseId: importedId })).notes.map(({ text }) => text).at(-1)).toBe('Ours.');
    const { base64 } = await into.ask('reports.export', { caseId: importedId, format: 'json' });
    const { case: report } = JSON.parse(Buffer.from(base64, 'base64').toString()) as {
      case: { audit: { action: string }[]; auditSentence: string };
    };
    const actions = report.audit.map(({ action }) => action);
    expect(actions[0]).toBe('case.created');
    expect(actions.slice(actions.indexOf('case.imported'))).toContain('case.note_added');
    expect(report.auditSentence).toContain('It came as a bundle');
  });

  it('has no entry of its audit behind the head that it names, whoever works on meanwhile', async () => {
    const { caseId } = from;
    const { store, actor } = from.test.app.parts.services;
    const ask = store.call;
    const spied = vi.spyOn(store, 'call').mockImplementation((async (method: string, input: unknown) => {
      if (method === 'read_case_whole') {
        const entry = { action: 'case.updated', subject: caseId, details: {}, actor: await actor() };
        await ask('append_audit', entry);
      }
      return ask(method as 'read_case_whole', input as { caseId: string });
    }) as typeof ask);
    const path = join(fileFolder(), 'meanwhile.surprisal.zip');
    await bundleOf(from, path).finally(() => spied.mockRestore());
    const entries = await entriesOf(path);
    const { chains } = JSON.parse(entries.get('manifest.json') ?? '') as { chains: { count: number }[] };
    const audit = (entries.get('audit.jsonl') ?? '').trim().split('\n');
    const sequences = audit.map((line) => (JSON.parse(line) as { sequence: number }).sequence);
    expect(sequences.length).toBeGreaterThan(5);
    expect(Math.max(...sequences)).toBeLessThanOrEqual(chains.at(-1)?.count ?? 0);
  });
});
