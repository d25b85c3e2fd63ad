import { writeFileSync } from 'node:fs';
import { report, alert } from '../report/samples.ts';
import { renderReport } from '../../src/main/report/render.ts';
import { defaultLayout } from '../../src/shared/report.ts';
const big = { ...report, phases: [{ id: 'p', name: 'Entry', fromAt: (alert.at ?? 0) - 300000, toAt: (alert.at ?? 0) + 300000 }], alerts: Array.from({ length: 8 }, (_, i) => ({ ...alert, number: i + 1, at: (alert.at ?? 0) + i * 60000, severity: (1 + (i % 5)) as 1 })) };
for (const f of ['pdf', 'docx', 'html'] as const) writeFileSync('/tmp/report/s.' + f, await renderReport(big, f, defaultLayout));
