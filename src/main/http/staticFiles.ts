/** @file The built renderer as files: contained in its folder, with the media types it needs and no others. Serves HTTP and `app://` alike. */
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const mediaTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json; charset=utf-8',
};

/** Undefined for anything outside the folder, of another type, or not there. */
export async function readStatic(
  directory: string,
  pathname: string,
): Promise<{ bytes: Buffer; mediaType: string } | undefined> {
  let name: string;
  try {
    name = decodeURIComponent(pathname === '/' ? '/index.html' : pathname);
  } catch {
    return undefined;
  }
  const path = normalize(join(directory, name));
  const mediaType = mediaTypes[extname(path)];
  if (!path.startsWith(normalize(directory) + sep) || name.includes('\u0000') || !mediaType) return undefined;
  try {
    return { bytes: await readFile(path), mediaType };
  } catch {
    return undefined;
  }
}
