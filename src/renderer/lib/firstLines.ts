/** @file The first lines of a file the browser holds, plain or gzip, from its first 64 KB. */

const readBytes = 64 * 1024;
const shownLines = 200;

export async function firstLinesOf(file: Blob): Promise<string[]> {
  const start = new Uint8Array(await file.slice(0, readBytes).arrayBuffer());
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  const data = isGzip ? await inflate(start) : start;
  return linesOf(data, file.size <= readBytes && !isGzip);
}

/** Whole lines only: the last one is cut somewhere unless the file ends here. */
export function linesOf(data: Uint8Array, isWholeFile: boolean): string[] {
  const lines = new TextDecoder(encodingOf(data)).decode(data).split(/\r\n|\n|\r/);
  const last = lines.pop();
  if (last !== undefined && last !== '' && (isWholeFile || lines.length === 0)) lines.push(last);
  return lines.slice(0, shownLines);
}

/** By its byte order mark; what else it may be is found out when the file is looked at whole. */
function encodingOf(data: Uint8Array): string {
  if (data[0] === 0xff && data[1] === 0xfe) return 'utf-16le';
  return data[0] === 0xfe && data[1] === 0xff ? 'utf-16be' : 'utf-8';
}

/** What can be inflated of a stream that is cut off; the error at its end is expected. */
async function inflate(start: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const reader = new Blob([start]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    while (size < readBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      size += value.length;
    }
    await reader.cancel();
  } catch {
    // The slice ends in the middle of the stream.
  }
  const whole = new Uint8Array(size);
  let position = 0;
  for (const chunk of chunks) {
    whole.set(chunk, position);
    position += chunk.length;
  }
  return whole;
}
