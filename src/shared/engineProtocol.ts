/** @file What main asks of the engine thread (`src/main/engine`), the only owner of ONNX scoring sessions. */
import type { SequenceSet } from './sequences.ts';
import type { TextEngineMethods } from './textModels.ts';
import type { KeyModelShape } from './trainerProtocol.ts';

export type LoadInput = { modelId: string; directory: string; shape: KeyModelShape };

export type EngineInfo = {
  /** ONNX Runtime execution provider that runs the model, e.g. `cpu`. */
  provider: string;
  runtimeVersion: string;
  loaded: string[];
};

export type ScoreInput = { modelId: string; sequences: SequenceSet };

export type ScoreOutput = {
  /** Surprise in bits of each token given those before it; same length as `ids`. The first token of a sequence is given, so its entry is 0. */
  bits: Float32Array;
  /** Tokens that went through the model, after equal pieces were scored once. */
  computedTokens: number;
};

export type ExplainInput = { modelId: string; ids: Int32Array; positions: Int32Array; top: number };

/** Row i holds the `top` most probable tokens at `positions[i]`, most probable first. */
export type ExplainOutput = { ids: Int32Array; probabilities: Float32Array };

export type EngineMethods = TextEngineMethods & {
  load: { input: LoadInput; output: EngineInfo };
  unload: { input: { modelId: string }; output: EngineInfo };
  info: { input: undefined; output: EngineInfo };
  score: { input: ScoreInput; output: ScoreOutput; progress: { doneSequences: number } };
  explain: { input: ExplainInput; output: ExplainOutput };
};
