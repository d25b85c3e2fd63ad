/** @file Language models over text (GPT-2 checkpoints): what main asks of the trainer and the engine about them. Carried by `port.ts`. */
import type { SequenceSet } from './sequences.ts';
import type {
  KeyModelShape,
  LoraOptions,
  ModelFile,
  TrainingTrial,
  TrainInput,
  TrainOutput,
  TrainProgress,
} from './trainerProtocol.ts';

/**
 * What a text model is trained on, and so what it can judge. Lines: one masked line at a time. Windows: ten lines in the text of the tutorial,
 * for its preset.
 */
export const textReads = ['lines', 'windows'] as const;
export type TextReads = (typeof textReads)[number];

/** `vocabularySize` counts the tokens that were added on import. */
export type TextModelShape = KeyModelShape & {
  form: 'gpt2';
  /**
   * Tokens with ids below this are predicted. What was added on import is not, until the model was trained with it: before, it would take
   * a share of the probability that nobody gave it, and no figure would be that of the checkpoint.
   */
  predictedTokens: number;
  layerNormEpsilon: number;
  /** The output head is the table of embeddings, and not a table of its own. */
  isHeadTied: boolean;
};

/** A model that came as an ONNX graph, `input_ids` to `logits`. It scores and continues text as it is; nothing can be added to it. */
export type TextGraphShape = { form: 'graph'; contextLength: number; vocabularySize: number; predictedTokens: number };

/** The files of a text model's folder. */
export const textModelFiles = {
  shape: 'shape.json',
  weights: 'model.safetensors',
  tokenizer: 'tokenizer.json',
  /** ids [B,T] to hidden states [N,C], N = B*T. */
  body: 'body.onnx',
  /** Hidden states and targets to log-probabilities. Apart from the body: the logits of a batch would be its largest tensor. */
  head: 'head.onnx',
  /** Hidden states to logits. */
  next: 'next.onnx',
  /** In place of the three and of the weights, in a model that came as a graph. */
  graph: 'model.onnx',
} as const;

export type ImportTextInput = {
  /** The folder of the checkpoint. */
  from: string;
  /** An existing empty folder; the model's files are written here. */
  directory: string;
  /** Names of tokens to add, where the tokenizer lacks them. */
  addedTokens: readonly string[];
  /** Of the noise on the rows of the added tokens. */
  seed: number;
};

export type ImportTextOutput = {
  shape: TextModelShape | TextGraphShape;
  /** 0 where a graph holds them. */
  parameterCount: number;
  /** The element types that the weights had. */
  sourceTypes: string[];
  sourceFiles: ModelFile[];
  files: ModelFile[];
};

export type ExportTextInput = {
  /** The model's folder. */
  directory: string;
  /** An existing folder; the files are written here. */
  to: string;
  format: 'safetensors' | 'onnx';
};

/** What a text model is trained from. Its tokens are those of the tokenizer in the folder, and all of them are predicted afterwards. */
export type TextStart =
  /** Random weights, by the seed, over a tokenizer that was trained here (`tokenizer.json` in the folder). */
  | {
      kind: 'new';
      tokenizerDirectory: string;
      shape: Pick<KeyModelShape, 'layers' | 'heads' | 'width' | 'contextLength'>;
    }
  /** A text model's folder, of the form `gpt2`; it is only read. */
  | { kind: 'model'; directory: string };

/**
 * As `TrainInput`, where that does not speak of keys. Each sequence is a masked line or a window of lines; longer than the context, it is cut into pieces.
 * What is left out of the recipe is as in `textRecipe`, or `fineTuneRecipe` where a model is started from.
 */
export type TrainTextInput = Omit<TrainInput, 'shape' | 'startWeights' | 'unseenRate' | 'lora'> & {
  start: TextStart;
  /** Wants a model to start from. The rows of tokens that it never predicted are trained beside the adapters. */
  lora?: LoraOptions;
};

export type TrainTextOutput = TrainOutput & { shape: TextModelShape };

export type TextTrainerMethods = {
  /** Writes a text model's folder as an import does: `shape.json` last, adapters merged. Progress and pausing as `train`. */
  train_text: { input: TrainTextInput; output: TrainTextOutput; progress: TrainProgress };
  /** As `try_training`. */
  try_text_training: { input: Omit<TrainTextInput, 'directory' | 'checkpoint'>; output: TrainingTrial };
  import_text: {
    input: ImportTextInput;
    output: ImportTextOutput;
    progress: { doneBytes: number; totalBytes: number };
  };
  export_text: { input: ExportTextInput; output: { files: ModelFile[] } };
};

/** Loaded when it is first named, and in place of the one before: text models are large. */
type Named = { directory: string };

export type ScoreTextInput = Named & { sequences: SequenceSet };

export type ContinueTextInput = Named & {
  ids: Int32Array;
  mostTokens: number;
  /** 0 takes the most probable token each time. */
  temperature: number;
  seed: number;
  /** Ends the text; is not part of the output. */
  endId: number | null;
};

export type TextEngineMethods = {
  /** Surprise in bits of each token given those before it; 0 for the first token of a sequence. */
  score_text: { input: ScoreTextInput; output: { bits: Float32Array }; progress: { doneSequences: number } };
  continue_text: { input: ContinueTextInput; output: { ids: Int32Array }; progress: { doneTokens: number } };
};
