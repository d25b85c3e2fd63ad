/**
 * @file A bundle as a file of somebody else: opened, held against its manifest, and read entry by entry. Nothing of it becomes a path, nothing is
 * larger than it may be, and what does not fit is told by its place.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import type { z } from 'zod';
import {
  bundleVersion,
  type BundleAlert,
  type BundleAuditEntry,
  type BundleCase,
  type BundleSummary,
} from '../../../shared/bundle.ts';
import { AppError } from '../../../shared/errors.ts';
import { ChainWalk } from './chain.ts';
import { decoded, parsedJson, textLines } from './jsonText.ts';
import {
  bundleAlert,
  bundleAuditEntry,
  bundleCase,
  bundleManifest,
  bundleMark,
  type BundleManifest,
} from './schema.ts';

export const manifestName = 'manifest.json';
export const caseName = 'case.json';
export const alertsName = 'alerts.jsonl';
export const auditName = 'audit.jsonl';
export const attachmentName = (sha256: string): string => `attachments/${sha256}`;
const attachmentPattern = /^attachments\/([0-9a-f]{64})$/;

const mostEntries = 20_010;
const mostManifestBytes = 8_000_000;
const mostCaseBytes = 256_000_000;
const mostLineBytes = 64_000_000;
/** A hundred thousand alerts of forty kilobytes. */
const mostAlertsBytes = 4_000_000_000;
/** Read whole into every report of the case, as is the list of its alerts. */
const mostAuditBytes = 256_000_000;
const mostListChars = 256_000_000;
const mostAlerts = 100_000;
const mostAttachmentBytes = 2 ** 40;

const mostBytesOf = (name: string): number => {
  if (name === manifestName) return mostManifestBytes;
  if (name === caseName) return mostCaseBytes;
  if (name === alertsName) return mostAlertsBytes;
  if (name === auditName) return mostAuditBytes;
  return attachmentPattern.test(name) ? mostAttachmentBytes : -1;
};

/** What a failed reading says in front of what was found. */
const tellTale = 'was changed after it was made, or is damaged';

export class BundleFile {
  readonly manifest: BundleManifest;
  /** SHA-256 of the manifest, which names the hash of everything else. */
  readonly manifestSha256: string;
  readonly sizeBytes: number;
  /** As the user knows it. */
  readonly name: string;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(
    zip: ZipFile,
    facts: { manifest: BundleManifest; manifestSha256: string; sizeBytes: number; name: string },
    entries: ReadonlyMap<string, Entry>,
  ) {
    this.manifest = facts.manifest;
    this.manifestSha256 = facts.manifestSha256;
    this.sizeBytes = facts.sizeBytes;
    this.name = facts.name;
    this.#zip = zip;
    this.#entries = entries;
  }

  /** Throws NOT_FOUND, and BAD_INPUT with the place for what is no bundle, of a later version, or does not fit its manifest. */
  static async open(path: string, name: string): Promise<BundleFile> {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) throw new AppError('NOT_FOUND', `There is no file ${name}. Check the name.`);
    const zip = await openPromise(path, { autoClose: false, strictFileNames: true }).catch((error: Error) => {
      throw new AppError('BAD_INPUT', `${name} is no bundle of a case: it cannot be read as a ZIP (${error.message}).`);
    });
    try {
      const entries = await directoryOf(zip, name);
      const bytes = await readWhole(zip, entries, manifestName, name);
      const manifest = readManifest(bytes, name);
      checkAgainst(manifest, entries, name);
      const manifestSha256 = createHash('sha256').update(bytes).digest('hex');
      return new BundleFile(zip, { manifest, manifestSha256, sizeBytes: found.size, name }, entries);
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  close(): void {
    this.#zip.close();
  }

  /** The case, compared with its hash. */
  async readCase(): Promise<BundleCase> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.content(caseName)) chunks.push(chunk);
    const content = this.#fitting(bundleCase, decoded(Buffer.concat(chunks), caseName), caseName);
    if (content.id !== this.manifest.caseId) throw this.#damage(`${caseName} is of another case than ${manifestName}.`);
    return content;
  }

  /** Compared with their hash when the last was read. */
  async *alerts(): AsyncGenerator<BundleAlert> {
    for await (const { text, number } of this.#lines(alertsName)) {
      if (number > mostAlerts) throw this.#damage(`${alertsName} has more than ${mostAlerts} alerts.`);
      yield this.#fitting(bundleAlert, text, `${alertsName}, line ${number},`);
    }
  }

  /** Compared with their hash when the last was read; each with its own hash and that of the one before. */
  async *audit(): AsyncGenerator<BundleAuditEntry> {
    const { chains } = this.manifest;
    const walks = chains.map(() => new ChainWalk());
    for await (const { text, number } of this.#lines(auditName)) {
      const entry = this.#fitting(bundleAuditEntry, text, `${auditName}, line ${number},`);
      const chain = chains[entry.chain];
      const walk = walks[entry.chain];
      if (!chain || !walk)
        throw this.#damage(`${auditName}, line ${number}, is of no audit that ${manifestName} names.`);
      const problem = walk.problem(entry);
      if (problem !== null)
        throw this.#damage(
          `${auditName}, line ${number}, entry ${entry.sequence} of the audit of ${chain.workspace}: ${problem}.`,
        );
      yield entry;
    }
  }

  /** An entry as it was put in. Throws BAD_INPUT at its end where its hash is another. */
  async *content(name: string): AsyncGenerator<Uint8Array> {
    const entry = this.#entries.get(name);
    const told = this.manifest.entries.find((one) => one.name === name);
    if (!entry || !told) throw this.#damage(`It has no ${name}.`);
    const hash = createHash('sha256');
    try {
      for await (const chunk of (await this.#zip.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>) {
        hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw this.#damage(`${name} cannot be read (${(error as Error).message}).`);
    }
    const found = hash.digest('hex');
    if (found !== told.sha256) throw this.#damage(`${name} should have the SHA-256 ${told.sha256}, and has ${found}.`);
  }

  /** Reads all of it. Throws BAD_INPUT with the place of the first thing that is not right. */
  async verify(): Promise<{ content: BundleCase; summary: BundleSummary }> {
    const content = await this.readCase();
    const sources = new Set(content.facts.sources.map(({ id }) => id));
    let alerts = 0;
    let listChars = 0;
    for await (const { sourceId, detail } of this.alerts()) {
      if (!sources.has(sourceId))
        throw this.#damage(`${alertsName}, A-${detail.row.number}, is of a log that ${caseName} does not have.`);
      listChars += JSON.stringify(detail.row).length;
      if (listChars > mostListChars)
        throw this.#damage(`${alertsName}, A-${detail.row.number}: what its alerts are listed by is too long.`);
      alerts++;
    }
    let auditEntries = 0;
    for await (const _entry of this.audit()) auditEntries++;
    const contents = new Map(this.manifest.entries.map(({ name, sizeBytes }) => [name, sizeBytes]));
    const wanted = new Set<string>();
    for (const { name, sha256, sizeBytes, isMissing } of content.attachments) {
      const entryName = attachmentName(sha256);
      if (!isMissing) wanted.add(entryName);
      if (!isMissing && contents.get(entryName) !== sizeBytes)
        throw this.#damage(
          `The attachment ${JSON.stringify(name)} has no content of ${sizeBytes} bytes, ${entryName}.`,
        );
    }
    for (const { name, sha256 } of this.manifest.entries) {
      if (!attachmentPattern.test(name)) continue;
      if (!wanted.has(name)) throw this.#damage(`${name} is no attachment of the case.`);
      if (name !== attachmentName(sha256)) throw this.#damage(`${name} is named by another hash than ${sha256}.`);
      for await (const _chunk of this.content(name));
    }
    const { caseId, caseNumber, workspace, exportedBy, exportedAt, appVersion, chains } = this.manifest;
    const present = content.attachments.filter(({ isMissing }) => !isMissing);
    return {
      content,
      summary: {
        ...{ caseId, caseNumber, title: content.title, workspace, exportedBy, exportedAt, appVersion, chains },
        sizeBytes: this.sizeBytes,
        manifestSha256: this.manifestSha256,
        alerts,
        notes: content.notes.length,
        tasks: content.tasks.length,
        attachments: content.attachments.length,
        attachmentBytes: present.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        missingAttachments: content.attachments.length - present.length,
        auditEntries,
        models: content.facts.models.map(({ number, learnedFrom }) => `m${number}, learned from ${learnedFrom}`),
      },
    };
  }

  #lines(name: string): AsyncGenerator<{ text: string; number: number }> {
    return textLines(this.content(name), { name, mostBytes: mostLineBytes });
  }

  #fitting<T>(schema: z.ZodType<T>, text: string, what: string): T {
    const parsed = parsedJson(text);
    if (!parsed) throw this.#damage(`${what} is no JSON of ours.`);
    const result = schema.safeParse(parsed.value);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw this.#damage(`${what} does not fit at ${issue?.path.join('.') || 'its root'}: ${issue?.message ?? ''}`);
  }

  #damage(what: string): AppError {
    return damage(this.name, what);
  }
}

function damage(name: string, what: string): AppError {
  return new AppError(
    'BAD_INPUT',
    `The bundle ${name} ${tellTale}. ${what} Nothing of it was taken over: ask for it again.`,
  );
}

async function directoryOf(zip: ZipFile, name: string): Promise<Map<string, Entry>> {
  if (zip.entryCount > mostEntries)
    throw damage(name, `It has ${zip.entryCount} entries, and a bundle at most ${mostEntries}.`);
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      const { fileName, uncompressedSize, compressionMethod } = entry;
      const shown = JSON.stringify(fileName.slice(0, 100));
      const most = mostBytesOf(fileName);
      if (most < 0) throw damage(name, `It has an entry ${shown}, which no bundle has.`);
      if (entries.has(fileName)) throw damage(name, `It has two entries ${shown}.`);
      if (uncompressedSize > most)
        throw damage(name, `Its entry ${shown} claims ${uncompressedSize} bytes, and may have ${most}.`);
      if (entry.isEncrypted() || (compressionMethod !== 0 && compressionMethod !== 8))
        throw damage(name, `Its entry ${shown} is packed in a way that bundles are not.`);
      // Stored as they are: what they unpack to is what lies there.
      if (attachmentPattern.test(fileName) && compressionMethod !== 0)
        throw damage(name, `Its entry ${shown} is compressed, and attachments in bundles are not.`);
      entries.set(fileName, entry);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw damage(name, `Its list of entries cannot be read (${(error as Error).message}).`);
  }
  return entries;
}

async function readWhole(
  zip: ZipFile,
  entries: ReadonlyMap<string, Entry>,
  entryName: string,
  name: string,
): Promise<Uint8Array> {
  const entry = entries.get(entryName);
  if (!entry) throw new AppError('BAD_INPUT', `${name} is no bundle of a case: it has no ${entryName}.`);
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>) chunks.push(chunk);
  } catch (error) {
    throw damage(name, `${entryName} cannot be read (${(error as Error).message}).`);
  }
  const bytes = Buffer.concat(chunks);
  // Everything else has its hash in the manifest; of the manifest itself only the ZIP says what it was, and yauzl does not look.
  if (crc32(bytes) !== entry.crc32) throw damage(name, `${entryName} is not what the list of entries says (CRC-32).`);
  return bytes;
}

function readManifest(bytes: Uint8Array, name: string): BundleManifest {
  const parsed = parsedJson(decoded(bytes, `The bundle ${name}: ${manifestName}`));
  const mark = bundleMark.safeParse(parsed?.value);
  if (!mark.success)
    throw new AppError('BAD_INPUT', `${name} is no bundle of a case: its ${manifestName} is not one of ours.`);
  if (mark.data.version > bundleVersion)
    throw new AppError(
      'BAD_INPUT',
      `${name} is a bundle of version ${mark.data.version}, from a newer Surprisal; this one reads version ${bundleVersion}. Read it in with the newer one.`,
    );
  const result = bundleManifest.safeParse(parsed?.value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw damage(name, `${manifestName} does not fit at ${issue?.path.join('.') || 'its root'}: ${issue?.message ?? ''}`);
}

/** The same entries, of the same sizes, in both. */
function checkAgainst(manifest: BundleManifest, entries: ReadonlyMap<string, Entry>, name: string): void {
  const told = new Map(manifest.entries.map((entry) => [entry.name, entry]));
  if (told.size < manifest.entries.length) throw damage(name, `${manifestName} names an entry twice.`);
  for (const needed of [caseName, alertsName, auditName]) {
    if (!told.has(needed)) throw damage(name, `${manifestName} does not name ${needed}.`);
  }
  for (const { name: entryName, sizeBytes } of manifest.entries) {
    const entry = entries.get(entryName);
    if (!entry) throw damage(name, `${JSON.stringify(entryName)}, which ${manifestName} names, is not in it.`);
    if (entry.uncompressedSize !== sizeBytes)
      throw damage(name, `${entryName} should have ${sizeBytes} bytes, and has ${entry.uncompressedSize}.`);
  }
  for (const entryName of entries.keys()) {
    if (entryName !== manifestName && !told.has(entryName))
      throw damage(name, `It has ${entryName}, which ${manifestName} does not name.`);
  }
}
