/**
 * @file Whatever people wrote into a case comes through two workspaces as it was. Catches text that SQLite, JSON or ZIP changes, order that is lost,
 * ids that are taken, numbers that two alerts of a case would have, and links that come before what they lead to.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BundleCase } from '../../../src/shared/bundle.ts';
import { openApp, type TestApp } from '../../helpers/app.ts';
import { bundleOf, changedBundle, entriesOf, workedCase, type Worked } from '../../helpers/bundles.ts';
import { fileFolder } from '../../helpers/folders.ts';

let from: Worked;
let into: TestApp;
let good: string;

/** A log is learned, and a case worked on. */
const hookMs = 180_000;

beforeAll(async () => {
  from = await workedCase();
  good = join(fileFolder(), 'good.surprisal.zip');
  await bundleOf(from, good);
  into = await openApp(join(fileFolder(), 'into'));
}, hookMs);
afterAll(async () => {
  await from.test.close();
  await into.close();
});

/** Any characters but halves of pairs, which no file of UTF-8 has. */
const text = fc.string({ unit: 'binary', maxLength: 60 });
const title = text
  .filter((said) => said !== '' && !said.startsWith('\0'))
  .map((said) => said.slice(0, 100).toWellFormed());
const instant = fc.integer({ min: 0, max: 4_000_000_000_000 });
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const some = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 4 });
const id = fc.uuid();
const said = fc.record({
  id,
  title,
  state: fc.constantFrom('open', 'in_progress', 'closed'),
  owner: orNull(text),
  tags: fc.uniqueArray(
    text.filter((tag) => tag !== ''),
    { maxLength: 5 },
  ),
  dueAt: orNull(instant),
  createdAt: instant,
  updatedAt: instant,
  text: fc.record({ summary: text, findings: text, techniques: some(fc.stringMatching(/^T[0-9]{4}$/)) }),
  notes: some(fc.record({ id, analyst: text, writtenAt: instant, text })),
  tasks: some(
    fc.record({
      id,
      title,
      owner: orNull(text),
      dueAt: orNull(instant),
      madeBy: text,
      madeAt: instant,
      doneBy: fc.constant(null),
      doneAt: fc.constant(null),
    }),
  ),
  phases: some(fc.record({ id, name: title, fromAt: fc.constant(5), toAt: instant.map((at) => at + 5) })),
  explanations: some(
    fc.record({
      ...{ id, alertNumber: fc.integer({ min: 1, max: 1_000_000 }), model: text, text, doubts: some(text) },
      ...{ madeAt: instant, keptBy: text, addedAt: instant },
    }),
  ),
  refusedAlerts: fc.uniqueArray(id, { maxLength: 3 }).map((ids) => ids.sort()),
});

const rewrite =
  (change: (said: BundleCase) => object) =>
  (entries: { name: string; bytes: Uint8Array }[]): { name: string; bytes: Uint8Array }[] => {
    let caseId = '';
    const changed = entries.map((entry) => {
      if (entry.name !== 'case.json') return entry;
      const content = change(JSON.parse(Buffer.from(entry.bytes).toString()) as BundleCase) as BundleCase;
      caseId = content.id;
      return { name: entry.name, bytes: Buffer.from(JSON.stringify(content)) };
    });
    return changed.map((entry) => {
      if (entry.name !== 'manifest.json') return entry;
      const manifest = JSON.parse(Buffer.from(entry.bytes).toString()) as Record<string, unknown>;
      return { name: entry.name, bytes: Buffer.from(JSON.stringify({ ...manifest, caseId })) };
    });
  };

it('any case comes through two workspaces as it was', async () => {
  const [one, two] = [join(fileFolder(), 'one.zip'), join(fileFolder(), 'two.zip')];
  const templates: unknown[] = [];
  await fc.assert(
    fc.asyncProperty(said, async (given) => {
      // Told apart from those of the runs before.
      const fields = { ...given, id: randomUUID() };
      await changedBundle(
        good,
        one,
        rewrite((content) => ({ ...content, ...fields, closing: null, templates })),
        { seals: true },
      );
      const { id: caseId } = await into.ask('bundles.import', { token: await into.offer(one) });
      await bundleOf({ test: into, caseId }, two);
      const [sent, came] = [await entriesOf(one), await entriesOf(two)];
      const content = (entries: Map<string, string>) => {
        const read = JSON.parse(Buffer.from(entries.get('case.json') ?? '', 'latin1').toString()) as BundleCase;
        // Attachments of a case that was here already get ids of their own; phases are told by their time; what was found elsewhere is of here.
        const attachments = read.attachments.map(({ id: _id, ...rest }) => rest);
        const phases = [...read.phases].sort((a, b) => a.fromAt - b.fromAt);
        // Worked out anew from what was written.
        const facts = { ...read.facts, techniques: [] };
        return { ...read, attachments, phases, facts, viewedAt: 0 };
      };
      expect(content(came)).toEqual({ ...content(sent), templates: content(came).templates });
      const idless = (lines = '') => lines.replaceAll(/"id":"[^"]*"/g, '');
      expect(idless(came.get('alerts.jsonl')) === idless(sent.get('alerts.jsonl'))).toBe(true);
    }),
    { numRuns: 12, seed: 5, endOnFailure: true },
  );
});

it('a number is of one alert of a case: what would bring a second one is refused', async () => {
  const again = join(fileFolder(), 'again.zip');
  const id = randomUUID();
  await changedBundle(
    good,
    again,
    rewrite((content) => ({ ...content, id })),
    { seals: true },
  );
  const twin = await from.test.ask('bundles.import', { token: await from.test.offer(again) });
  const { alerts } = await from.test.ask('cases.get', { caseId: from.caseId });
  const refused = await from.test.refusal('cases.add_alerts', { caseId: twin.id, alertIds: [alerts[0]?.id] });
  expect(refused.message).toMatch(/of another workspace, which came with a bundle, .* Link the cases instead/);
  await from.test.ask('cases.update', { caseId: from.caseId, state: 'open' });
  expect((await from.test.refusal('cases.merge', { caseId: twin.id, intoId: from.caseId })).code).toBe('CONFLICT');
  const others = (await from.test.ask('alerts.list', { tab: 'open' })).rows.filter(
    ({ caseNumber }) => caseNumber === null,
  );
  const added = await from.test.ask('cases.add_alerts', { caseId: twin.id, alertIds: [others[0]?.id ?? ''] });
  expect(added.alertCount).toBe(5);
  // Both kinds are in one report and in the next bundle, each with its own log.
  const path = join(fileFolder(), 'mixed.zip');
  expect(await bundleOf({ test: from.test, caseId: twin.id }, path)).toMatchObject({ alerts: 5 });
  const { base64 } = await from.test.ask('reports.export', { caseId: twin.id, format: 'json' });
  const { case: report } = JSON.parse(Buffer.from(base64, 'base64').toString()) as {
    case: { alerts: { sourceId: number }[]; sources: { id: number; file: string }[] };
  };
  expect(report.alerts).toHaveLength(5);
  expect(new Set(report.sources.map((source) => source.id)).size).toBe(2);
  expect(report.sources.map(({ file }) => file).sort()).toEqual(['bundled', 'same']);
  // A case that was linked there is linked here when it comes.
  expect((await from.test.ask('cases.get', { caseId: twin.id })).links.map(({ title: name }) => name)).toEqual([
    'Another',
  ]);
});

it('an attachment that is taken out goes with its content, unless another has it; the audit keeps its hash', async () => {
  const test = from.test;
  const folder = join(from.workspace, 'attachments');
  const path = join(fileFolder(), 'twice.bin');
  writeFileSync(path, 'twice');
  const hash = createHash('sha256').update('twice').digest('hex');
  const attach = async (caseId: string): Promise<string> => {
    const { attachments } = await test.ask('cases.attach', { caseId, token: await test.offer(path) });
    return attachments.at(-1)?.id ?? '';
  };
  const { id: caseId } = await test.ask('cases.create', { title: 'Case', alertIds: [] });
  const [one, two] = [await attach(caseId), await attach(caseId)];
  const after = await test.ask('cases.remove_attachment', { caseId, attachmentId: one });
  expect(after.attachments.map((attachment) => attachment.id)).toEqual([two]);
  expect(existsSync(join(folder, hash))).toBe(true);
  await test.ask('cases.remove_attachment', { caseId, attachmentId: two });
  expect(existsSync(join(folder, hash))).toBe(false);
  expect(readdirSync(folder).every((name) => /^[0-9a-f]{64}$/.test(name))).toBe(true);
  expect((await test.refusal('cases.remove_attachment', { caseId, attachmentId: two })).code).toBe('NOT_FOUND');
  const { base64 } = await test.ask('reports.export', { caseId, format: 'json' });
  const report = Buffer.from(base64, 'base64').toString();
  expect(report).toContain('case.attachment_removed');
  expect(report).toContain(hash);
  // Where its content went outside of the app, the bundle says so, and comes in all the same.
  await attach(caseId);
  rmSync(join(folder, hash));
  const lacking = join(fileFolder(), 'lacking.zip');
  expect(await bundleOf({ test, caseId }, lacking)).toMatchObject({ missing: ['twice.bin'] });
  const preview = await into.ask('bundles.preview', { token: await into.offer(lacking) });
  expect(preview).toMatchObject({ missingAttachments: 1, attachments: 1, attachmentBytes: 0 });
  const row = await into.ask('bundles.import', { token: await into.offer(lacking) });
  const { attachments } = await into.ask('cases.get', { caseId: row.id });
  const input = { caseId: row.id, attachmentId: attachments[0]?.id };
  expect((await into.refusal('cases.read_attachment', input)).message).toContain('its file is gone from the workspace');
});
