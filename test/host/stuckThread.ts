/** @file A thread that native code holds for a quarter of a minute. */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { parentPort } from 'node:worker_threads';

parentPort?.postMessage('stuck');
spawnSync(process.execPath, ['-e', 'setTimeout(() => undefined, 15_000)'], { stdio: 'ignore' });
