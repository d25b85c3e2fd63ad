/** @file What a language model on this machine says of an alert. */
import { z } from 'zod';
import type { Explanation, ExplanationSettings, LocalModel } from '../explanations.ts';
import { nothing, returns, uid } from './parts.ts';

const modelAddress = z.string().min(1).max(200);
/** As Ollama names models. */
const modelName = z.string().regex(/^\w[\w./:-]{0,199}$/);

export const explanationsRoutes = {
  'explanations.settings': returns<ExplanationSettings>().from(nothing),
  /** Refused (BAD_INPUT) for an address that is not this machine's own. */
  'explanations.set': returns<ExplanationSettings>().from(
    z.strictObject({ isOn: z.boolean(), address: modelAddress, model: modelName }),
  ),
  /** Asks Ollama for its models; nothing is changed. Refused (PROVIDER_FAILED) with what to do where it does not answer. */
  'explanations.test': returns<LocalModel[]>().from(z.strictObject({ address: modelAddress })),
  /** What a language model says of the alert, or is just saying; null: it was not asked. */
  'explanations.get': returns<Explanation | null>().from(z.strictObject({ alertId: uid })),
  /**
   * Asks, unless it was asked about the same evidence before; `explanation.changed` tells how it goes on, also where it fails. One answer is written at a
   * time: asking about another alert ends it. Refused (CONFLICT) while explanations are off.
   */
  'explanations.start': returns<Explanation>().from(
    z.strictObject({ alertId: uid, again: z.boolean().default(false) }),
  ),
  'explanations.cancel': returns<null>().from(z.strictObject({ alertId: uid })),
  /** Keeps it with a case, marked as machine-written. */
  'explanations.keep': returns<Explanation>().from(z.strictObject({ alertId: uid, caseId: uid })),
};
