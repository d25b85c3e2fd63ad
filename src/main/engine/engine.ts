/** @file The scoring engine as served methods: owns every loaded model and its ONNX sessions. Exactly one per process (design.md 2). */
import process from 'node:process';
import { AppError } from '../../shared/errors.ts';
import type { EngineInfo, EngineMethods, ScoreOutput } from '../../shared/engineProtocol.ts';
import { Transferred, type Handlers } from '../../shared/port.ts';
import { createClassifyHandlers } from './classify.ts';
import { compareGraphs } from './compareGraphs.ts';
import { evidenceOf } from './evidence.ts';
import { explainPositions } from './explain.ts';
import { LoadedModel, type EngineOptions } from './model.ts';
import { scoreSequences } from './score.ts';
import { runtimeVersion } from './session.ts';
import { createTextHandlers } from './text.ts';
import { tryProvider } from './trial.ts';
import { unexpectedTokens } from './unexpected.ts';

export function createEngine(options: EngineOptions): Handlers<EngineMethods> {
  const models = new Map<string, LoadedModel>();
  const info = (): EngineInfo => ({
    runtimeVersion: runtimeVersion(),
    loaded: [...models.keys()],
    batchTokens: [...models.values()].at(-1)?.batchTokens ?? null,
  });
  const find = (modelId: string): LoadedModel => {
    const model = models.get(modelId);
    if (!model) throw new AppError('NOT_FOUND', `Model ${modelId} is not loaded.`);
    return model;
  };
  return {
    ...createTextHandlers(options.intraOpThreads),
    ...createClassifyHandlers(options),
    /** Replaces a loaded model of the same id. */
    async load(input) {
      const model = await LoadedModel.load(input, options);
      const replaced = models.get(input.modelId);
      models.delete(input.modelId);
      models.set(input.modelId, model);
      await replaced?.retire();
      return info();
    },
    async unload({ modelId }) {
      const model = find(modelId);
      models.delete(modelId);
      await model.retire();
      return info();
    },
    info,
    try: (input) => tryProvider(input, options),
    score: async ({ modelId, sequences }, context) => {
      const model = find(modelId);
      const scored = await model.use(() => scoreSequences(model, sequences, context));
      const residentBytes = process.memoryUsage.rss();
      const output: ScoreOutput = { ...scored, graph: model.scoreGraph, residentBytes };
      return new Transferred(output, [output.bits.buffer]);
    },
    compare: (input, context) => compareGraphs(input, options, context),
    evidence: async ({ modelId, ...input }) => {
      const model = find(modelId);
      const output = await model.use(() => evidenceOf(model, input, options));
      return new Transferred(output, [output.attention.buffer]);
    },
    explain: async ({ modelId, ...input }) => {
      const model = find(modelId);
      return model.use(() => explainPositions(model, input));
    },
    unexpected: async ({ modelId, ...input }, { signal }) => {
      const model = find(modelId);
      return model.use(() => unexpectedTokens(model, input, signal));
    },
  };
}
