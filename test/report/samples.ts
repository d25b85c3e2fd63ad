/** @file A case report as the app would make it, and the texts that attackers would like it to carry. */
import type { SessionEvent } from '../../src/shared/alerts.ts';
import type { Verdict } from '../../src/shared/verdicts.ts';
import { buildDocument } from '../../src/main/report/buildDocument.ts';
import { renderHtml } from '../../src/main/report/formats/html.ts';
import type { ReportDocument } from '../../src/main/report/document.ts';
import { defaultLayout } from '../../src/shared/report.ts';
import type { CaseReport, ReportAlert } from '../../src/main/report/caseReport.ts';

const noon = Date.UTC(2026, 10, 20, 12, 0, 0);

export const verdict: Verdict = {
  id: 'v1',
  alertId: 'a1',
  value: 'true_positive',
  note: 'Confirmed with the finance team.\nAccount locked.',
  analyst: 'j.keller',
  givenAt: noon + 4_000_000,
};

const raw =
  'Nov 20 13:58:41 fs-02 sudo: anna.weiss : TTY=pts/3 ; PWD=/srv/finance ; USER=root ; COMMAND=/usr/bin/shred -uzn 3 /srv/finance/ledger-2026-q3.db';

function at(text: string, bits: number): { start: number; end: number; bits: number } {
  const start = raw.indexOf(text);
  return { start, end: start + text.length, bits };
}

const culprit: SessionEvent = {
  eventId: 3,
  lineNumber: 1_204_377,
  at: noon + 3_521_000,
  text: 'sudo: <*> : TTY=<*> ; PWD=<*> ; USER=root ; COMMAND=<*>',
  templateNumber: 7,
  bits: 19.4,
  aside: null,
  isCulprit: true,
  expected: [
    { text: 'session closed for user <*>', probability: 0.612 },
    { text: 'less <*>', probability: 0.0009 },
  ],
  probability: 1.4e-6,
};

export const alert: ReportAlert = {
  id: 'a12',
  number: 12,
  severity: 5,
  score: 4.77,
  bits: 19.4,
  reason: 'unseen',
  title: 'A kind of line that was never seen in training',
  reading: 'A clear deviation: 21 times rarer than the threshold asks.',
  votes: [{ detector: 'key', score: 5.6 }],
  perplexity: 3.2,
  repeatCount: 2,
  nearest: [{ number: 4, value: 'true_positive', similarity: 0.71 }],
  reasonText: 'The model gave this line one chance in 690,000. It expected the session to close.',
  template: 'sudo: <*> : TTY=<*> ; PWD=<*> ; USER=root ; COMMAND=<*>',
  entity: { kind: 'user', text: 'anna.weiss' },
  host: 'fs-02',
  sourceName: 'auth.log',
  sourceId: 1,
  byteOffset: 88_123_456,
  lineNumber: 1_204_377,
  at: noon + 3_521_000,
  raisedAt: noon + 3_600_000,
  verdict,
  raw: {
    text: raw,
    isCut: false,
    lengthChars: raw.length,
    heat: [
      at('fs-02', 4.5),
      at('shred', 14.2),
      at('-uzn 3', 11),
      at('/srv/finance/', 2.5),
      at('q3.db', 8),
      at('PWD', 1.2),
    ],
  },
  session: {
    title: 'Session of anna.weiss',
    eventCount: 40,
    events: [
      {
        eventId: 2,
        lineNumber: 1_204_370,
        at: noon + 3_520_000,
        text: 'session opened for user <*>',
        templateNumber: 3,
        bits: 0.4,
        aside: null,
        isCulprit: false,
        expected: [],
        probability: 0.75,
      },
      culprit,
      {
        ...culprit,
        eventId: null,
        lineNumber: null,
        at: null,
        text: 'end of session',
        templateNumber: null,
        bits: 3.1,
        aside: null,
        isCulprit: false,
      },
    ],
  },
  before: [
    {
      eventId: 2,
      lineNumber: 1_204_376,
      at: noon,
      severity: null,
      raw: 'Nov 20 13:58:40 fs-02 systemd: Started',
      isCut: false,
    },
  ],
  after: [
    {
      eventId: 4,
      lineNumber: 1_204_378,
      at: noon,
      severity: 'error',
      raw: 'Nov 20 13:58:42 fs-02 CRON[22]: run',
      isCut: true,
    },
  ],
  modelName: 'm3',
  thresholdVersion: 12,
};

/** Everything that a note can be made of. */
export const everyMarkdown = `# Steps

1. *Look* at **the** ledger
   - \`less\` said nothing
   - ~~copied~~
2. Ask

Then:

7. Tell

> Quoted
> as it was said

\`\`\`
shred -uzn 3
\`\`\`

---

| who | when |
| --- | --- |
| ben | noon |
`;

export const report: CaseReport = {
  caseId: '5d2f6d1c-0b3a-4a51-9a57-0d4c1a1c0147',
  appVersion: '0.1.0',
  summary: 'A ledger was destroyed on {title}.\nThe account was used by somebody else.',
  findings: '',
  explanations: [],
  observables: [
    {
      key: 'address 185.220.101.44',
      ...{ kind: 'address', text: '185.220.101.44', isInside: false, alerts: [12], firstAt: noon + 3_521_000 },
      lastAt: noon + 3_521_000,
      elsewhere: { lineCount: 212, isMore: false, logCount: 2, alertCount: 3, caseNumbers: [4] },
    },
    {
      ...{ key: 'user anna.weiss', kind: 'user', text: 'anna.weiss', isInside: null, alerts: [10, 12, 13] },
      ...{ firstAt: noon + 3_000_000, lastAt: noon + 3_521_000, elsewhere: null },
    },
    {
      ...{ key: 'file /srv/finance/ledger-2026-q3.db', kind: 'file', text: '/srv/finance/ledger-2026-q3.db' },
      ...{ isInside: null, alerts: [12], firstAt: null, lastAt: null, elsewhere: null },
    },
    {
      ...{ key: 'url https://bad.example/x', kind: 'url', text: 'https://bad.example/x', isInside: null },
      ...{ alerts: [12], firstAt: null, lastAt: null, elsewhere: null },
    },
  ],
  techniques: [
    { id: 'T1070.004', name: 'File Deletion', tactics: ['defense-evasion'], isChosen: true, reasons: ['A-12: shred.'] },
    {
      id: 'T1078',
      name: 'Valid Accounts',
      tactics: ['initial-access'],
      isChosen: false,
      reasons: ['A-12: from where.'],
    },
  ],
  attackNotice: 'ATT&CK Enterprise v18.1 (November 2025).',
  sources: [
    {
      ...{ id: 1, name: 'auth.log', format: 'syslog3164', lineCount: 1_300_000, sizeBytes: 90_000_000 },
      sha256: 'ab'.repeat(32),
      assumption: { year: 2026, zone: 'Europe/Berlin' },
      importedAt: noon,
      file: 'gone',
    },
  ],
  labels: {
    ...{ true_positive: 3, benign_true_positive: 1, false_positive_logic: 5, false_positive_data: 1, undetermined: 2 },
  },
  audit: [
    { sequence: 60, at: noon, analyst: 'j.keller', action: 'case.created', subject: 'c', details: '{"alerts":3}' },
  ],
  redactions: [],
  number: 147,
  title: 'Finance ledger destroyed through anna.weiss',
  state: 'open',
  severity: 5,
  workspace: 'office-net',
  analyst: 'j.keller',
  generatedAt: noon + 4_800_000,
  zone: 'Europe/Berlin',
  ...{ closing: null, owner: null, tags: [], dueAt: null, raisedAt: noon, viewedAt: noon + 240_000, closedAt: null },
  ...{ tasks: [], attachments: [], phases: [] },
  notes: [
    {
      id: 'n1',
      analyst: 'j.keller',
      writtenAt: noon + 4_000_000,
      text: 'Account locked in the directory.\n185.220.101[.]44 blocked.',
    },
  ],
  alerts: [
    {
      ...alert,
      id: 'a10',
      number: 10,
      severity: 4,
      at: noon + 3_000_000,
      title: 'Session events out of order',
      verdict: null,
    },
    alert,
    {
      ...alert,
      id: 'a13',
      number: 13,
      severity: 2,
      at: null,
      title: 'Rare line',
      verdict: { ...verdict, value: 'benign_true_positive' },
    },
  ],
  modelSentences: [
    'Model m3 learned from auth.log: 14,200 lines in 812 sessions, 37 kinds of lines, 120,000 parameters.',
    'Threshold v12 shows alerts with p at or below 2.0 × 10⁻⁴ (budget 20 alerts a day).',
  ],
  auditSentence: 'Audit chain intact, 61 entries when the report was made.',
};

/** As it is laid out by default, with everything. */
export function documentOf(of: CaseReport): ReportDocument {
  return buildDocument(of, defaultLayout, { rows: 1000, alerts: 1000, inDepth: 1000 });
}

export function htmlOf(of: CaseReport): string {
  return renderHtml(documentOf(of));
}
