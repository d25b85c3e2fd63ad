/** @file What is taken out is in no format any more, and the list says so without saying what it was. */
import { expect, test } from 'vitest';
import { redacted } from '../../src/main/report/redact.ts';
import { renderReport } from '../../src/main/report/render.ts';
import { unzipped } from '../../src/main/report/formats/zipped.ts';
import type { CaseReport } from '../../src/main/report/caseReport.ts';
import { defaultLayout, reportFormats, wholeLayout } from '../../src/shared/report.ts';
import { report } from './samples.ts';

const choice = { observables: ['file /srv/finance/ledger-2026-q3.db'], personal: true };

/** Also what is inside of archives, and lines as STIX carries them. */
async function textsIn(bytes: Uint8Array, ending: string): Promise<string> {
  if (ending === 'pdf') return '';
  if (ending === 'docx' || ending === 'xlsx' || ending === 'zip') {
    const parts = await unzipped(bytes);
    return (await Promise.all(parts.map((part) => textsIn(part.bytes, part.name.split('.').at(-1) ?? '')))).join('\n');
  }
  const text = Buffer.from(bytes).toString('utf8');
  const lines = [...text.matchAll(/"payload_bin": "([^"]+)"/g)].map((match) =>
    Buffer.from(match[1] ?? '', 'base64').toString(),
  );
  return text + lines.join('\n');
}

test.each(reportFormats)('%s holds nothing of what was taken out', async (format) => {
  const bytes = await renderReport(redacted(report, choice), format, defaultLayout);
  const text = await textsIn(bytes, format);
  expect(text.toLowerCase()).not.toContain('anna');
  expect(text).not.toContain('ledger-2026');
});

test('the list says what kind went and how often, and the surprise stays where it was', () => {
  const taken = redacted(report, choice);
  expect(taken.redactions).toEqual([
    { label: '[user 1 taken out]', kind: 'User', count: expect.any(Number) as number },
    { label: '[file 1 taken out]', kind: 'File', count: expect.any(Number) as number },
  ]);
  const { text, heat } = taken.alerts[1]?.raw ?? { text: '', heat: [] };
  const parts = heat.map(({ start, end }) => text.slice(start, end));
  expect(parts).toEqual(['fs-02', 'shred', '-uzn 3', '[file 1 taken out]', '[file 1 taken out]', 'PWD']);
});

test('a name is taken out as a word, in any case, and a system account is nobody’s name', () => {
  const observables = ['anna', 'root'].map(
    (text) => ({ ...report.observables[1], key: `user ${text}`, text }) as never,
  );
  const summary = 'ANNA saw annapolis; root did nothing. anna_b is another.';
  const taken = redacted({ ...report, observables, summary }, { observables: [], personal: true });
  expect(taken.summary).toBe('[user 1 taken out] saw annapolis; root did nothing. anna_b is another.');
});

test('what an analyst wrote goes however it was written, and so do attachments, phases, tasks and what a language model said', async () => {
  const person = 'anna.weiss';
  const url = 'https://bad.example/x';
  const said = `${person}, anna\\.weiss, ANNA.WEISS, ${url}, hxxps://bad[.]example/x and https\\://bad\\.example/x`;
  const at = report.generatedAt;
  const whole: CaseReport = {
    ...{ ...report, summary: said, findings: said, title: said, tags: [person], owner: person },
    notes: [{ id: 'n', analyst: 'j.keller', writtenAt: at, text: `# ${said}\n\n- **${said}**` }],
    explanations: [
      {
        ...{ id: 'e', alertNumber: 12, model: 'mistral', text: said, doubts: [said], madeAt: at },
        ...{ keptBy: 'j.keller', addedAt: at },
      },
    ],
    tasks: [{ id: 't', title: said, owner: person, dueAt: null, madeBy: 'x', madeAt: at, doneBy: null, doneAt: null }],
    attachments: [
      { id: 'a', name: `../${person}.pcap`, sizeBytes: 0, sha256: 'cd'.repeat(32), addedBy: 'x', addedAt: at },
    ],
    phases: [{ id: 'p', name: person, fromAt: at, toAt: at }],
  };
  const taken = redacted(whole, { observables: [`url ${url}`], personal: true });
  for (const format of reportFormats) {
    const text = (await textsIn(await renderReport(taken, format, wholeLayout), format)).toLowerCase();
    for (const part of ['anna', 'bad.example', 'bad[.]example', 'bad\\.example']) expect(text).not.toContain(part);
  }
});

test('nothing chosen: the report as it is', () => {
  expect(redacted(report, { observables: [], personal: false })).toBe(report);
});
