/** @file What main asks of the engine (`src/main/engine`), the only owner of ONNX scoring sessions, in a thread or in a process of its own. */
import type { SequenceSet } from './sequences.ts';
import type { TextEngineMethods } from './textModels.ts';
import type { KeyModelShape } from './trainerProtocol.ts';

/** Execution providers of ONNX Runtime that a scoring session may run on. */
export const providerNames = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;
export type ProviderName = (typeof providerNames)[number];

/** How far a provider's log-probabilities may lie from the CPU's, in nat. */
export const agreementNat = 1e-3;

/** A key model's graph for scoring: in 32-bit floats, or with the linear maps of its blocks in whole numbers, which is for the CPU alone. */
export type ScoreGraph = 'f32' | 'int8';

/**
 * `graph` is what scores on the CPU, f32 unless said; other providers score with f32. `provider` is the CPU unless said. On another one,
 * loading fails with PROVIDER_FAILED where its answers are not the CPU's.
 */
export type LoadInput = {
  modelId: string;
  directory: string;
  shape: KeyModelShape;
  graph?: ScoreGraph;
  provider?: ProviderName;
};

export type EngineInfo = {
  runtimeVersion: string;
  loaded: string[];
  /** Of the model that was loaded last; null while none is. */
  batchTokens: number | null;
};

/** A provider is tried on a model in the given folder, the CPU with the graph it would score with; nothing stays loaded. */
export type TrialInput = { directory: string; shape: KeyModelShape; graph?: ScoreGraph; provider: ProviderName };

export type TrialOutput =
  | { isThere: false; reason: string }
  | {
      isThere: true;
      /** On a warm-up batch as scoring would make it. */
      msPerThousandEvents: number;
      /** Largest difference from the CPU's log-probabilities. */
      differenceNat: number;
      /** Until the sessions were open and had answered once. */
      startMs: number;
    };

export type ScoreInput = { modelId: string; sequences: SequenceSet };

export type ScoreOutput = {
  /** Surprise in bits of each token given those before it; same length as `ids`. The first token of a sequence is given, so its entry is 0. */
  bits: Float32Array;
  /** Tokens that came from windows of the sequences, and those of them that went through the model: equal windows are scored once. */
  askedTokens: number;
  computedTokens: number;
  /** What scored: p-values must come from this graph's calibration. */
  graph: ScoreGraph;
  /** Of the process that the engine is in. */
  residentBytes: number;
};

/** The graphs of a model in the given folder, compared on the CPU; nothing stays loaded. */
export type CompareInput = { directory: string; shape: KeyModelShape; sequences: SequenceSet };

export type CompareOutput = {
  /** As `ScoreOutput.bits`. */
  f32: Float32Array;
  /** Of a graph that cannot be run there is only the reason. */
  int8: { bits: Float32Array; timesAsFast: number } | { failure: string };
};

export type ExplainInput = { modelId: string; ids: Int32Array; positions: Int32Array; top: number };

/** Row i holds the `top` most probable tokens at `positions[i]`, most probable first. */
export type ExplainOutput = { ids: Int32Array; probabilities: Float32Array };

/** `positions`: places in `sequences.ids`, rising, none the first of its sequence. */
export type UnexpectedInput = { modelId: string; sequences: SequenceSet; positions: Int32Array; k: number };

/** Of each position, 1 where its token is not among the `k` most probable there. */
export type UnexpectedOutput = { isUnexpected: Uint8Array };

export type EvidenceInput = {
  modelId: string;
  ids: Int32Array;
  /** Of a token that was scored: the window that scored it is shown. */
  position: number;
  top: number;
};

/** Of one window: T tokens that the model read. Row t is about the token behind `start + t`, given those from `start` to it. */
export type EvidenceOutput = {
  start: number;
  /** [T]; of tokens that this window did not score, with the context that they have in it. */
  bits: Float32Array;
  /** [T,top], most probable first. */
  topIds: Int32Array;
  topProbabilities: Float32Array;
  /** [layers,heads,T,T]: how much position t looked at s, 0 for s > t; each row sums to one. */
  attention: Float32Array;
};

/** Of classifiers of windows. `directory` is of the model. */
export type ClassifyEngineMethods = {
  /** `sequences` of window tokens. Aligned with them, the logit of the last `length` tokens up to each; NaN of padding. It stays loaded. */
  classify_events: {
    input: { directory: string; sequences: SequenceSet; length: number };
    output: { logits: Float32Array };
  };
  /** `ids`: tokens of windows of `length`, one after the other. Nothing stays loaded. */
  classify: {
    input: { directory: string; ids: Int32Array; length: number };
    output: { logits: Float32Array };
    progress: { doneWindows: number };
  };
  /** Of one window; each layer [H,P,P], rows sum to one. */
  classify_attention: {
    input: { directory: string; ids: Int32Array; layers: number };
    output: { logit: number; layers: Float32Array[] };
  };
};

/** All of them may be asked again after a failure: none leaves anything behind but loaded models. */
export type EngineMethods = TextEngineMethods &
  ClassifyEngineMethods & {
    load: { input: LoadInput; output: EngineInfo };
    unload: { input: { modelId: string }; output: EngineInfo };
    info: { input: undefined; output: EngineInfo };
    try: { input: TrialInput; output: TrialOutput };
    score: { input: ScoreInput; output: ScoreOutput; progress: { doneSequences: number } };
    compare: { input: CompareInput; output: CompareOutput; progress: { doneSequences: number } };
    explain: { input: ExplainInput; output: ExplainOutput };
    unexpected: { input: UnexpectedInput; output: UnexpectedOutput };
    /** NOT_FOUND until `evidence.onnx` lies beside the model's other files. */
    evidence: { input: EvidenceInput; output: EvidenceOutput };
  };
