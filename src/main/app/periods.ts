/** @file Reports of a span of time: gathered by main, written by a thread of their own; and the notes that one shift leaves the next. */
import { AppError } from '../../shared/errors.ts';
import {
  isShift,
  longestSpanMs,
  periodKinds,
  spanOf,
  type PeriodFormat,
  type PeriodKind,
  type Span,
} from '../../shared/period.ts';
import { connectPort, type Client } from '../../shared/port.ts';
import type { RedactionChoice } from '../../shared/report.ts';
import { reportFormatFacts } from '../../shared/report.ts';
import { ZoneOffsets } from '../ingest/zones.ts';
import { createTimeFormat } from '../report/format.ts';
import type { PeriodReport } from '../report/period/periodReport.ts';
import type { ReportMethods } from '../report/reportMethods.ts';
import type { AppParts } from './createApp.ts';
import { gatherPeriod } from './periodFacts.ts';
import { checkedZone, type ReportFile } from './reports.ts';

export type AskedPeriod = { kind: PeriodKind } | Span;
export type PeriodOptions = { period: AskedPeriod; zone?: string | undefined; redaction: RedactionChoice };

async function withPeriod<T>(
  parts: AppParts,
  { period, zone }: PeriodOptions,
  work: (thread: Client<ReportMethods>, report: PeriodReport) => Promise<T>,
): Promise<T> {
  const { services } = parts;
  const span = 'kind' in period ? spanOf(period.kind, services.host.now()) : period;
  if (!(span.to > span.from) || span.to - span.from > longestSpanMs)
    throw new AppError(
      'BAD_REQUEST',
      'A report is of a span that ends after it begins and is no longer than 400 days.',
    );
  const report = await gatherPeriod(parts, span, checkedZone(zone ?? services.host.timeZone));
  const thread = services.startThread('report');
  try {
    return await work(connectPort<ReportMethods>(thread.port, 'thread that writes reports'), report);
  } finally {
    await thread.stop();
  }
}

/** Throws BAD_REQUEST for a zone or a span that cannot be. */
export function exportPeriod(parts: AppParts, format: PeriodFormat, options: PeriodOptions): Promise<ReportFile> {
  const { services } = parts;
  return withPeriod(parts, options, async (thread, report) => {
    const { bytes } = await thread.call('period_file', { report, format, redaction: options.redaction });
    const { from, to } = report;
    const { observables, personal } = options.redaction;
    await services.store.call('append_audit', {
      action: 'report.export',
      subject: 'period',
      details: { format, bytes: bytes.length, from, to, redacted: observables.length, personal },
      actor: await services.actor(),
    });
    const { ending, mediaType } = reportFormatFacts[format];
    const day = createTimeFormat(report.zone).iso(from).slice(0, 10);
    return { fileName: `${isShift(report) ? 'hand-over' : 'report'}-${day}.${ending}`, mediaType, bytes };
  });
}

/** As it would be exported now, with the beginning of long tables; and what can be taken out of it. */
export function previewPeriod(
  parts: AppParts,
  options: PeriodOptions,
): Promise<{ span: Span; html: string; observables: PeriodReport['observables'] }> {
  return withPeriod(parts, options, async (thread, report) => {
    const { html } = await thread.call('period_preview', { report, redaction: options.redaction });
    const { from, to, observables } = report;
    return { span: { from, to }, html, observables };
  });
}

export async function leaveNote({ services }: AppParts, text: string): Promise<void> {
  await services.store.call('add_handover_note', {
    ...{ noteId: services.host.newId(), text },
    actor: await services.actor(),
  });
}

/**
 * `shift-8`, `week` and the like, or `FROM/TO`: days (2026-11-20, the second one is the first not in it) or local times (2026-11-20T14:00) of the zone.
 * Throws BAD_INPUT.
 */
export function readPeriod(text: string, zone: string): AskedPeriod {
  const kind = periodKinds.find((one) => one === text);
  if (kind) return { kind };
  const [from, to, more] = text.split('/').map((part) => localInstant(part, zone));
  if (from === undefined || to === undefined || more !== undefined || Number.isNaN(from) || Number.isNaN(to)) {
    throw new AppError(
      'BAD_INPUT',
      `"${text}" is no span. It is one of ${periodKinds.join(', ')}, or two local times as 2026-11-20T06:00/2026-11-20T14:00.`,
    );
  }
  return { from, to };
}

/** NaN where it is none. */
function localInstant(text: string, zone: string): number {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$/.test(text)) return NaN;
  const wall = Date.parse(text.includes('T') ? `${text}Z` : `${text}T00:00Z`);
  return Number.isNaN(wall) ? NaN : new ZoneOffsets(zone).toUtc(wall);
}
