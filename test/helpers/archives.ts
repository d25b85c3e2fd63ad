/** @file Archives of labelled windows, made as NumPy writes them. */
import { writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { Random } from '../../src/shared/random.ts';

export type Labelled = { windows: number[][]; labels: number[] };

/** Bytes of an array of 32-bit numbers. */
function npy(values: readonly number[], shape: string): Buffer {
  const header = `{'descr': '<i4', 'fortran_order': False, 'shape': ${shape}, }\n`;
  const head = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([head, Buffer.from(header), Buffer.from(Int32Array.from(values).buffer)]);
}

export async function writeArchive(path: string, parts: { train: Labelled; test: Labelled }): Promise<string> {
  const zip = new ZipFile();
  for (const [part, { windows, labels }] of Object.entries(parts)) {
    zip.addBuffer(npy(windows.flat(), `(${windows.length}, ${windows[0]?.length ?? 0})`), `X_${part}.npy`);
    zip.addBuffer(npy(labels, `(${labels.length},)`), `y_${part}.npy`);
  }
  zip.end();
  writeFileSync(path, await buffer(zip.outputStream));
  return path;
}

/** Windows of five events out of six; event 900 says that a window is anomalous, wherever it stands. */
export function madeWindows(count: number, seed: number, anomalyRate = 0.3): Labelled {
  const random = new Random(seed);
  const labels: number[] = [];
  const windows = Array.from({ length: count }, () => {
    const window = Array.from({ length: 5 }, () => 10 * random.integer(1, 6));
    const isAnomalous = random.chance(anomalyRate);
    if (isAnomalous) window[random.integer(0, 4)] = 900;
    labels.push(isAnomalous ? 1 : 0);
    return window;
  });
  return { windows, labels };
}
