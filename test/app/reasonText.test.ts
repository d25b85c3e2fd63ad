/** @file The sentence under an alert says what the detector saw and with which values, and nothing that another one would have said. */
import { expect, test } from 'vitest';
import { reasonText, type Explained } from '../../src/main/app/reasonText.ts';
import type { AlertRecord } from '../../src/main/store/protocol/alerts.ts';
import type { EventRecord } from '../../src/main/store/protocol/events.ts';
import { noHours } from '../../src/main/detect/streams/hours.ts';
import type { SessionEvent } from '../../src/shared/alerts.ts';

const raw = 'Nov 21 03:01:55 web1 sshd[12]: Accepted publickey for anna from 198.51.100.7 port 40 ssh2: ED25519 a';
const event = {
  ...{ id: 9, raw, rawLengthChars: raw.length, host: 'web1', at: Date.UTC(2026, 10, 20, 3, 1) },
  ...{ format: 'syslog3164', assumption: { year: 2026, zone: 'UTC' }, templateIndex: 3, severity: -1 },
} as EventRecord;
const happened: SessionEvent = {
  ...{ eventId: 9, lineNumber: 1, at: event.at, text: 'sshd: Accepted', aside: null, templateNumber: 4 },
  ...{ bits: 7, isCulprit: true, probability: 2 ** -7, expected: [{ text: 'nginx: GET', probability: 0.28 }] },
};

function sentence(row: Partial<AlertRecord>, more: Partial<Explained> = {}): string {
  const record = { eventId: 9, score: 3, bits: 7, perplexity: null, reason: 'order', ...row } as AlertRecord;
  return reasonText({
    ...{ row: record, event, rule: null, events: [happened], hasBeginning: false, before: undefined, heat: [] },
    ...{ place: null, model: undefined },
    ...more,
  });
}

test('an unusual hour is named with the usual ones, and the model is left out of it', () => {
  const hours = noHours();
  for (const hour of [7, 9, 12, 17]) hours[hour] = 5;
  const text = sentence({ reason: 'who_where' }, { place: { of: 'user_hour', hours } });
  expect(text).toContain('anna was never seen between 03:00 and 04:00 UTC; usually 07:00 to 18:00.');
  expect(text).not.toContain('given');
  expect(text).not.toContain('nginx');
});

test('an unusual network, host and user are named', () => {
  const place = (of: Explained['place']): string => sentence({ reason: 'who_where' }, { place: of });
  expect(place({ of: 'network', known: 2 })).toContain('anna never came from the network of 198.51.100.7');
  expect(place({ of: 'host', known: 1 })).toContain('anna was never on web1 in training; 1 host is known.');
  expect(place({ of: 'user', isElsewhere: true })).toContain('nor was anybody from the network of 198.51.100.7');
});

test('the first line of a session is compared with how sessions start, not with what they start with most', () => {
  const text = sentence({}, { hasBeginning: true });
  expect(text).toContain('A session seldom starts with a line like this: 1 in 128.');
  expect(text).not.toContain('nginx');
  expect(sentence({})).toContain('Most expected here, with 28 %: “nginx: GET”.');
});

test('strange parts of a line are quoted, and only those that are nearly as strange as the strangest', () => {
  const at = (part: string, bits: number) => ({ start: raw.indexOf(part), end: raw.indexOf(part) + part.length, bits });
  const text = sentence({ reason: 'unseen' }, { heat: [at('ED25519', 8), at('port', 2)] });
  expect(text).toContain('No line of this kind was in training; strangest in it: “ED25519”.');
});
