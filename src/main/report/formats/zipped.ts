/** @file ZIP archives that are the same for the same content: entries in the order given, one date for all. Also the office formats, which are such archives. */
import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';
import { ZipFile } from 'yazl';

/** Names are ours, with `/` between folders: nothing that a log says becomes one. */
export type ZipEntry = { name: string; bytes: Uint8Array };

/** The first moment that a ZIP can name; in local time, as ZIP has it. */
const firstDate = new Date(1980, 0, 1);

/** `storesBelow`: entries of this folder are stored as they are. */
export async function zipped(
  entries: readonly ZipEntry[],
  { storesBelow }: { storesBelow?: string } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const zip = new ZipFile();
  for (const { name, bytes } of entries) {
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const compress = storesBelow === undefined || !name.startsWith(storesBelow);
    zip.addBuffer(content, name, { mtime: firstDate, mode: 0o100644, forceDosTimestamp: true, compress });
  }
  zip.end();
  return new Uint8Array(await buffer(zip.outputStream));
}

/** Entries of an archive that a library of ours has just made. */
export async function unzipped(archive: Uint8Array): Promise<ZipEntry[]> {
  const zip = await fromBufferPromise(Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength));
  const entries: ZipEntry[] = [];
  for await (const entry of zip.eachEntry()) {
    entries.push({ name: entry.fileName, bytes: await buffer(await zip.openReadStreamPromise(entry)) });
  }
  return entries;
}

/** The same archive with some of its texts rewritten: what a library dates or numbers by chance. */
export async function rezipped(
  archive: Uint8Array,
  rewrites: Record<string, (text: string) => string> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const entries = await unzipped(archive);
  return zipped(
    entries.map(({ name, bytes }) => {
      const rewrite = rewrites[name];
      return { name, bytes: rewrite ? new TextEncoder().encode(rewrite(new TextDecoder().decode(bytes))) : bytes };
    }),
  );
}
