/** @file Reports over a real workspace: what the analyst writes, chooses and takes out is in them; a file that is gone is said so; every export is in the audit. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultLayout, reportFormats } from '../../src/shared/report.ts';
import { fileFolder } from '../helpers/folders.ts';
import { importLog, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { learnOffice } from '../helpers/learned.ts';

let test: TestApp;
let caseId: string;
let path: string;

type Json = {
  case: {
    summary: string;
    observables: { kind: string; text: string; elsewhere: { lineCount: number } | null }[];
    techniques: { id: string; isChosen: boolean }[];
    sources: { file: string; sha256: string; lineCount: number }[];
    audit: { action: string }[];
    alerts: { byteOffset: number | null; raw: { text: string } }[];
    redactions: unknown[];
  };
};

async function exported(more: object = {}): Promise<Json['case']> {
  const { base64 } = await test.ask('reports.export', { caseId, format: 'json', ...more });
  return (JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as Json).case;
}

beforeAll(async () => {
  const learned = await learnOffice();
  test = await openApp(await learned.copy());
  path = join(fileFolder(), 'watched.log');
  writeFileSync(path, learned.watched.lines.join('\n'));
  await scoreSources(test, [await importLog(test, path)]);
  const { rows } = await test.ask('alerts.list', { tab: 'open' });
  const alertIds = rows.slice(0, 5).map(({ id }) => id);
  caseId = (await test.ask('cases.create', { title: 'Case', alertIds })).id;
  await test.ask('verdicts.give', { alertId: alertIds[0] ?? '', value: 'true_positive' });
  // What it teaches has entries of its own in the audit.
  await test.app.parts.thresholds.settled();
});

describe('a report', () => {
  it('has what the analyst wrote and chose, and what was found, and its file is compared', async () => {
    const text = { summary: 'Somebody came in.', findings: '', techniques: ['T1110'] };
    await test.ask('reports.write_text', { caseId, text });
    expect(await test.ask('reports.text', { caseId })).toEqual(text);
    const report = await exported();
    expect(report.summary).toBe(text.summary);
    expect(report.techniques[0]).toMatchObject({ id: 'T1110', isChosen: true });
    expect(report.sources).toMatchObject([{ file: 'same', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string }]);
    const bytes = readFileSync(path);
    for (const { byteOffset, raw } of report.alerts) {
      const start = byteOffset ?? -1;
      expect(bytes.subarray(start, start + Buffer.byteLength(raw.text)).toString('utf8')).toBe(raw.text);
    }
    expect(report.observables.length).toBeGreaterThan(0);
    for (const { kind, text: value } of report.observables.filter(
      ({ kind }) => kind === 'address' || kind === 'user',
    )) {
      expect([kind, report.alerts.some(({ raw }) => raw.text.includes(value))]).toEqual([kind, true]);
    }
    expect(report.observables.some(({ elsewhere }) => (elsewhere?.lineCount ?? 0) > 0)).toBe(true);
    expect(report.audit.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['case.created', 'case.report_written', 'verdict.given']),
    );
  });

  it('of a file that was changed or is gone is made all the same, and says so', async () => {
    renameSync(path, `${path}.away`);
    expect((await exported()).sources[0]?.file).toBe('gone');
    const { base64 } = await test.ask('reports.export', { caseId, format: 'html' });
    expect(Buffer.from(base64, 'base64').toString('utf8')).toContain('can no longer be compared with what was read');
    writeFileSync(path, 'something else');
    expect((await exported()).sources[0]?.file).toBe('changed');
  });

  it('leaves out what is to be left out, in its preview too', async () => {
    const { observables } = await test.ask('reports.preview', { caseId });
    const taken = observables.find(({ kind }) => kind === 'user' || kind === 'host');
    if (!taken) throw new Error('The case has no user and no host.');
    const redaction = { observables: [taken.key], personal: false };
    const { html } = await test.ask('reports.preview', { caseId, redaction });
    expect(html).toContain('taken out]');
    expect(html).toContain('What was taken out');
    const report = await exported({ redaction });
    expect(report.redactions).toHaveLength(1);
  });

  it('has the sections of a template, in their order', async () => {
    const layout = [
      { id: 'model' as const, title: 'The model', text: 'Of {case}, {alerts} alerts.' },
      { id: 'summary' as const, title: 'In short', text: '' },
    ];
    await test.ask('reports.set_templates', { templates: [{ id: 'short', name: 'Short', layout }] });
    const [template] = await test.ask('reports.templates', {});
    const { html } = await test.ask('reports.preview', { caseId, layout: template?.layout ?? defaultLayout });
    expect([...html.matchAll(/<h2>(.*?)<\/h2>/g)].map((match) => match[1])).toEqual(['The model', 'In short']);
    expect(html).toContain('Of C-1, 5 alerts.');
  });

  it('comes in every format, each export one entry of the audit', async () => {
    const before = (await test.ask('cases.get', { caseId })).auditCount;
    for (const format of reportFormats) {
      const { base64, fileName } = await test.ask('reports.export', { caseId, format });
      expect([fileName.startsWith('case-1.'), base64.length > 1000]).toEqual([true, true]);
    }
    const after = await test.ask('cases.get', { caseId });
    expect(after.auditCount - before).toBe(reportFormats.length);
    expect(after.auditIsIntact).toBe(true);
  });
});
