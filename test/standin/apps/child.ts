/** @file The utility process of `echo.ts`: answers what it got and what its process looks like. */
import type { ParentPort } from 'electron';

const { parentPort } = process as typeof process & { parentPort: ParentPort };
parentPort.on('message', ({ data }: { data: unknown }) => {
  const isMap = data instanceof Map && data.get('bytes') instanceof Float32Array;
  parentPort.postMessage({ data, isMap, hasSend: process.send !== undefined });
});
