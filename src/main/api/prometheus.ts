/** @file The figures of the API in Prometheus' text format 0.0.4. */
import type { Metrics } from './schemas.ts';

export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

const rows: readonly [name: string, type: 'counter' | 'gauge', help: string, of: (metrics: Metrics) => number][] = [
  ['surprisal_lines_total', 'counter', 'Lines answered since the API was started.', (of) => of.total_processed],
  ['surprisal_anomalies_total', 'counter', 'Of these, anomalies.', (of) => of.anomalies_detected],
  [
    'surprisal_processing_seconds',
    'gauge',
    'Mean time from a line to its answer, over the last 1,000.',
    (of) => of.avg_processing_time_ms / 1000,
  ],
  ['surprisal_detection_ratio', 'gauge', 'Anomalies among the lines.', (of) => of.detection_rate],
  ['surprisal_lines_per_second', 'gauge', 'Lines a second, over the last seconds.', (of) => of.logs_per_second],
  ['surprisal_true_positives', 'gauge', 'Alerts on lines of the API that were confirmed.', (of) => of.true_positives],
  ['surprisal_false_positives', 'gauge', 'Alerts on lines of the API that were refuted.', (of) => of.false_positives],
];

export function prometheusText(metrics: Metrics): string {
  return rows
    .map(([name, type, help, of]) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${of(metrics)}\n`)
    .join('');
}
