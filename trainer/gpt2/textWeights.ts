/** @file The tensors that a checkpoint has for the parameters of a text model. */
import { AppError } from '../../src/shared/errors.ts';
import type { TextModelShape } from '../../src/shared/textModels.ts';
import type { Checkpoint, FoundTensor } from '../files/checkpointFolder.ts';
import { shownName } from '../files/safetensorsHeader.ts';
import { gpt2Parameters, headName } from './spec.ts';

/** Causal masks that older files carry along. */
const buffers = /^h\.\d+\.attn\.(?:bias|masked_bias)$/;
const prefix = 'transformer.';

/** What the checkpoint has for each parameter. Throws MODEL_INVALID for one missing, one too many, or another shape. */
export function matchTensors(checkpoint: Checkpoint, shape: TextModelShape): Map<string, FoundTensor> {
  const refuse = (what: string): never => {
    throw new AppError('MODEL_INVALID', `The checkpoint does not fit its config.json: ${what}.`);
  };
  const wanted = new Map(gpt2Parameters(shape).map(({ name, dims }) => [name, dims]));
  const found = new Map<string, FoundTensor>();
  for (const [fullName, tensor] of checkpoint.tensors) {
    const name = fullName.startsWith(prefix) ? fullName.slice(prefix.length) : fullName;
    // A tied head is the embeddings, whatever a file holds beside them.
    if (buffers.test(name) || (name === headName && shape.isHeadTied)) continue;
    const dims = wanted.get(name);
    if (!dims) return refuse(`${shownName(fullName)} is no part of it`);
    if (found.has(name)) refuse(`${name} is there with and without "${prefix}"`);
    const given = tensor.entry.dims;
    if (given.length !== dims.length || dims.some((n, axis) => n !== given[axis]))
      refuse(`${shownName(fullName)} has the shape [${given.join()}], not [${dims.join()}]`);
    found.set(name, tensor);
  }
  for (const name of wanted.keys()) if (!found.has(name)) refuse(`${name} is missing`);
  return found;
}
