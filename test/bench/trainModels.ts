/** @file What `bench train` trains: shape, batch, and whether only adapters are trained. */
import { keyModelShapes, loraDefaults } from '../../src/shared/recipes.ts';
import type { KeyModelShape, LoraOptions } from '../../src/shared/trainerProtocol.ts';

type Model = { shape: KeyModelShape; B: number; T: number; lora?: LoraOptions };

const keys = { vocabularySize: 204 };
const gpt2 = { layers: 12, heads: 12, width: 768, contextLength: 1024, vocabularySize: 50_257 };

/** 512 tokens a step for key models, as they are trained; the batch that was measured before for GPT-2 small. */
export const trainBenchModels = {
  key_s: { shape: { ...keyModelShapes.key_s, ...keys }, B: 16, T: 32 },
  key_m: { shape: { ...keyModelShapes.key_m, ...keys }, B: 16, T: 32 },
  key_m_wide: { shape: { ...keyModelShapes.key_m_wide, ...keys }, B: 16, T: 32 },
  text: { shape: { layers: 6, heads: 8, width: 256, contextLength: 512, vocabularySize: 8192 }, B: 8, T: 128 },
  gpt2_lora: { shape: gpt2, B: 2, T: 128, lora: loraDefaults },
  gpt2_full: { shape: gpt2, B: 2, T: 128 },
} as const satisfies Record<string, Model>;

export type TrainBenchName = keyof typeof trainBenchModels;
