/** @file Pictures of what needs more than this machine has at hand, as it is laid out here: outputs, the API, classifiers. */
import type { ClassifiedWindow, Classifier, ClassifierQuality, WindowExplanation } from '../../src/shared/classify.ts';
import type { Output } from '../../src/shared/outputs.ts';
import { idle, keys, laidOut, picture, type Look } from './page.ts';

const minute = 60_000;
const hour = 60 * minute;

const outputs: Output[] = [
  {
    target: { kind: 'webhook', url: 'https://soc.example/hooks/surprisal' },
    isOn: true,
    minSeverity: 4,
    sendsLine: false,
    hasSecret: true,
    sentCount: 1204,
    waitingCount: 37,
    lastSentAt: Date.now() - 4 * minute,
    problem: 'The receiver answered 503 Service Unavailable. Its alerts wait here and are sent when it is back.',
    nextTryAt: Date.now() + 2 * minute,
  },
  {
    target: { kind: 'splunk', url: 'https://splunk.example:8088/services/collector', index: 'alerts' },
    isOn: false,
    minSeverity: 3,
    sendsLine: true,
    hasSecret: false,
    sentCount: 0,
    waitingCount: 0,
    lastSentAt: null,
    problem: null,
    nextTryAt: null,
  },
  {
    target: { kind: 'syslog', host: 'siem.example', port: 6514, transport: 'tls' },
    isOn: true,
    minSeverity: 1,
    sendsLine: true,
    hasSecret: false,
    sentCount: 88,
    waitingCount: 0,
    lastSentAt: Date.now() - minute,
    problem: null,
    nextTryAt: null,
  },
];

export async function connections(look: Look): Promise<void> {
  const { page } = look;
  await keys(page, 'g', 'q');
  const end = await laidOut(page, {
    'outputs.list': outputs,
    'api.get': {
      settings: { isOn: true, port: 8000, perSecond: 10_000 },
      runsAt: 8000,
      problem: null,
      isServed: false,
    },
    'api.tokens': ['collector', 'nightly import'].map((name, index) => ({
      id: `token-${index}`,
      name,
      madeAt: Date.now() - 90 * hour,
      revokedAt: null,
    })),
  });
  await keys(page, 'Control+,');
  await idle(page);
  for (const name of ['Webhook', 'Splunk HTTP Event Collector', 'Syslog (CEF)']) {
    await page.locator('summary', { hasText: name }).click();
  }
  await page.locator('#outputs-title').scrollIntoViewIfNeeded();
  await picture(look, '78-outputs');
  await page.getByText('Explanations by a language model').scrollIntoViewIfNeeded();
  await picture(look, '78-explanations-and-api');
  await keys(page, 'g', 'q');
  await end();
}

const quality = (found: number, wrong: number, averagePrecision: number | null): ClassifierQuality => {
  const [precision, recall] = [found / Math.max(1, found + wrong), found / 61];
  return {
    windows: 398,
    anomalous: 61,
    truePositives: found,
    falsePositives: wrong,
    precision,
    recall,
    f1: (2 * precision * recall) / Math.max(0.01, precision + recall),
    averagePrecision,
  };
};

const lines = [
  'RAS KERNEL INFO instruction cache parity error corrected',
  'RAS KERNEL INFO generating core.<NUM>',
  'RAS KERNEL FATAL data TLB error interrupt',
  'RAS APP FATAL ciod: failed to read message prefix on control stream',
];

const window = (index: number): ClassifiedWindow => ({
  part: 'test',
  index,
  label: index % 5 === 0,
  probability: index % 5 === 0 ? 0.91 - index / 200 : 0.04 + index / 300,
  logit: index % 5 === 0 ? 2.3 : -3.1,
  isAlarm: index % 5 === 0,
  sameInTraining: { normal: index % 3, anomalous: 0 },
  events: Array.from({ length: 10 }, (_, place) => ({
    eventId: 1 + ((index + place * 7) % 63),
    text: lines[(index + place) % lines.length] ?? null,
    isUnseen: place === 6,
    change: Math.sin(index + place * 2.1) * (place === 6 ? 2.4 : 0.5),
  })),
});

const classifier = (number: number, change: Partial<Classifier>): Classifier => ({
  id: `classifier-${number}`,
  number,
  state: 'kept',
  createdAt: Date.now() - (3 - number) * 20 * hour,
  card: {
    name: 'bgl-windows.npz',
    source: 'archive',
    length: 10,
    eventIds: 63,
    seed: 1,
    counts: { train: { windows: 1592, anomalous: 240 }, test: { windows: 398, anomalous: 61 } },
    duplicates: { testInTrain: 158, withinTrain: 512 },
    heldBack: { windows: 318, anomalous: 48 },
    classWeight: 5.6,
    shape: { layers: 2, heads: 4, width: 64, contextLength: 10, vocabularySize: 65 },
    parameterCount: 108_000,
    epochs: 14,
    bestEpoch: 11,
    elapsedMs: 41_000,
    calibration: { kind: 'platt', slope: 0.8, offset: -0.3, windows: 318, anomalous: 48 },
    test: {
      classifier: quality(40, 19, 0.71),
      baselines: {
        majority: quality(0, 0, null),
        unseenId: quality(14, 25, null),
        seenAnomalous: quality(36, 24, null),
      },
      brier: { raw: 0.121, calibrated: 0.083 },
      reliability: Array.from({ length: 10 }, (_, index) => ({
        from: index / 10,
        to: (index + 1) / 10,
        windows: 80 - 7 * index,
        meanProbability: index / 10 + 0.04,
        anomalous: Math.round((80 - 7 * index) * (index / 11)),
      })),
      withoutDuplicates: quality(24, 18, 0.55),
    },
    noQuality: null,
  } as Classifier['card'],
  curve: [],
  files: [],
  ...change,
});

export async function classifiers(look: Look): Promise<void> {
  const { page } = look;
  await keys(page, 'g', 'k');
  await idle(page);
  await picture(look, '79-no-classifier');
  await keys(page, 'g', 'q');
  const attention = Array.from({ length: 2 }, () =>
    Array.from({ length: 4 }, () =>
      Array.from({ length: 10 }, (_, query) =>
        Array.from({ length: 10 }, (__, key) => (key > query ? 0 : (1 + ((key * 3) % 5)) / (2 * query + 3))),
      ),
    ),
  );
  const explained: WindowExplanation = { ...window(0), attention };
  const end = await laidOut(page, {
    'classifiers.list': [classifier(1, {}), classifier(2, {})],
    'classifiers.evaluate': Array.from({ length: 20 }, (_, index) => window(index)),
    'classifiers.explain': explained,
  });
  await keys(page, 'g', 'k');
  await idle(page);
  await picture(look, '79-classifier');
  await page.getByRole('button', { name: 'Evaluate' }).click();
  await idle(page);
  await page.getByRole('button', { name: 'Explain window 0' }).click();
  await idle(page);
  await picture(look, '79-classifier-window');
  await keys(page, 'g', 'q');
  await end();
}
