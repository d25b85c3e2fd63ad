/** @file Verdicts, their undo and redo, and what they teach. */
import { z } from 'zod';
import type { LearningWarning } from '../adaptProtocol.ts';
import type { ActionOutcome } from '../actions.ts';
import type { FoldingSettings } from '../thresholds.ts';
import { type MemoryEntry, type VerdictEffect, verdictValues } from '../verdicts.ts';
import type { LearningSettings } from '../learning.ts';
import { learningSettings, learningWarning } from '../learningSchema.ts';
import { overviewDays } from '../overview.ts';
import type { AnswerEffect, Contradiction, LearningReport } from '../teaching.ts';
import type { WideFold } from '../wideFold.ts';
import { noteText, nothing, returns, rowId, selection, uid, zone } from './parts.ts';

/** Of a false alarm: its kind of line folds, not only what is alike. */
const isWide = z.boolean().default(false);

export const verdictsRoutes = {
  'folding.get': returns<FoldingSettings>().from(nothing),
  /** Folds the alerts of every log again. */
  'folding.set': returns<FoldingSettings>().from(
    z.strictObject({ cooldownSeconds: z.number().int().min(0).max(86_400), similarity: z.number().min(0.3).max(1) }),
  ),
  'learning.settings': returns<LearningSettings>().from(nothing),
  /** What verdicts taught is learned again under them. */
  'learning.set': returns<LearningSettings>().from(learningSettings),
  /** What of learning from the verdicts would blind: that part waits until it is confirmed. */
  'learning.pending': returns<LearningWarning[]>().from(nothing),
  /** Of what waits, that which was seen: what came to it since waits on. */
  'learning.confirm': returns<null>().from(z.strictObject({ seen: z.array(learningWarning).min(1).max(1000) })),
  /** What verdicts say of alerts to come, the newest first. */
  'memory.list': returns<(MemoryEntry & { template: string })[]>().from(nothing),
  /** What folds under it is open again; the verdict stays. */
  'memory.forget': returns<{ openedCount: number }>().from(z.strictObject({ number: rowId })),
  'verdicts.give': returns<VerdictEffect>().from(
    z.strictObject({ alertId: uid, value: z.enum(verdictValues), note: noteText.default(''), isWide }),
  ),
  /** One verdict on all of them at once, one entry in the audit, one step of undo. `verdict.alertId` is one of them. */
  'verdicts.give_many': returns<VerdictEffect>().from(
    z.strictObject({ selection, value: z.enum(verdictValues), note: noteText.default(''), isWide }),
  ),
  /** What a false alarm of their whole kind of line (`isWide`) would hide. */
  'verdicts.preview_wide': returns<WideFold>().from(z.strictObject({ selection })),
  /**
   * "I missed this": the event's alert, or a new one that was missed, is decided as a true positive; one step of undo. Refused (CONFLICT) where its log
   * was not scored.
   */
  'teach.missed': returns<VerdictEffect & { alertId: string; isNew: boolean }>().from(
    z.strictObject({ eventId: rowId, note: noteText.default('') }),
  ),
  /** The answer to a blind question; the verdict stands. One step of undo. */
  'teach.answer': returns<AnswerEffect>().from(z.strictObject({ alertId: uid, value: z.enum(verdictValues) })),
  'learning.report': returns<LearningReport>().from(z.strictObject({ zone: zone, days: z.literal(overviewDays) })),
  /** Alerts alike that were judged both ways, at most fifty kinds. */
  'learning.contradictions': returns<Contradiction[]>().from(nothing),
  /** Takes back the newest action still in force, whatever it was done to (or does the newest undone one again). Null: nothing to do. */
  'actions.undo': returns<ActionOutcome | null>().from(nothing),
  'actions.redo': returns<ActionOutcome | null>().from(nothing),
};
