/** @file The weights that fine-tuning starts from: a safetensors file that holds every parameter of the shape. */
import { basename } from 'node:path';
import { AppError } from '../../src/shared/errors.ts';
import { gpt2Parameters, parameterCount, type NetworkShape, type ParameterSpec } from '../gpt2/spec.ts';
import { TensorFile } from './tensorFile.ts';

/** Into an array laid out as `gpt2Parameters` says, a new one if none is given. Throws MODEL_INVALID where a parameter is missing or has another size. */
export async function readStartWeights(
  path: string,
  shape: NetworkShape,
  parameters: Float32Array = new Float32Array(parameterCount(gpt2Parameters(shape))),
): Promise<Float32Array> {
  const specs = gpt2Parameters(shape);
  const file = await TensorFile.open(path, basename(path));
  try {
    for (const spec of specs)
      await readParameter(file, spec, parameters.subarray(spec.offset, spec.offset + spec.size));
  } finally {
    await file.close();
  }
  return parameters;
}

/** One parameter's values. Throws MODEL_INVALID. */
export async function readParameter(
  file: TensorFile,
  { name, dims }: Pick<ParameterSpec, 'name' | 'dims'>,
  into: Float32Array,
): Promise<void> {
  const entry = file.entries.get(name) ?? file.entries.get(`transformer.${name}`);
  if (!entry || entry.dims.join() !== dims.join()) {
    const found = entry ? `has [${entry.dims.join()}]` : 'is missing';
    throw new AppError(
      'MODEL_INVALID',
      `${file.name} is not a model of this shape: ${name} ${found}, [${dims.join()}] was expected.`,
    );
  }
  let at = 0;
  for await (const values of file.floats(entry)) {
    into.set(values, at);
    at += values.length;
  }
}
