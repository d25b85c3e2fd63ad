/** @file Values of lines, whatever the lines are. Catches text that ends the import, a value that is none, and two names for one user. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineParser } from '../../src/main/ingest/parser.ts';
import { createKeyedHash } from '../../src/main/text/keyedHash.ts';
import { LineValueReader, type LineValues } from '../../src/main/text/lineValues.ts';
import { tokenize } from '../../src/main/text/mask.ts';
import { findWho } from '../../src/main/text/who.ts';
import { valueFlags } from '../../src/shared/eventValues.ts';
import { formatIds, type FormatId } from '../../src/shared/lines.ts';
import { hardTexts, sampleLines } from '../helpers/sampleLines.ts';

const keyedHash = createKeyedHash(new Uint8Array(32).fill(5));
const reader = new LineValueReader(keyedHash);

function read(format: FormatId, raw: string, by = reader): LineValues {
  const parsed = createLineParser(format, { year: 2026, zone: 'UTC' })(raw);
  return by.read(raw, parsed, tokenize(raw, parsed.message));
}

const heads = [
  'Mar  4 09:07:31 gw1 sshd[9]: ',
  'Mar  4 09:07:31 gw1 su: ',
  'Mar  4 09:07:31 gw1 sudo: ',
  'Mar  4 09:07:31 w nginx: ',
  '',
];
const fragment = fc.oneof(
  fc.constantFrom(
    ...sampleLines,
    ...hardTexts,
    ...[
      'Failed password for ',
      'invalid user ',
      ' from ',
      '10.0.0.1',
      '::ffff:1.2.3.4',
      'rhost=',
      'user=',
      '(to ',
      ') x on ',
      '[',
      ']',
    ],
    ...[
      'pam_unix(sshd:auth): authentication failure;',
      'message repeated 3 times: [ ',
      '" 401 ',
      '{"EventID":4625,"Channel":"S",',
      '\\',
    ],
    ...[
      '"TargetUserName":"',
      'type=USER_LOGIN msg=audit(1700000000.1:4): ',
      'acct="',
      'res=',
      'failed',
      '\ud800',
      '\0',
      'x'.repeat(5000),
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const anyLine = fc
  .tuple(fc.constantFrom(...heads), fc.array(fragment, { maxLength: 8 }))
  .map(([head, parts]) => head + parts.join(''));

describe('any line in any format', () => {
  it('has values that are numbers in their range, and spans inside of it', () => {
    fc.assert(
      fc.property(anyLine, fc.constantFrom(...formatIds), (raw, format) => {
        const values = read(format, raw);
        expect(values.lineHash).toBeGreaterThan(0);
        for (const name of ['lineHash', 'user', 'network', 'host'] as const)
          expect(Number.isSafeInteger(values[name])).toBe(true);
        for (const name of ['outcome', 'flags'] as const) expect([0, 1, 2, 3]).toContain(values[name]);
        for (const name of ['shapeLow', 'shapeHigh'] as const) expect(values[name] | 0).toBe(values[name]);
        const parsed = createLineParser(format, { year: 2026, zone: 'UTC' })(raw);
        const { user, address } = findWho(raw, parsed, tokenize(raw, parsed.message));
        for (const span of [user, address]) {
          if (span) expect(0 <= span.start && span.start <= span.end && span.end <= raw.length).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has the same values whatever was read before it', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 5 }), anyLine, (before, raw) => {
        const own = new LineValueReader(keyedHash);
        for (const line of before) read('syslog3164', line, own);
        expect(read('syslog3164', raw, own)).toEqual(read('syslog3164', raw, new LineValueReader(keyedHash)));
      }),
      { numRuns: 50 },
    );
  });
});

describe('hashes', () => {
  const ssh = (text: string): LineValues => read('syslog3164', `Mar  4 09:07:31 gw1 sshd[9]: ${text}`);
  const windows = (user: string): LineValues =>
    read('windows', `{"EventID":4625,"Channel":"Security","TargetUserName":"${user}","IpAddress":"203.0.113.9"}`);

  it('are one for one user, host or network, and differ for others', () => {
    const known = ssh('Accepted password for anna from 203.0.113.9 port 1 ssh2');
    expect(ssh('Failed password for invalid user Anna from 203.0.113.200 port 7 ssh2')).toMatchObject({
      user: known.user,
      host: known.host,
      network: known.network,
    });
    expect(windows('CORP\\\\ANNA')).toMatchObject({ user: known.user, network: known.network, host: 0 });
    expect(ssh('Accepted password for anne from 203.0.114.9 port 1 ssh2').user).not.toBe(known.user);
    expect(ssh('Accepted password for anne from 203.0.114.9 port 1 ssh2').network).not.toBe(known.network);
    // A user and a host of one name are two things.
    expect(ssh('Accepted password for gw1 from 203.0.113.9 port 1 ssh2').user).not.toBe(known.host);
  });

  it('are 0 for what the line does not name', () => {
    expect(ssh('Server listening')).toMatchObject({ user: 0, network: 0, outcome: 0, flags: 0 });
    expect(read('plain', 'just text')).toMatchObject({ user: 0, network: 0, host: 0 });
  });
});

it('says that an address is inside, and that a line does not fit', () => {
  const line = 'Mar  4 09:07:31 gw1 sshd[9]: Accepted password for anna from 10.20.1.9 port 1 ssh2';
  expect(read('syslog3164', line).flags).toBe(valueFlags.isInside);
  expect(read('syslog3164', '{"not":"syslog"}').flags).toBe(valueFlags.misfit);
});

describe('the shape', () => {
  const bytesOf = (message: string): number[] => {
    const { shapeLow, shapeHigh } = read('plain', message);
    return [...new Uint8Array(Int32Array.of(shapeLow, shapeHigh).buffer)];
  };
  const log = (count: number): number => Math.round(16 * Math.log2(1 + count));

  it('counts what a message is made of', () => {
    expect(bytesOf('abc DEF 12 !?')).toEqual([log(13), log(3), 39, 39, 59, 0, log(3), 11]);
    expect(bytesOf('äöü x')).toEqual([log(5), log(2), 0, 0, 0, 153, log(3), 5]);
    expect(bytesOf('')).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('of a line of a megabyte is told by its beginning, and its length by all of it', () => {
    const [length, , digits] = bytesOf(`${'1'.repeat(16_384)}${'x'.repeat(1_000_000)}`);
    expect([length, digits]).toEqual([255, 255]);
  });
});
