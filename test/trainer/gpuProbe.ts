/** @file Ends with 0 where a graph runs on WebGPU. */
import { DeviceCopier } from '../../trainer/train/deviceState.ts';

const specs = [{ name: 'a', dims: [2], offset: 0, size: 2, decays: false, init: 'zeros' as const }];
const copier = await DeviceCopier.create(specs);
const back = new Float32Array(2);
await copier.download(await copier.upload(Float32Array.of(1, 2)), back);
process.exit(back[1] === 2 ? 0 : 1);
