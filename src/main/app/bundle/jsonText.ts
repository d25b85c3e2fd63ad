/** @file JSON of somebody else: lines within bounds, nested no deeper than ours is, told by its place where it is none. */
import { AppError } from '../../../shared/errors.ts';

/** Ours is nested seven deep. */
const deepest = 40;

/** Null where it is no JSON, or nested deeper than anything here is. */
export function parsedJson(text: string): { value: unknown } | null {
  let depth = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) isQuoted = !isQuoted;
    else if (isQuoted) {
      if (code === 0x5c) index++;
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > deepest) return null;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

/** Lines of UTF-8, without their line feeds. Throws BAD_INPUT for one that is longer, and for what is no UTF-8. */
export async function* textLines(
  content: AsyncIterable<Uint8Array>,
  { name, mostBytes }: { name: string; mostBytes: number },
): AsyncGenerator<{ text: string; number: number }> {
  let number = 0;
  let parts: Uint8Array[] = [];
  let sizeBytes = 0;
  const line = (): { text: string; number: number } => {
    number++;
    const text = decoded(Buffer.concat(parts), `${name}, line ${number},`);
    parts = [];
    sizeBytes = 0;
    return { text, number };
  };
  for await (const chunk of content) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      start = end + 1;
      yield line();
    }
    parts.push(chunk.subarray(start));
    sizeBytes += chunk.length - start;
    if (sizeBytes > mostBytes)
      throw new AppError('BAD_INPUT', `${name}, line ${number + 1}, is longer than a bundle's lines are.`);
  }
  if (sizeBytes > 0) yield line();
}

export function decoded(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new AppError('BAD_INPUT', `${what} is no UTF-8.`);
  }
}
