/** @file An import that is cut off and goes on. Catches lines that come twice or not at all, and templates or sessions that forgot. */
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database, { type Database as Connection } from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { Importer } from '../../src/main/app/importer.ts';
import type { ImportOutput } from '../../src/main/app/importProtocol.ts';
import { openStore } from '../../src/main/store/open.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import type { StoreMethods } from '../../src/main/store/protocol.ts';
import { unpackValues } from '../../src/main/store/valueBlock.ts';
import { emptyValues } from '../../src/shared/eventValues.ts';
import type { Client } from '../../src/shared/port.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { writeOffice } from '../helpers/office.ts';
import { actor, now, openInput } from '../store/rows.ts';

/** Ends the app, as far as the importer can tell, at the call of this number: before it reaches the store, or before its answer is heard. */
type Death = { atCall: number; isHeard: boolean };
type Killed = { method: keyof StoreMethods; death: Death };

let prepared: string;
let log: string;

beforeAll(async () => {
  const earlier = writeOffice(join(fileFolder(), 'earlier.log'), { lines: 600, seed: 5, anomalyRate: 0 }).path;
  prepared = join(fileFolder(), 'workspace');
  await importOnce(prepared, earlier);
  const store = await openStore(openInput(prepared));
  // A model knows some of the kinds: those no longer change.
  void store.methods.freeze_templates({ indexes: Int32Array.of(0, 1, 2) }, {} as never);
  store.close();
  log = join(fileFolder(), 'office.log');
  const { lines } = writeOffice(log, { lines: 14_000, seed: 6, anomalyRate: 0.01 });
  // Blank lines, lines without a stamp, bytes that are no text, and a stamp of another year.
  lines.splice(4000, 0, '', 'no stamp here', 'Feb 28 00:00:00 gw1 sshd[4]: session opened for user eve by (uid=0)');
  const [head, tail] = [lines.slice(0, 6000), lines.slice(6000)];
  writeFileSync(log, `${head.join('\n')}\n`);
  appendFileSync(log, Buffer.from([0x4e, 0xff, 0xfe, 0x20, 0x78, 0x0a]));
  appendFileSync(log, `${tail.join('\r\n')}\n`);
});

/** Imports in a store of its own opening, until the death. */
async function importOnce(directory: string, path: string, killed?: Killed): Promise<ImportOutput> {
  const store = await openStore(openInput(directory));
  const methods = store.methods as unknown as Record<string, (input: unknown, context: unknown) => unknown>;
  let calls = 0;
  let isDead = false;
  const client: Client<StoreMethods> = {
    call: async (method, input) => {
      const isFatal = killed?.method === method && calls++ === killed.death.atCall;
      if (isFatal && !killed.death.isHeard) isDead = true;
      if (isDead) throw new Error('killed');
      const signal = new AbortController().signal;
      const output = (await methods[method]?.(input, { signal, progress: () => undefined })) as never;
      if (isFatal) isDead = true;
      if (isDead) throw new Error('killed');
      return output;
    },
  };
  try {
    const input = { path, name: 'office.log', format: null, zone: 'UTC', now, actor };
    const importer = await Importer.open(client, store.opened.hashKey, input, () => true);
    return await importer.import(input, { signal: new AbortController().signal, progress: () => undefined });
  } finally {
    store.close();
  }
}

/** Of a log that was read earlier, with a model. */
function workspace(): string {
  const directory = join(testFolder(), 'workspace');
  cpSync(prepared, directory, { recursive: true });
  return directory;
}

const tables = ['source', 'event', 'session', 'template', 'counter', 'audit', 'open_import', 'template_before'];

function contents(directory: string): Record<string, unknown[]> {
  const db = new Database(workspacePaths(directory).database, { readonly: true });
  try {
    const rows = tables.map((name) => [name, db.prepare(`SELECT * FROM ${name} ORDER BY 1`).all()]);
    return { ...(Object.fromEntries(rows) as Record<string, unknown[]>), values: valuesIn(db) };
  } finally {
    db.close();
  }
}

/** Of each event, however they are cut into blocks. */
function valuesIn(db: Connection): unknown[] {
  const blocks = db.prepare('SELECT first_event_id, event_count, data FROM event_block ORDER BY 1').raw().all();
  return (blocks as [number, number, Uint8Array][]).flatMap(([first, count, data]) => {
    const values = emptyValues(count);
    unpackValues(data, count, { from: 0, to: count }, values, 0);
    const { lineHashes, users, networks, hosts, outcomes, flags, shapes } = values;
    return Array.from(lineHashes, (hash, row) => [
      first + row,
      ...[hash, users[row], networks[row], hosts[row], outcomes[row], flags[row]],
      shapes.subarray(8 * row, 8 * row + 8).join(' '),
    ]);
  });
}

function expectSame(directory: string, whole: Record<string, unknown[]>): void {
  const found = contents(directory);
  expect(found.values).toHaveLength(found.event?.length ?? -1);
  for (const name of [...tables, 'values']) {
    expect(found[name]?.length, name).toBe(whole[name]?.length);
    // One by one: a difference is shown as two rows and not as two tables.
    found[name]?.forEach((row, index) => {
      if (JSON.stringify(row) !== JSON.stringify(whole[name]?.[index])) expect(row).toEqual(whole[name]?.[index]);
    });
  }
}

describe('an import that was cut off', () => {
  it('is, wherever that was, the same in the end as one that was not', async () => {
    const uncut = workspace();
    await importOnce(uncut, log);
    const whole = contents(uncut);
    expect(whole['event']?.length).toBeGreaterThan(14_000);
    const deaths: Killed[] = [
      { method: 'begin_source', death: { atCall: 0, isHeard: true } },
      { method: 'append_events', death: { atCall: 0, isHeard: false } },
      { method: 'append_events', death: { atCall: 0, isHeard: true } },
      { method: 'append_events', death: { atCall: 1, isHeard: true } },
      { method: 'finish_source', death: { atCall: 0, isHeard: false } },
    ];
    for (const killed of deaths) {
      const directory = workspace();
      await expect(importOnce(directory, log, killed)).rejects.toThrow('killed');
      await importOnce(directory, log);
      expectSame(directory, whole);
    }
    // Again and again: while it is made again, and one batch further.
    const directory = workspace();
    await expect(importOnce(directory, log, deaths[2])).rejects.toThrow('killed');
    await expect(
      importOnce(directory, log, { method: 'digest_events', death: { atCall: 0, isHeard: false } }),
    ).rejects.toThrow('killed');
    await expect(importOnce(directory, log, deaths[2])).rejects.toThrow('killed');
    await importOnce(directory, log);
    expectSame(directory, whole);
  });
});

describe('a file that is not what it was when reading was cut off', () => {
  const cutOff = { method: 'append_events', death: { atCall: 1, isHeard: true } } as const;
  const sources = (directory: string): unknown => contents(directory)['source'];

  it('by an edited, a shorter or a missing file keeps what was read, and says so', async () => {
    const bytes = readFileSync(log, 'latin1');
    const changes: [RegExp, (path: string) => void][] = [
      // Of the same length, in the middle of what was read.
      [
        /changed or replaced.*first \d+ lines.*again/,
        (path) => writeFileSync(path, bytes.replace(/sshd/, 'sshx'), 'latin1'),
      ],
      [/changed or replaced.*first \d+ lines.*again/, (path) => writeFileSync(path, bytes.slice(0, 5000), 'latin1')],
      [/There is no file.*first \d+ lines.*again/, (path) => rmSync(path)],
    ];
    for (const [words, change] of changes) {
      const directory = workspace();
      const path = join(testFolder(), 'office.log');
      writeFileSync(path, bytes, 'latin1');
      await expect(importOnce(directory, path, cutOff)).rejects.toThrow('killed');
      change(path);
      await expect(importOnce(directory, path)).rejects.toThrow(words);
      expect(sources(directory)).toMatchObject([{ state: 'ready' }, { state: 'partial', sha256: null }]);
      expect(contents(directory)).toMatchObject({ open_import: [], template_before: [] });
      // Opened again, it is a log of its own.
      writeFileSync(path, bytes, 'latin1');
      await importOnce(directory, path);
      expect(sources(directory)).toMatchObject([{}, { state: 'partial' }, { state: 'ready' }]);
    }
  });

  it('but has only grown is read on to its new end', async () => {
    const directory = workspace();
    const path = join(testFolder(), 'office.log');
    const more = 'Sep 30 01:00:00 gw1 sshd[9]: one line more\n';
    writeFileSync(path, readFileSync(log));
    await expect(importOnce(directory, path, cutOff)).rejects.toThrow('killed');
    appendFileSync(path, more);
    await importOnce(directory, path);
    const uncut = workspace();
    await importOnce(uncut, path);
    // The audit says how large it was when it was begun.
    expectSame(directory, { ...contents(uncut), audit: contents(directory)['audit'] ?? [] });
  });
});

it('another import ends what was cut off before it', async () => {
  const directory = workspace();
  await expect(
    importOnce(directory, log, { method: 'append_events', death: { atCall: 0, isHeard: true } }),
  ).rejects.toThrow('killed');
  const other = writeOffice(join(testFolder(), 'other.log'), { lines: 50, seed: 9, anomalyRate: 0 }).path;
  await importOnce(directory, other);
  expect(contents(directory)['source']).toMatchObject([{ state: 'ready' }, { state: 'partial' }, { state: 'ready' }]);
  expect(contents(directory)).toMatchObject({ open_import: [], template_before: [] });
});
