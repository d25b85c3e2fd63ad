/** @file Cases over a real workspace. Catches an attachment that is changed on the way, a name that becomes a path, what a kill leaves of one, a template put in half, a split that loses alerts. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { unzipped } from '../../src/main/report/formats/zipped.ts';
import { attach, fileNameOf } from '../../src/main/app/attachments.ts';
import type { Services } from '../../src/main/app/services.ts';
import { builtInTemplates } from '../../src/shared/caseKinds.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { importLog, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { learnOffice } from '../helpers/learned.ts';

let test: TestApp;
let workspace: string;
let alertIds: string[];

beforeAll(async () => {
  const learned = await learnOffice();
  workspace = await learned.copy();
  test = await openApp(workspace);
  await scoreSources(test, [await importLog(test, learned.watched.path)]);
  alertIds = (await test.ask('alerts.list', { tab: 'open' })).rows.map(({ id }) => id);
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const newCase = async (ids: string[] = []): Promise<string> =>
  (await test.ask('cases.create', { title: 'Case', alertIds: ids })).id;
const offer = async (path: string, name: string): Promise<string> =>
  (await test.app.offerFile(path, { name, isTemporary: false })).token;

describe('an attachment', () => {
  it.each([0, 1, 5_000_000])('of %i bytes is kept whole under its hash, and handed out as it was', async (size) => {
    const bytes = Buffer.alloc(size, 'seed of some bytes');
    const path = join(fileFolder(), 'evidence.bin');
    writeFileSync(path, bytes);
    const caseId = await newCase();
    const name = '../../etc/\u202Etxt.exe\0<img>';
    const { attachments } = await test.ask('cases.attach', { caseId, token: await offer(path, name) });
    expect(attachments).toMatchObject([{ name, sizeBytes: size, sha256: sha256(bytes) }]);
    expect(readFileSync(join(workspace, 'attachments', sha256(bytes)))).toEqual(bytes);
    const file = await test.ask('cases.read_attachment', { caseId, attachmentId: attachments[0]?.id ?? '' });
    expect(Buffer.from(file.base64, 'base64')).toEqual(bytes);
    expect(file.mediaType).toBe('application/octet-stream');
    expect(file.fileName).not.toMatch(/[/\\<>\0\u202E]/);
    expect(existsSync(path)).toBe(true);
  });

  it('twice of the same content is one file; nothing unfinished is left', async () => {
    const path = join(fileFolder(), 'twice');
    writeFileSync(path, 'twice');
    const caseId = await newCase();
    await test.ask('cases.attach', { caseId, token: await offer(path, 'a') });
    const { attachments } = await test.ask('cases.attach', { caseId, token: await offer(path, 'b') });
    expect(attachments.map(({ name }) => name)).toEqual(['a', 'b']);
    const files = readdirSync(join(workspace, 'attachments'));
    expect(files.filter((file) => file === sha256(Buffer.from('twice')))).toHaveLength(1);
    expect(files.every((file) => /^[0-9a-f]{64}$/.test(file))).toBe(true);
  });

  it('is in the ZIP of the report under its hash, and in no ZIP that something is taken out of', async () => {
    const path = join(fileFolder(), 'zipped');
    writeFileSync(path, 'in the zip');
    const caseId = await newCase(alertIds.slice(0, 1));
    await test.ask('cases.attach', { caseId, token: await offer(path, '../../zipped') });
    const hash = sha256(Buffer.from('in the zip'));
    const zipOf = async (personal: boolean): Promise<{ name: string; bytes: Uint8Array }[]> => {
      const redaction = { observables: [], personal };
      const { base64 } = await test.ask('reports.export', { caseId, format: 'zip', redaction });
      return unzipped(Buffer.from(base64, 'base64'));
    };
    const entries = await zipOf(false);
    const found = entries.find(({ name }) => name.endsWith(`/attachments/${hash}`));
    expect(Buffer.from(found?.bytes ?? []).toString()).toBe('in the zip');
    const manifest = entries.find(({ name }) => name.endsWith('manifest.sha256'));
    expect(Buffer.from(manifest?.bytes ?? []).toString()).toContain(`${hash}  attachments/${hash}`);
    expect((await zipOf(true)).some(({ name }) => name.includes('attachments'))).toBe(false);
  });

  it('that was changed in the workspace is not handed out', async () => {
    const path = join(fileFolder(), 'changed');
    writeFileSync(path, 'as it was');
    const caseId = await newCase();
    const { attachments } = await test.ask('cases.attach', { caseId, token: await offer(path, 'changed') });
    writeFileSync(join(workspace, 'attachments', attachments[0]?.sha256 ?? ''), 'as it is!');
    const input = { caseId, attachmentId: attachments[0]?.id };
    expect(await test.refusal('cases.read_attachment', input)).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('was changed outside of Surprisal') as string,
    });
  });

  it.each(['before it is noted', 'when the case is told'])(
    'of a process that was killed %s leaves nothing',
    async (when) => {
      const path = join(fileFolder(), 'killed');
      writeFileSync(path, `killed ${when}`);
      const caseId = await newCase();
      const left = join(testFolder(), 'left');
      const { files, services } = test.app.parts;
      const killed = (): never => {
        cpSync(join(workspace, 'attachments'), join(left, 'attachments'), { recursive: true });
        throw new Error('killed');
      };
      const before = readdirSync(join(workspace, 'attachments'));
      const cutOff = when === 'before it is noted' ? { actor: killed } : { store: { ...services.store, call: killed } };
      const offered = files.get(await offer(path, 'killed'));
      await expect(
        attach({ files, services: { ...services, ...cutOff } as Services }, caseId, offered),
      ).rejects.toThrow();
      expect(readdirSync(join(left, 'attachments')).length).toBeGreaterThan(before.length);
      // Of what was there before, a workspace that has no notes of it lets nothing go.
      await openApp(left);
      expect(readdirSync(join(left, 'attachments')).sort()).toEqual(before.sort());
    },
  );

  it('is no folder and no device', async () => {
    const folder = join(fileFolder(), 'folder');
    mkdirSync(folder);
    const device = join(fileFolder(), 'device');
    symlinkSync('/dev/zero', device);
    const caseId = await newCase();
    for (const path of [folder, device]) {
      const refusal = await test.refusal('cases.attach', { caseId, token: await offer(path, 'x') });
      expect(refusal).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('no file') as string });
    }
    expect((await test.ask('cases.get', { caseId })).attachments).toEqual([]);
  });

  it.each([
    ['../x', '__x'],
    ['CON', '_CON'],
    ['a\nb', 'a_b'],
    ['', '_'],
    ['...', '_'],
    [`${'a'.repeat(119)}\u{1f600}`, `${'a'.repeat(119)}\ufffd`],
    [`${'a'.repeat(119)}. b`, `${'a'.repeat(119)}_`],
  ])('named %j is saved as %j', (name, safe) => expect(fileNameOf(name)).toBe(safe));
});

describe('a case', () => {
  it('takes a template: tags beside its own, tasks and a note', async () => {
    const caseId = await newCase();
    await test.ask('cases.update', { caseId, tags: ['own'] });
    const [template] = builtInTemplates;
    if (!template) throw new Error('There is no template.');
    const detail = await test.ask('cases.apply_template', { caseId, template });
    expect(detail.row.tags).toEqual(['own', ...template.tags]);
    expect(detail.tasks.map(({ title }) => title)).toEqual(template.tasks);
    expect(detail.notes.map(({ text }) => text)).toEqual([template.note]);
  });

  it('is split: the alerts are in the new one, which is linked, and undo brings them back', async () => {
    const ids = alertIds.slice(0, 3);
    const caseId = await newCase(ids);
    const part = await test.ask('cases.split', { caseId, title: 'A part', alertIds: ids.slice(0, 2) });
    expect(part).toMatchObject({ title: 'A part', alertCount: 2 });
    const left = await test.ask('cases.get', { caseId });
    expect(left.row.alertCount).toBe(1);
    expect(left.links.map(({ id }) => id)).toEqual([part.id]);
    expect((await test.ask('actions.undo', {}))?.text).toContain('2 alerts moved back');
    expect((await test.ask('cases.get', { caseId })).row.alertCount).toBe(3);
  });

  it('is not split in part: no case of nothing is left behind', async () => {
    const caseId = await newCase(alertIds.slice(0, 2));
    const before = await test.ask('cases.list', {});
    const asked = { caseId, title: 'A part', alertIds: alertIds.slice(2, 3) };
    expect((await test.refusal('cases.split', asked)).code).toBe('CONFLICT');
    expect((await test.refusal('cases.split', { ...asked, caseId: 'none' })).code).toBe('NOT_FOUND');
    expect(await test.ask('cases.list', {})).toEqual(before);
    expect((await test.ask('cases.get', { caseId })).links).toEqual([]);
  });

  it('suggests what is like its alerts, and never what is in it', async () => {
    let found = 0;
    for (const one of alertIds) {
      const { suggestions } = await test.ask('cases.suggestions', { caseId: await newCase([one]) });
      found += suggestions.length;
      for (const { alert, relations } of suggestions) {
        expect(alert.id).not.toBe(one);
        expect(relations.length).toBeGreaterThan(0);
      }
    }
    expect(found).toBeGreaterThan(0);
  });

  it.each([
    ['cases.update', { closing: 'undetermined' }],
    ['cases.update', { tags: Array.from({ length: 21 }, (_, index) => `t${index}`) }],
    ['cases.set_phases', { phases: [{ name: 'x', fromAt: 2, toAt: 1 }] }],
    ['cases.add_task', { title: '' }],
  ] as const)('refuses %s with %j', async (route, input) => {
    expect(await test.refusal(route, { caseId: await newCase(), ...input })).toMatchObject({ code: 'BAD_REQUEST' });
  });
});
