/**
 * @file Bundles that are not what they were made as, or were made by somebody hostile. Catches a changed byte that nobody notices, a message that
 * does not name the place, a name that becomes a path, a bomb that is unpacked, and a case, an attachment or a row that is there in part.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBundle } from '../../../src/main/app/bundle/importBundle.ts';
import { hashOfEntry } from '../../../src/main/app/bundle/chain.ts';
import type { ZipEntry } from '../../../src/main/report/formats/zipped.ts';
import type { BundleAuditEntry } from '../../../src/shared/bundle.ts';
import { AppError } from '../../../src/shared/errors.ts';
import { openApp, type TestApp } from '../../helpers/app.ts';
import { bundleOf, changedBundle, workedCase, type Worked } from '../../helpers/bundles.ts';
import { fileFolder } from '../../helpers/folders.ts';

let from: Worked;
let into: TestApp;
let good: string;
let workspace: string;
let count = 0;

/** A log is learned, and a case worked on. */
const hookMs = 180_000;

beforeAll(async () => {
  from = await workedCase();
  good = join(fileFolder(), 'good.surprisal.zip');
  await bundleOf(from, good);
  workspace = join(fileFolder(), 'into');
  into = await openApp(workspace);
}, hookMs);
afterAll(async () => {
  await from.test.close();
  await into.close();
});

type Change = (entries: ZipEntry[]) => ZipEntry[];

async function changed(change: Change, options: { seals: boolean }): Promise<string> {
  const path = join(fileFolder(), `changed-${++count}.zip`);
  await changedBundle(good, path, change, options);
  return path;
}

const textOf = ({ bytes }: ZipEntry): string => Buffer.from(bytes).toString();
const rewritten =
  (name: string, rewrite: (text: string) => string): Change =>
  (entries) =>
    entries.map((entry) => (entry.name === name ? { name, bytes: Buffer.from(rewrite(textOf(entry))) } : entry));
const caseWith = (change: (said: Record<string, unknown>) => void): Change =>
  rewritten('case.json', (text) => {
    const said = JSON.parse(text) as Record<string, unknown>;
    change(said);
    return JSON.stringify(said);
  });
const manifestWith = (change: (said: Record<string, unknown>) => void): Change =>
  rewritten('manifest.json', (text) => {
    const said = JSON.parse(text) as Record<string, unknown>;
    change(said);
    return JSON.stringify(said);
  });

/** Nothing of it is there: no case, no row, no content, no staged alert. */
function expectNothing(): void {
  const db = new Database(join(workspace, 'surprisal.db'), { readonly: true });
  for (const table of ['case_file', 'bundle', 'bundle_alert', 'bundle_audit', 'note', 'attachment'])
    expect(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), table).toBe(0);
  db.close();
  const attachments = join(workspace, 'attachments');
  expect(existsSync(attachments) ? readdirSync(attachments) : []).toEqual([]);
}

async function refusal(path: string): Promise<string> {
  const refused = await into.refusal('bundles.import', { token: await into.offer(path) });
  expect(refused.code).toBe('BAD_INPUT');
  expectNothing();
  return refused.message;
}

describe('a bundle that was changed', () => {
  it.each(['alerts.jsonl', 'audit.jsonl', 'case.json'])(
    'in %s is refused with the entry and both hashes',
    async (name) => {
      const path = await changed(
        rewritten(name, (text) => text.replace(/analyst|root|open/, (word) => word.toUpperCase())),
        { seals: false },
      );
      const message = await refusal(path);
      expect(message).toContain(name);
      expect(message).toMatch(/should have the SHA-256 [0-9a-f]{64}, and has [0-9a-f]{64}|does not fit at/);
      expect(message).toContain('Nothing of it was taken over');
    },
  );

  it('in an attachment is refused with the attachment', async () => {
    const change: Change = (entries) =>
      entries.map((entry) =>
        entry.name.startsWith('attachments/') ? { ...entry, bytes: Buffer.from([9, 1, 2, 255, 10, 13]) } : entry,
      );
    expect(await refusal(await changed(change, { seals: false }))).toMatch(
      /attachments\/[0-9a-f]{64} should have the SHA-256/,
    );
    expect(await refusal(await changed(change, { seals: true }))).toMatch(/is named by another hash/);
  });

  it('in its audit, with hashes that fit the file, is refused with the entry', async () => {
    const told = rewritten('audit.jsonl', (text) => text.replace('"analyst":"', '"analyst":"not '));
    expect(await refusal(await changed(told, { seals: true }))).toMatch(
      /audit\.jsonl, line 1, entry \d+ of the audit of .*: its hash should be [0-9a-f]{64}, and what it says has [0-9a-f]{64}/,
    );
    // Its own hash fits, the next one's does not.
    const relinked = rewritten('audit.jsonl', (text) => {
      const entries = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as BundleAuditEntry);
      const at = entries.findIndex((entry, index) => entries[index + 1]?.sequence === entry.sequence + 1);
      const entry = entries[at];
      if (!entry) throw new Error('No two entries adjoin.');
      entry.analyst = 'somebody else';
      entry.hash = hashOfEntry(entry);
      return `${entries.map((one) => JSON.stringify(one)).join('\n')}\n`;
    });
    expect(await refusal(await changed(relinked, { seals: true }))).toMatch(/it follows an entry with the hash/);
  });

  it('by a byte anywhere is refused, or is the same case', async () => {
    const bytes = readFileSync(good);
    const path = join(fileFolder(), 'byte.zip');
    const sound = await verifyBundle(good, 'good');
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const copy = Buffer.from(bytes);
        copy[at] = (copy[at] ?? 0) ^ flip;
        writeFileSync(path, copy);
        const outcome = await verifyBundle(path, 'byte.zip').catch((error: unknown) => error);
        // Dates and the like of the ZIP say nothing of the case.
        if (outcome instanceof AppError) expect(outcome.code).toBe('BAD_INPUT');
        else expect(outcome).toEqual(sound);
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  it('by its end is refused', async () => {
    const path = join(fileFolder(), 'cut.zip');
    writeFileSync(path, readFileSync(good).subarray(0, -200));
    expect(await refusal(path)).toMatch(/cut\.zip is no bundle of a case/);
  });
});

describe('a hostile bundle', () => {
  const extra =
    (name: string): Change =>
    (entries) => [...entries, { name, bytes: Buffer.from('x') }];
  it.each<[string, Change, RegExp]>([
    ['with another entry', extra('more.txt'), /entry "more.txt", which no bundle has/],
    ['with a path of an attachment', extra(`attachments/${'a'.repeat(63)}/x`), /which no bundle has/],
    [
      'with an attachment of nobody',
      extra(`attachments/${createHash('sha256').update('x').digest('hex')}`),
      /is no attachment of the case/,
    ],
    ['with an entry twice', extra('case.json'), /two entries "case.json"/],
    ['without its case', (entries) => entries.filter(({ name }) => name !== 'case.json'), /does not name case.json/],
    [
      'without its manifest',
      (entries) => entries.filter(({ name }) => name !== 'manifest.json'),
      /it has no manifest.json/,
    ],
    [
      'of a later version',
      manifestWith((said) => (said['version'] = 2)),
      /version 2, from a newer Surprisal; .* Read it in with the newer one/,
    ],
    ['of something else', manifestWith((said) => (said['format'] = 'zip')), /no bundle of a case/],
    ['nested without end', rewritten('case.json', () => '['.repeat(1_000_000)), /case.json is no JSON of ours/],
    ['that is no JSON', rewritten('alerts.jsonl', () => '{"a":NaN}\n'), /alerts.jsonl, line 1, is no JSON of ours/],
    [
      'that is no UTF-8',
      (entries) =>
        entries.map((entry) => (entry.name === 'audit.jsonl' ? { ...entry, bytes: Buffer.from([0xff, 10]) } : entry)),
      /audit.jsonl, line 1, is no UTF-8/,
    ],
    ['with a title of no length', caseWith((said) => (said['title'] = '')), /case.json does not fit at title/],
    ['with a state of no kind', caseWith((said) => (said['state'] = { toString: 'open' })), /does not fit at state/],
    ['with a time of no kind', caseWith((said) => (said['createdAt'] = 1e300)), /does not fit at createdAt/],
    ['with a time that is no date', caseWith((said) => (said['dueAt'] = 8.64e15 + 1)), /does not fit at dueAt/],
    [
      'with a hash that is a path',
      caseWith((said) => (((said['attachments'] as Record<string, unknown>[])[0] ?? {})['sha256'] = '../../x')),
      /does not fit at attachments\.0\.sha256/,
    ],
    ['of another case than it says', caseWith((said) => (said['id'] = 'another')), /of another case/],
    [
      'with an alert of no log',
      caseWith((said) => ((said['facts'] as Record<string, unknown>)['sources'] = [])),
      /is of a log that case.json does not have/,
    ],
    [
      'with an attachment that is not in it',
      (entries) => entries.filter(({ name }) => !name.startsWith('attachments/')),
      /has no content of 6 bytes/,
    ],
  ])('%s is refused in words, and nothing of it is there', async (_what, change, says) => {
    const message = await refusal(await changed(change, { seals: true }));
    expect(message).toMatch(says);
    expect(message.length).toBeLessThan(800);
  });

  it('that says less than it unpacks to is not unpacked', async () => {
    const path = join(fileFolder(), 'bomb.zip');
    const bytes = readFileSync(await changed((entries) => [...entries], { seals: true }));
    // The size that the list of entries tells of alerts.jsonl: 24 bytes into its record.
    const at = bytes.indexOf('alerts.jsonl', bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]))) - 46;
    bytes.writeUInt32LE(10, at + 24);
    writeFileSync(path, bytes);
    expect(await refusal(path)).toMatch(/alerts\.jsonl should have \d+ bytes, and has 10/);
    bytes.writeUInt32LE(4_200_000_000, at + 24);
    writeFileSync(path, bytes);
    expect(await refusal(path)).toMatch(/claims 4200000000 bytes/);
  });

  it('keeps what no field is out, and prototypes as they are', async () => {
    const path = await changed(
      rewritten('case.json', (text) =>
        text.replace('{', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"more":1,'),
      ),
      { seals: true },
    );
    await verifyBundle(path, 'odd');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('from before there were explanations has none', async () => {
    const path = await changed(
      caseWith((said) => delete said['explanations']),
      { seals: true },
    );
    await verifyBundle(path, 'early');
  });

  it('made of anything is refused in words', async () => {
    const path = join(fileFolder(), 'anything.zip');
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom('case.json', 'alerts.jsonl', 'audit.jsonl'),
        async (value, name) => {
          await changedBundle(
            good,
            path,
            rewritten(name, () => `${JSON.stringify(value)}\n`),
            { seals: true },
          );
          await expect(verifyBundle(path, 'anything')).rejects.toMatchObject({ code: 'BAD_INPUT' });
        },
      ),
      { numRuns: 60, seed: 11 },
    );
  });
});

describe('a bundle that cannot be finished', () => {
  it('leaves nothing where the workspace ends in the middle, and is read in at the next try', async () => {
    const folder = join(fileFolder(), 'killed');
    const first = await openApp(folder);
    const { store, host } = first.app.parts.services;
    const facts = {
      sources: [],
      models: [],
      thresholds: [],
      modelSentences: [],
      observables: [],
      techniques: [],
      links: [],
      parts: [],
    };
    const labels = {
      true_positive: 0,
      benign_true_positive: 0,
      false_positive_logic: 0,
      false_positive_data: 0,
      undetermined: 0,
    };
    const audit = { workspaceId: 'w', workspace: 'w', count: 1, head: '1:a', isIntact: true };
    const origin = {
      caseNumber: 1,
      workspace: 'w',
      workspaceId: 'w',
      exportedBy: 'x',
      exportedAt: 0,
      manifestSha256: '',
      importedBy: 'x',
      importedAt: 0,
      audit,
    };
    await store.call('begin_bundle', { origin, facts: { ...facts, labels }, chains: [audit] });
    // As a kill behind the moving of an attachment leaves it.
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(folder, 'attachments'), { recursive: true });
    const hash = createHash('sha256').update('left').digest('hex');
    writeFileSync(join(folder, 'attachments', hash), 'left');
    writeFileSync(join(folder, 'attachments', `${host.newId()}.doubtful`), hash);
    writeFileSync(join(folder, 'attachments', `${host.newId()}.unfinished`), 'half');
    await first.close();
    const again = await openApp(folder);
    expect(readdirSync(join(folder, 'attachments'))).toEqual([]);
    const row = await again.ask('bundles.import', { token: await again.offer(good) });
    expect(row.alertCount).toBe(4);
    expect(readdirSync(join(folder, 'attachments'))).toHaveLength(1);
    // Two cases from bundles that have the same numbers cannot be one.
    await again.close();
    const db = new Database(join(folder, 'surprisal.db'), { readonly: true });
    expect(db.prepare('SELECT count(*) FROM bundle').pluck().get()).toBe(1);
    db.close();
  });
});

it('with alerts of megabytes is read in and given out a few at a time', async () => {
  const path = await changed(
    rewritten('alerts.jsonl', (text) =>
      text.replaceAll(
        /^.*$/gm,
        (line) => line && JSON.stringify({ ...(JSON.parse(line) as object), wholeLine: 'x'.repeat(5_000_000) }),
      ),
    ),
    { seals: true },
  );
  const test = await openApp(join(fileFolder(), 'large'));
  const { id: caseId } = await test.ask('bundles.import', { token: await test.offer(path) });
  const { store } = test.app.parts.services;
  const first = await store.call('read_bundled_alerts', { caseId, after: 0, limit: 64 });
  expect(first).toHaveLength(2);
  const after = first.at(-1)?.number ?? 0;
  expect(await store.call('read_bundled_alerts', { caseId, after, limit: 64 })).toHaveLength(2);
  expect(await bundleOf({ test, caseId }, join(fileFolder(), 'large.zip'))).toMatchObject({ alerts: 4 });
  await test.close();
});
