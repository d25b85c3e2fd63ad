/** @file What the local API takes and gives, as schemas: they validate requests, and the OpenAPI document is made of them. */
import { z } from 'zod';

/** Of a line; a request holds many, up to its own limit. */
export const longestLine = 1_000_000;
export const mostLines = 1000;
export const mostContext = 10;

const timestamp = z.iso.datetime({ offset: true, local: true }).meta({
  description: 'ISO 8601. Without an offset it is the local time of this computer.',
  examples: ['2026-09-10T03:11:00Z'],
});
// Blanks, then what is none, then the rest: no character fits in two places, or a name of megabytes would hold main for hours.
const source = z
  .string()
  .regex(/^\p{Zs}*[^\p{Cc}\p{Z}][^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'A name of a source is one line of text.')
  .max(200)
  .meta({
    description:
      'Which log the line belongs to. It is judged after the earlier lines of the same source. There are at most 1,000 sources.',
    examples: ['gateway'],
  });
const logLine = z
  .string()
  .regex(/\S/, 'A line holds something that is not blank.')
  .max(longestLine)
  .meta({ examples: ['Sep 10 03:11:00 gw1 sshd[211]: Failed password for root from 10.20.7.21 port 4022 ssh2'] });

export const analyzeLine = z.strictObject({ timestamp, log_line: logLine, source });
export const analyzeBatch = z.array(analyzeLine).min(1).max(mostLines);
export const analyzeRequest = z.union([analyzeLine, analyzeBatch]);

export const judgement = z.strictObject({
  timestamp: z.string().meta({ description: 'As it was sent.' }),
  is_anomaly: z.boolean().meta({
    description:
      'Its alert is in the queue: it surprises beyond the threshold or is like a confirmed threat, and is not hidden by a verdict on its like or by a mute.',
  }),
  confidence: z.number().min(0).max(1).meta({
    description: '1 - p / p at the threshold; 0 on and below it. Of false alarms the share that surprises less.',
  }),
  reasoning: z.string().meta({ description: 'One sentence, without text of the line.' }),
  score: z.number().min(0).meta({ description: '-log10 p.' }),
  p: z.number().min(0).max(1).meta({ description: 'The share of normal lines that surprise as much or more.' }),
  perplexity: z
    .number()
    .min(0)
    .nullable()
    .meta({ description: 'Of the session up to the line; null where the model only counts.' }),
  threshold: z.number().min(0).meta({ description: 'In the unit of score.' }),
  alert_id: z
    .string()
    .nullable()
    .meta({ description: 'The alert that shows the line, also where it is folded or muted.' }),
});
export const analyzeAnswer = z.union([judgement, z.array(judgement).min(1).max(mostLines)]);

const actual = {
  was_correct: z.boolean().meta({ description: 'Whether is_anomaly was right.' }),
  actual_label: z
    .enum(['normal', 'anomaly'])
    .optional()
    .meta({ description: 'What the line is. Where it is given it must fit was_correct and what was answered.' }),
};
export const feedbackOnAlert = z.strictObject({
  alert_id: z.string().min(1).max(100).meta({ description: 'As /analyze gave it.' }),
  ...actual,
});
export const feedbackOnLine = z.strictObject({
  log_line: logLine.meta({
    description: 'A line that was sent, character by character; the latest if it was sent often.',
  }),
  ...actual,
});
export const feedbackRequest = z.union([feedbackOnAlert, feedbackOnLine]);
export const feedbackAnswer = z.strictObject({ status: z.literal('Feedback recorded') });

const share = z.number().min(0).max(1);
const whole = z.number().int().min(0);
export const metricsAnswer = z.strictObject({
  total_processed: whole.meta({ description: 'Lines answered since the API was started.' }),
  anomalies_detected: whole.meta({ description: 'Of these, how many were anomalies.' }),
  avg_processing_time_ms: z
    .number()
    .min(0)
    .meta({ description: 'From a line being there to its answer, over the last 1,000 lines.' }),
  detection_rate: share.meta({ description: 'anomalies_detected / total_processed.' }),
  logs_per_second: z.number().min(0).meta({ description: 'Over the last seconds.' }),
  true_positives: whole.meta({ description: 'Alerts on lines of the API that a verdict confirmed, of all time.' }),
  false_positives: whole.meta({ description: 'Alerts on lines of the API that a verdict refuted, of all time.' }),
});

export const alertMessage = z.strictObject({
  timestamp: z.string().meta({ description: 'Of the line; of its arrival where it has none.' }),
  log_line: z.string().max(16_000).meta({ description: 'Cut behind 16,000 characters.' }),
  confidence: share,
  perplexity: z.number().min(0).nullable(),
  reasoning: z.string(),
  context: z
    .array(z.string().max(2000))
    .max(mostContext)
    .meta({ description: 'The lines before it, in their order, each cut behind 2,000 characters.' }),
});

export const problemCodes = [
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'TIMEOUT',
  'CONFLICT',
  'TOO_LARGE',
  'UNSUPPORTED_TYPE',
  'TOO_MANY_REQUESTS',
  'UNAVAILABLE',
  'INTERNAL',
] as const;
export const problemAnswer = z.strictObject({
  error: z.strictObject({ code: z.enum(problemCodes), message: z.string() }),
});

export type AnalyzeLine = z.output<typeof analyzeLine>;
export type Judgement = z.output<typeof judgement>;
export type Feedback = z.output<typeof feedbackRequest>;
export type Metrics = z.output<typeof metricsAnswer>;
export type AlertMessage = z.output<typeof alertMessage>;
export type ProblemCode = (typeof problemCodes)[number];
