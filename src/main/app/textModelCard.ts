/** @file What the registry holds of a text model. */
import type { LeftOut } from '../../shared/models.ts';
import type { TextGraphShape, TextModelShape, TextReads } from '../../shared/textModels.ts';
import type { ModelFile, TrainProvider } from '../../shared/trainerProtocol.ts';

type Named = {
  kind: 'text';
  /** Given by the analyst; no two text models have the same. */
  name: string;
  seed: number;
  /** 0 where an ONNX graph holds them. */
  parameterCount: number;
};

export type ImportedTextCard = Named & {
  origin?: undefined;
  /** Name of the folder it came from. */
  importedFrom: string;
  sourceFiles: ModelFile[];
  /** The element types that its weights had there. */
  sourceTypes: string[];
  shape: TextModelShape | TextGraphShape;
  /** Tokens that were added behind its vocabulary; not predicted until it is trained with them. */
  addedTokens: number;
  use: string;
};

export type TrainedTextCard = Named & {
  origin: 'trained' | 'lora' | 'full';
  /** Of a fine-tuned model: whose files it began with. */
  parent: { id: string; name: string } | null;
  /** Versions that trained on lines alone did not say so. */
  reads?: TextReads;
  learnedFrom: string;
  lineCount: number;
  /** Lines that were not taken, because there were too many distinct ones. */
  linesLeftOut: number;
  /** Under alerts; absent where nothing was. */
  leftOut?: LeftOut;
  firstAt: number | null;
  lastAt: number | null;
  trainingBits: number | null;
  validationBits: number | null;
  epochs: number;
  elapsedMs: number;
  provider: TrainProvider;
  /** Null until it is trained. */
  shape: TextModelShape | null;
  /** Why training failed. */
  failure?: string;
};

export type TextModelCard = ImportedTextCard | TrainedTextCard;

export function isTextCard(card: Record<string, unknown>): card is TextModelCard {
  return card.kind === 'text';
}

/** Null for a checkpoint as it was imported, which reads text. */
export function readsOf(card: TextModelCard): TextReads | null {
  return card.origin === undefined ? null : (card.reads ?? 'lines');
}
