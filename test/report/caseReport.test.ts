/** @file From the app's details to the report: order of the log, honest sentences. */
import { expect, test } from 'vitest';
import { buildCaseReport, inLogOrder, toReportAlert } from '../../src/main/report/caseReport.ts';
import type { CaseDetail } from '../../src/shared/cases.ts';
import type { AlertDetail, AlertRow } from '../../src/shared/alerts.ts';
import type { Model } from '../../src/shared/models.ts';
import type { Threshold } from '../../src/shared/thresholds.ts';
import { alert } from './samples.ts';

function detailOf(number: number, at: number | null): AlertDetail {
  const {
    raw,
    sourceId: _sourceId,
    byteOffset: _byteOffset,
    reasonText,
    reading,
    votes,
    perplexity,
    nearest,
    session,
    before,
    after,
    modelName,
    thresholdVersion,
    ...figures
  } = alert;
  const row: AlertRow = {
    ...figures,
    id: `a${number}`,
    detector: 'key',
    origin: 'detector',
    number,
    at,
    state: 'open',
    raisedAt: 0,
    eventCount: 1,
    foldedCount: 0,
    repeatLastAt: null,
    isViewed: true,
    isKnownThreat: false,
    seenBefore: {
      true_positive: 0,
      benign_true_positive: 0,
      false_positive_logic: 0,
      false_positive_data: 0,
      undetermined: 0,
    },
    caseNumber: 1,
    owner: null,
    signature: 'aa',
    excerpt: '',
    templateNumber: 1,
    place: { severity: '', time: '' },
  };
  const margin = { score: 1, threshold: 1, histogram: { binBits: 1, counts: [] }, bits: 1, thresholdBits: 1 };
  const line = { ...raw, parts: [] };
  const rest = { margin, history: [], cases: [], before, after, modelName, thresholdVersion, raw: line, reasonText };
  const said = {
    reading,
    votes,
    perplexity,
    usualPerplexity: null,
    judgedBy: 'Budget',
    nearest: nearest.map((near) => ({ ...near, alertId: 'n', analyst: 'a', givenAt: 0 })),
    confidence: null,
    repeats: [],
  };
  return { row, session: { ...session, hasBeginning: true, durationMs: null }, ...said, ...rest };
}

const caseDetail: CaseDetail = {
  row: {
    ...{ id: 'c', number: 3, title: 'T', state: 'open', closing: null, alertCount: 3, severity: 5, ownSeverity: null },
    ...{ owner: null, tags: [], dueAt: null, taskCount: 0, openTaskCount: 0, createdAt: 0, updatedAt: 0 },
    ...{ raisedAt: 0, viewedAt: 0, verdictAt: null, closedAt: null, mergedInto: null },
  },
  alerts: [],
  origins: [],
  notes: [],
  explanations: [],
  tasks: [],
  attachments: [],
  phases: [],
  links: [],
  parts: [],
  auditIsIntact: false,
  auditCount: 7,
  auditHead: '7:00112233445566778899aabbccddeeff',
};

const model = {
  number: 3,
  learnedFrom: 'auth.log',
  lineCount: 14_200,
  sessionCount: 1,
  eventKinds: 37,
  parameterCount: 120_000,
  validationBits: null,
} as Model;

const threshold = {
  version: 12,
  score: 3.7,
  budget: { alerts: 20, per: 'day' },
  calibrationEvents: 5000,
  verdictCount: 1,
  meaning: 'About 20 alerts a day are expected.',
} as Threshold;

const labels = {
  ...{ true_positive: 3, benign_true_positive: 1, false_positive_logic: 5, false_positive_data: 1, undetermined: 9 },
};

test('alerts come in the order of the log, those without a time last', () => {
  const details = [detailOf(4, null), detailOf(3, 20), detailOf(2, null), detailOf(1, 10), detailOf(5, 10)];
  const alerts = details.map((detail) => toReportAlert(detail, { sourceId: 1, byteOffset: null })).sort(inLogOrder);
  expect(alerts.map(({ number }) => number)).toEqual([1, 5, 3, 2, 4]);
});

test('a report says what the model is, what the threshold means and how often they were right', () => {
  const report = buildCaseReport({
    detail: caseDetail,
    model,
    threshold,
    workspace: 'w',
    analyst: 'x',
    generatedAt: 0,
    zone: 'UTC',
    appVersion: '0.1.0',
    ...{ summary: '', findings: '', techniques: [], attackNotice: '', sources: [], audit: [], observables: [], labels },
    explanations: [],
    ...{ isOfHere: true, judgedElsewhere: [] },
  });
  expect(report.auditSentence).toMatch(/^The audit chain is broken/);
  expect(report.modelSentences).toEqual([
    'Model m3 learned from auth.log: 14,200 lines in 1 session, 37 kinds of lines, 120,000 parameters.',
    'It was not measured on lines it had not seen.',
    'Threshold v12 shows alerts with p at or below 2.0 × 10⁻⁴ (budget 20 alerts a day; 5,000 events in its calibration, 1 verdict taken into account).',
    'About 20 alerts a day are expected.',
    'Of 10 decided alerts in this workspace, 3 were true positives, 1 benign true positives and 6 false positives: a precision of 40 % so far (30 % without the benign).',
  ]);
});
