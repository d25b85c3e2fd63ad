/** @file The weights that fine-tuning starts from: a safetensors file that holds every parameter of the shape. */
import { basename } from 'node:path';
import { AppError } from '../../src/shared/errors.ts';
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { gpt2Parameters, parameterCount } from '../gpt2/spec.ts';
import { TensorFile } from './tensorFile.ts';

/** Laid out as `gpt2Parameters` says. Throws MODEL_INVALID where a parameter is missing or has another size. */
export async function readStartWeights(path: string, shape: KeyModelShape): Promise<Float32Array> {
  const specs = gpt2Parameters(shape);
  const parameters = new Float32Array(parameterCount(specs));
  const file = await TensorFile.open(path, basename(path));
  try {
    for (const { name, dims, offset } of specs) {
      const entry = file.entries.get(name) ?? file.entries.get(`transformer.${name}`);
      if (!entry || entry.dims.join() !== dims.join()) {
        const found = entry ? `has [${entry.dims.join()}]` : 'is missing';
        throw new AppError(
          'MODEL_INVALID',
          `${file.name} is not a model of this shape: ${name} ${found}, [${dims.join()}] was expected.`,
        );
      }
      let at = offset;
      for await (const values of file.floats(entry)) {
        parameters.set(values, at);
        at += values.length;
      }
    }
  } finally {
    await file.close();
  }
  return parameters;
}
