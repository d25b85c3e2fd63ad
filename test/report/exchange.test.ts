/** @file STIX and MISP as others read them: against their schemas, and what schemas cannot see: references, ids, what is an indicator. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mispEvent } from '../../src/main/report/formats/misp.ts';
import { stixBundle } from '../../src/main/report/formats/stix.ts';
import type { Observable } from '../../src/shared/observables.ts';
import { dataFolder } from '../helpers/dataFolder.ts';
import { hostileTexts, withTexts } from './hostile.ts';
import { report } from './samples.ts';

const observable = (kind: Observable['kind'], text: string, isInside: boolean | null = null): Observable => ({
  ...{ key: `${kind} ${text}`, kind, text, isInside, alerts: [10, 12, 13], firstAt: report.generatedAt },
  ...{ lastAt: report.generatedAt, elsewhere: null },
});
const everything = {
  ...report,
  observables: [
    observable('address', '185.220.101.44', false),
    observable('address', '10.0.0.7', true),
    observable('address', '2001:db8::1', false),
    observable('domain', 'bad.example'),
    observable('url', "https://bad.example/it's?x=1"),
    observable('hash', 'ab'.repeat(16)),
    observable('hash', 'cd'.repeat(32)),
    observable('email', 'a@bad.example'),
    observable('user', 'anna.weiss'),
    observable('host', 'fs-02'),
    observable('file', '/srv/finance/ledger.db'),
    observable('file', 'C:\\Temp\\x.exe'),
    observable('process', 'sudo'),
    observable('command', '/usr/bin/shred -uzn 3 /srv'),
  ],
};
const wild = hostileTexts.map((text) => withTexts({ ...everything, title: 'x' }, () => text));

const folder = dataFolder('stix-schemas');
/** What the validator of OASIS looks at and the schemas do not. */
test('a process, which has no identifying properties, has an id of version 4', () => {
  const processes = stixBundle(everything).objects.filter(({ type }) => type === 'process');
  expect(processes).toHaveLength(1);
  for (const { id } of processes) expect(id).toMatch(/^process--[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
});

describe.skipIf(folder === null)('STIX against the schemas of OASIS', () => {
  const ajv = new Ajv2020({ strict: false, unicodeRegExp: false, allErrors: false });
  addFormats.default(ajv);
  ajv.addFormat('idn-hostname', true);
  const files = (folder === null ? [] : readdirSync(folder, { recursive: true }).map(String)).filter((name) =>
    name.endsWith('.json'),
  );
  const idOf = new Map<string, string>();
  for (const name of files) {
    const schema = JSON.parse(readFileSync(join(folder ?? '', name), 'utf8')) as { $id: string };
    if (idOf.size === 0 || !ajv.getSchema(schema.$id)) ajv.addSchema(schema);
    idOf.set(name.replace(/^.*[\\/]/, '').replace('.json', ''), schema.$id);
  }

  test.each([['tame', [everything]] as const, ['hostile', wild] as const])(
    'every object of %s reports fits',
    (_name, reports) => {
      for (const one of reports) {
        for (const object of stixBundle(one).objects) {
          const validate = ajv.getSchema(idOf.get(object.type) ?? '');
          expect([object.type, validate === undefined]).toEqual([object.type, false]);
          validate?.(object);
          expect([object.type, object, validate?.errors ?? null]).toEqual([object.type, object, null]);
        }
      }
    },
  );
});
if (folder === null) console.warn('Skipped: the STIX schemas are not here (../shared/data/stix-schemas).');

test('every reference leads to an object of the bundle, and no id stands twice', () => {
  for (const one of [everything, ...wild]) {
    const { objects } = stixBundle(one);
    const ids = objects.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const refs = objects.flatMap((object) =>
      Object.entries(object).flatMap(([key, value]) =>
        key.endsWith('_ref') ? [String(value)] : key.endsWith('_refs') ? (value as string[]) : [],
      ),
    );
    expect(refs.filter((ref) => !ids.includes(ref))).toEqual([]);
  }
});

test('ids of observables are those of the specification', () => {
  // As Python's uuid.uuid5 gives it for the namespace of the specification and {"value":"198.51.100.3"}.
  const { objects } = stixBundle({ ...report, observables: [observable('address', '198.51.100.3', false)] });
  expect(objects.find(({ type }) => type === 'ipv4-addr')?.id).toBe('ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4');
});

test('indicators are only of what was judged a true positive, and never of addresses inside', () => {
  const { objects } = stixBundle(everything);
  const indicators = objects.filter(({ type }) => type === 'indicator').map(({ pattern }) => pattern);
  expect(indicators).toEqual([
    "[ipv4-addr:value = '185.220.101.44']",
    "[ipv6-addr:value = '2001:db8::1']",
    "[domain-name:value = 'bad.example']",
    "[url:value = 'https://bad.example/it\\'s?x=1']",
    `[file:hashes.'MD5' = '${'ab'.repeat(16)}']`,
    `[file:hashes.'SHA-256' = '${'cd'.repeat(32)}']`,
  ]);
  const undecided = { ...everything, alerts: everything.alerts.map((alert) => ({ ...alert, verdict: null })) };
  expect(stixBundle(undecided).objects.filter(({ type }) => type === 'indicator')).toEqual([]);
});

/** What the core format says of an event and an attribute: these names and no other, and texts where it has texts. */
const text = { type: 'string' };
const truth = { type: 'boolean' };
const organisation = {
  type: 'object',
  additionalProperties: false,
  properties: { id: text, name: text, uuid: text },
  required: ['uuid'],
};
const tag = {
  type: 'object',
  additionalProperties: false,
  properties: { id: text, name: text, colour: text, exportable: truth, hide_tag: truth, user_id: text },
};
const attribute = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...{
      id: text,
      type: text,
      category: text,
      to_ids: truth,
      uuid: text,
      event_id: text,
      distribution: text,
      timestamp: text,
    },
    ...{
      first_seen: text,
      last_seen: text,
      comment: text,
      sharing_group_id: text,
      deleted: truth,
      disable_correlation: truth,
    },
    ...{ value: text, data: text, Tag: { type: 'array', uniqueItems: true, items: tag } },
  },
};
const eventSchema = {
  type: 'object',
  required: ['Event'],
  properties: {
    Event: {
      type: 'object',
      additionalProperties: false,
      properties: {
        ...{
          id: text,
          org_id: text,
          orgc_id: text,
          date: text,
          threat_level_id: text,
          info: text,
          published: truth,
          uuid: text,
        },
        ...{
          attribute_count: text,
          analysis: text,
          timestamp: text,
          distribution: text,
          Org: organisation,
          Orgc: organisation,
        },
        Attribute: { type: 'array', uniqueItems: true, items: attribute },
        Tag: { type: 'array', uniqueItems: true, items: tag },
      },
    },
  },
};

test('a MISP event is one by the core format, and marks for detection only what was confirmed', () => {
  const validate = new Ajv2020({ strict: false }).compile(eventSchema);
  for (const one of [everything, ...wild]) {
    validate(mispEvent(one));
    expect(validate.errors ?? null).toBeNull();
  }
  const { Event } = mispEvent(everything) as {
    Event: { Attribute: { value: string; to_ids: boolean; uuid: string }[]; Tag: unknown };
  };
  expect(Event.Attribute.filter(({ to_ids }) => to_ids).map(({ value }) => value)).toEqual([
    ...[
      '185.220.101.44',
      '2001:db8::1',
      'bad.example',
      "https://bad.example/it's?x=1",
      'ab'.repeat(16),
      'cd'.repeat(32),
    ],
  ]);
  expect(Event.Tag).toEqual([{ name: 'misp-galaxy:mitre-attack-pattern="File Deletion - T1070.004"' }]);
  expect(new Set(Event.Attribute.map(({ uuid }) => uuid)).size).toBe(Event.Attribute.length);
});
