/** @file Cases, and bundles of them that travel. */
import { z } from 'zod';
import type { BundleFile, BundlePreview, BundledAlert } from '../bundle.ts';
import type { CaseTemplate } from '../caseKinds.ts';
import {
  type CaseDetail,
  type CaseRow,
  type Suggestion,
  caseStates,
  longestTag,
  longestTask,
  mostTags,
} from '../cases.ts';
import { verdictValues } from '../verdicts.ts';
import { lineOfText, noteText, nothing, returns, selection, title, uid } from './parts.ts';

const alertIds = z.array(uid).min(1).max(10_000);
const instant = z.number().int().min(-8.64e15).max(8.64e15);
const severityLevel = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]);
const personName = lineOfText(80);
const taskTitle = lineOfText(longestTask);
/** Each once. */
const tags = z
  .array(lineOfText(longestTag))
  .max(mostTags)
  .transform((all) => [...new Set(all)]);
const caseTemplate = z.strictObject({
  id: uid,
  name: lineOfText(80),
  tags,
  tasks: z.array(taskTitle).max(100),
  note: noteText,
});

export const casesRoutes = {
  'cases.list': returns<CaseRow[]>().from(nothing),
  'cases.get': returns<CaseDetail>().from(z.strictObject({ caseId: uid })),
  'cases.create': returns<CaseRow>().from(z.strictObject({ title, alertIds: z.array(uid).max(10_000) })),
  'cases.add_alerts': returns<CaseRow>().from(
    z.strictObject({ caseId: uid, alertIds: z.array(uid).min(1).max(10_000) }),
  ),
  'cases.add_many': returns<CaseRow>().from(z.strictObject({ caseId: uid, selection })),
  'cases.remove_alerts': returns<CaseRow>().from(z.strictObject({ caseId: uid, alertIds })),
  /** Gives the case they are in then. */
  'cases.move_alerts': returns<CaseRow>().from(z.strictObject({ caseId: uid, intoId: uid, alertIds })),
  /** Into a new case, linked to this one. */
  'cases.split': returns<CaseRow>().from(z.strictObject({ caseId: uid, title, alertIds })),
  /** Into another case, which is given, with all it has. */
  'cases.merge': returns<CaseRow>().from(z.strictObject({ caseId: uid, intoId: uid })),
  /** What is left out stays. */
  'cases.update': returns<CaseRow>().from(
    z.strictObject({
      caseId: uid,
      title: title.optional(),
      state: z.enum(caseStates).optional(),
      closing: z.enum(verdictValues).nullable().optional(),
      ownSeverity: severityLevel.nullable().optional(),
      owner: personName.nullable().optional(),
      tags: tags.optional(),
      dueAt: instant.nullable().optional(),
    }),
  ),
  'cases.add_note': returns<CaseDetail>().from(z.strictObject({ caseId: uid, text: noteText.min(1) })),
  'cases.add_task': returns<CaseDetail>().from(
    z.strictObject({
      caseId: uid,
      title: taskTitle,
      owner: personName.nullable().default(null),
      dueAt: instant.nullable().default(null),
    }),
  ),
  'cases.update_task': returns<CaseDetail>().from(
    z.strictObject({
      caseId: uid,
      taskId: uid,
      title: taskTitle.optional(),
      isDone: z.boolean().optional(),
      owner: personName.nullable().optional(),
      dueAt: instant.nullable().optional(),
    }),
  ),
  'cases.link': returns<CaseDetail>().from(z.strictObject({ caseId: uid, otherId: uid, isLinked: z.boolean() })),
  /** Replaces all of them. */
  'cases.set_phases': returns<CaseDetail>().from(
    z.strictObject({
      caseId: uid,
      phases: z
        .array(
          z
            .strictObject({ name: lineOfText(80), fromAt: instant, toAt: instant })
            .refine(({ fromAt, toAt }) => fromAt <= toAt, 'A phase ends after it begins.'),
        )
        .max(50),
    }),
  ),
  /** The workspace's own; those that are built in are in `caseKinds.ts`. */
  'cases.templates': returns<CaseTemplate[]>().from(nothing),
  /** Replaces all of them. */
  'cases.set_templates': returns<CaseTemplate[]>().from(z.strictObject({ templates: z.array(caseTemplate).max(50) })),
  /** Its tags, tasks and first note, all at once. */
  'cases.apply_template': returns<CaseDetail>().from(z.strictObject({ caseId: uid, template: caseTemplate })),
  'cases.suggestions': returns<{ suggestions: Suggestion[]; refusedCount: number }>().from(
    z.strictObject({ caseId: uid }),
  ),
  'cases.refuse': returns<null>().from(z.strictObject({ caseId: uid, alertIds, isRefused: z.boolean() })),
  /** A file that was offered. It is copied into the workspace and never opened. */
  'cases.attach': returns<CaseDetail>().from(z.strictObject({ caseId: uid, token: uid })),
  /** Its content goes with the last attachment that has it; the audit keeps hash and size. */
  'cases.remove_attachment': returns<CaseDetail>().from(z.strictObject({ caseId: uid, attachmentId: uid })),
  /** The case as one file for another Surprisal. Null: too large for a message; it lies in the workspace, where `savedAs` says. */
  'bundles.export': returns<BundleFile>().from(z.strictObject({ caseId: uid })),
  /** All of a file that was offered is looked through. Refused with the place where it is not as it was made. */
  'bundles.preview': returns<BundlePreview>().from(z.strictObject({ token: uid })),
  /** Refused where the case is here already. */
  'bundles.import': returns<CaseRow>().from(z.strictObject({ token: uid })),
  /** An alert that came with a bundle, as it was explained where it was raised. */
  'bundles.alert': returns<BundledAlert>().from(z.strictObject({ alertId: uid })),
  /** Compared with its hash; refused where it is too large for a message. */
  'cases.read_attachment': returns<{ fileName: string; mediaType: string; base64: string }>().from(
    z.strictObject({ caseId: uid, attachmentId: uid }),
  ),
};
