/** @file What is typed and not saved yet belongs to its case. Catches text that is lost on the way to another case, or that turns up in the other's report. */
import { expect, it } from 'vitest';
import { CasesState } from '../../src/renderer/state/cases.svelte.ts';
import { ReportState } from '../../src/renderer/state/report.svelte.ts';
import type { ReportText } from '../../src/shared/report.ts';
import { FakeTransport } from './helpers/fakeTransport.ts';

const own = (caseId: string): ReportText => ({ summary: `of ${caseId}`, findings: '', techniques: [] });

it('a note that was begun is there again when its case is', async () => {
  const transport = new FakeTransport({
    'cases.list': () => [],
    'cases.get': ({ caseId }) => ({ row: { id: caseId }, alerts: [], tasks: [] }) as never,
  });
  const cases = new CasesState(transport, () => 'UTC');
  await cases.select('c1');
  cases.setDraft('c1', 'half a sentence');
  await cases.select(null);
  await cases.select('c2');
  expect(cases.draftOf('c2')).toBe('');
  await cases.select('c1');
  expect(cases.draftOf('c1')).toBe('half a sentence');
});

it('the text of one report is never in another, not even where that cannot be read', async () => {
  const transport = new FakeTransport({
    'reports.text': ({ caseId }) => {
      if (caseId === 'c2') throw new Error('gone');
      return own(caseId);
    },
    'reports.preview': () => ({}) as never,
  });
  const report = new ReportState(transport, () => 'UTC');
  await report.show('c1');
  expect(report.text.summary).toBe('of c1');
  await expect(report.show('c2')).rejects.toThrow('gone');
  expect(report.text.summary).toBe('');
});

it('what was typed into a report and not saved is there again when its case is', async () => {
  const transport = new FakeTransport({
    'reports.text': ({ caseId }) => own(caseId),
    'reports.preview': () => ({}) as never,
  });
  const report = new ReportState(transport, () => 'UTC');
  await report.show('c1');
  report.write({ findings: 'typed' });
  await report.show('c2');
  expect([report.text.findings, report.isUnsaved]).toEqual(['', false]);
  await report.show('c1');
  expect([report.text.findings, report.isUnsaved]).toEqual(['typed', true]);
});

it('what was written under a heading for one case is not in the report of another, and there again with its own; a template is for all', async () => {
  const asked: string[] = [];
  const transport = new FakeTransport({
    'reports.text': ({ caseId }) => own(caseId),
    'reports.preview': ({ caseId, layout = [] }) => {
      asked.push(`${caseId}: ${layout.map(({ text }) => text).join('')}`);
      return {} as never;
    },
  });
  const report = new ReportState(transport, () => 'UTC');
  await report.show('c1');
  const [section] = report.sections;
  if (section) section.text = 'only for c1';
  await report.show('c2');
  await report.show('c1');
  expect(asked).toEqual(['c1: ', 'c2: ', 'c1: only for c1']);
  const layout = [{ id: 'summary' as const, title: 'Summary', text: 'for all' }];
  report.useTemplate({ id: 't', name: 'Ours', layout });
  const [used] = report.sections;
  if (used) used.text = 'for all, and c1';
  await report.show('c3');
  expect(report.sections[0]?.text).toBe('for all');
  expect(layout[0]?.text).toBe('for all');
});
