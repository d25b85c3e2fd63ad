/** @file A ZIP of everything: the case in every other format, its raw lines, its audit, and a manifest with the SHA-256 of each. */
import { createHash } from 'node:crypto';
import type { CaseReport } from '../caseReport.ts';
import { createTimeFormat } from '../format.ts';
import { asciiJson } from './json.ts';
import { zipped, type ZipEntry } from './zipped.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A JSON object a line: where each line was read, and the line as it was read. */
function evidenceLines({ alerts, sources, zone }: CaseReport): string {
  const times = createTimeFormat(zone);
  const hashes = new Map(sources.map(({ id, sha256 }) => [id, sha256]));
  return alerts
    .map(({ number, sourceName, sourceId, lineNumber, byteOffset, at, raw }) =>
      asciiJson({
        ...{
          alert: `A-${number}`,
          log: sourceName,
          sha256: hashes.get(sourceId) ?? null,
          line: lineNumber,
          byteOffset,
        },
        ...{ at: times.iso(at) || null, isCut: raw.isCut, lengthChars: raw.lengthChars, raw: raw.text },
      }).replaceAll('\n', ''),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function auditLines({ audit }: CaseReport): string {
  return audit.map((entry) => `${asciiJson(entry).replaceAll('\n', '')}\n`).join('');
}

/** `files`: the case in other formats. Names are ours throughout. */
export async function renderZip(report: CaseReport, files: readonly ZipEntry[]): Promise<Uint8Array> {
  const folder = `case-${report.number}`;
  const entries: ZipEntry[] = [
    ...files,
    { name: 'evidence.jsonl', bytes: bytesOf(evidenceLines(report)) },
    { name: 'audit.jsonl', bytes: bytesOf(auditLines(report)) },
    { name: 'audit-head.txt', bytes: bytesOf(`${report.auditSentence}\n`) },
    { name: 'attack-notice.txt', bytes: bytesOf(`${report.attackNotice}\n`) },
  ];
  // The form that `sha256sum --check` reads.
  const manifest = entries
    .map(({ name, bytes }) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`)
    .join('');
  const all = [...entries, { name: 'manifest.sha256', bytes: bytesOf(manifest) }];
  return zipped(all.map(({ name, bytes }) => ({ name: `${folder}/${name}`, bytes })));
}
