/** @file A process with a thread that native code holds; it stops the thread, says so, and exits. */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createNodeHost, sourceEntries } from '../../src/main/host/nodeHost.ts';

const host = createNodeHost('test', { ...sourceEntries, engine: new URL('stuckThread.ts', import.meta.url) });
const thread = host.startThread('engine');
await new Promise<void>((resolve) => thread.port.onMessage(() => resolve()));
await sleep(500); // it says so before it is
void thread.stop();
await sleep(300);
process.stdout.write('closed\n', () => process.exit(0));
