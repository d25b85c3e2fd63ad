/**
 * @file `bench attachment [MB]`: one file of that many megabytes (2,000 unless said) attached to a case, the case written as a bundle, and that read
 * into another workspace: how long each takes, for how long main answered nothing meanwhile, and the most memory of all of it.
 */
import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportBundle } from '../../src/main/app/bundle/exportBundle.ts';
import { importBundle } from '../../src/main/app/bundle/importBundle.ts';
import { openApp } from '../helpers/app.ts';
import type { Figures } from './main.ts';
import { watchMemory } from './memory.ts';
import { timed } from './timed.ts';

const chunkBytes = 8_000_000;

/** Bytes that no compression makes smaller. */
function writeNoise(path: string, megabytes: number): void {
  const chunk = Buffer.alloc(chunkBytes);
  const file = openSync(path, 'w');
  for (let left = megabytes * 1e6; left > 0; left -= chunkBytes)
    writeSync(file, randomFillSync(chunk), 0, Math.min(left, chunkBytes));
  fsyncSync(file);
  closeSync(file);
}

export async function benchAttachment([size = '2000']: readonly string[]): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'surprisal-attachment-'));
  try {
    const path = join(directory, 'image.raw');
    const bundle = join(directory, 'case.surprisal.zip');
    writeNoise(path, Number(size));
    const [one, other] = [await openApp(join(directory, 'one')), await openApp(join(directory, 'other'))];
    const { id: caseId } = await one.ask('cases.create', { title: 'One large file', alertIds: [] });
    const token = await one.offer(path);
    const memory = watchMemory();
    const beforeMb = memory.peakMb();
    const figures: Figures = { megabytes: Number(size), beforeMb };
    const steps = {
      attach: () => one.ask('cases.attach', { caseId, token }),
      export: () => exportBundle(one.app.parts, caseId, bundle),
      import: () => importBundle(other.app.parts, { path: bundle, name: 'case' }),
    };
    for (const [name, step] of Object.entries(steps)) {
      const { seconds, mainMs } = await timed(step);
      // Of everything so far: peaks only rise.
      Object.assign(figures, {
        [`${name}Seconds`]: seconds,
        [`${name}MainMs`]: mainMs,
        [`${name}PeakMb`]: memory.peakMb(),
      });
    }
    figures['bundleMegabytes'] = statSync(bundle).size / 1e6;
    await Promise.all([one.close(), other.close()]);
    return { ...figures, load: loadavg()[0] ?? 0 };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
