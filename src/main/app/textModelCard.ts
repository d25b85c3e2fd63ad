/** @file What the registry holds of a text model. */
import type { Model } from '../../shared/domain.ts';
import type { TextGraphShape, TextModelShape } from '../../shared/textModels.ts';
import type { ModelFile } from '../../shared/trainerProtocol.ts';
import type { ModelRecord } from '../store/protocol.ts';

export type TextModelCard = {
  kind: 'text';
  /** Given by whoever imported it; no two text models have the same. */
  name: string;
  /** Name of the folder it came from. */
  importedFrom: string;
  sourceFiles: ModelFile[];
  /** The element types that its weights had there. */
  sourceTypes: string[];
  shape: TextModelShape | TextGraphShape;
  /** 0 where an ONNX graph holds them. */
  parameterCount: number;
  /** Tokens that were added behind its vocabulary; not predicted until it is trained with them. */
  addedTokens: number;
  seed: number;
  use: string;
};

export function isTextCard(card: Record<string, unknown>): card is TextModelCard {
  return card.kind === 'text';
}

export function toTextModel(record: ModelRecord, card: TextModelCard): Model {
  return {
    id: record.id,
    number: record.number,
    kind: 'text',
    state: record.state,
    createdAt: record.createdAt,
    learnedFrom: `${card.name}: ${card.shape.form === 'gpt2' ? 'GPT-2 checkpoint' : 'ONNX graph'}, imported from ${card.importedFrom}`,
    lineCount: 0,
    sessionCount: 0,
    eventKinds: 0,
    parameterCount: card.parameterCount,
    trainingBits: null,
    validationBits: null,
    epochs: 0,
    elapsedMs: 0,
    curve: record.curve,
    files: record.files,
    quantisation: null,
    failure: null,
  };
}
