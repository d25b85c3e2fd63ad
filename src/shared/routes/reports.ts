/** @file Reports of cases and of spans of time. */
import { z } from 'zod';
import type { Observable } from '../observables.ts';
import { type Span, periodFormats, periodKinds } from '../period.ts';
import {
  type ReportTechnique,
  type ReportTemplate,
  type ReportText,
  defaultLayout,
  reportFormats,
  sectionIds,
} from '../report.ts';
import { lineOfText, noteText, nothing, returns, uid, zone } from './parts.ts';

const layout = z
  .array(z.strictObject({ id: z.enum(sectionIds), title: lineOfText(120), text: noteText.default('') }))
  .max(sectionIds.length)
  .refine((sections) => new Set(sections.map(({ id }) => id)).size === sections.length, 'A section can stand once.');
const reportOptions = {
  /** IANA zone of its times; the machine's own where left out. */
  zone: zone.optional(),
  layout: layout.default(defaultLayout),
  redaction: z
    .strictObject({ observables: z.array(z.string().max(1100)).max(5000), personal: z.boolean() })
    .default({ observables: [], personal: false }),
};
/** One that ends now, or any; and what is taken out of its report. */
const periodOptions = {
  period: z.union([
    z.strictObject({ kind: z.enum(periodKinds) }),
    z.strictObject({
      from: z.number().int().min(-8.64e15).max(8.64e15),
      to: z.number().int().min(-8.64e15).max(8.64e15),
    }),
  ]),
  zone: reportOptions.zone,
  redaction: reportOptions.redaction,
};

export const reportsRoutes = {
  'reports.export': returns<{ fileName: string; mediaType: string; base64: string }>().from(
    z.strictObject({ caseId: uid, format: z.enum(reportFormats), ...reportOptions }),
  ),
  /** The beginning of the HTML report as it would be exported now. To be looked at, not taken away: no entry in the audit. */
  'reports.preview': returns<{ html: string; observables: Observable[]; techniques: ReportTechnique[] }>().from(
    z.strictObject({ caseId: uid, ...reportOptions }),
  ),
  /** Of a span of time: what was read, raised, decided and learned in it, and what is open. Refused (BAD_REQUEST) over 400 days. */
  'periods.export': returns<{ fileName: string; mediaType: string; base64: string }>().from(
    z.strictObject({ format: z.enum(periodFormats), ...periodOptions }),
  ),
  /** No entry in the audit. `span`: what it came to be. */
  'periods.preview': returns<{ span: Span; html: string; observables: Observable[] }>().from(
    z.strictObject(periodOptions),
  ),
  /** Left to the next shift; one entry of the audit. */
  'periods.leave_note': returns<null>().from(z.strictObject({ text: noteText.min(1) })),
  'reports.text': returns<ReportText>().from(z.strictObject({ caseId: uid })),
  'reports.write_text': returns<ReportText>().from(
    z.strictObject({
      caseId: uid,
      text: z.strictObject({
        summary: z.string().max(50_000),
        findings: z.string().max(200_000),
        techniques: z.array(z.string().regex(/^T\d{4}(\.\d{3})?$/)).max(200),
      }),
    }),
  ),
  /** Techniques of the bundled list, in the order of their ids. */
  'reports.techniques': returns<{ id: string; name: string; tactics: string[] }[]>().from(nothing),
  'reports.templates': returns<ReportTemplate[]>().from(nothing),
  /** Replaces all of them. */
  'reports.set_templates': returns<ReportTemplate[]>().from(
    z.strictObject({
      templates: z.array(z.strictObject({ id: uid, name: lineOfText(80), layout })).max(50),
    }),
  ),
};
