import { report, alert } from '../report/samples.ts';
import { renderReport } from '../../src/main/report/render.ts';
import { defaultLayout, reportFormats } from '../../src/shared/report.ts';
const big = { ...report, alerts: Array.from({ length: 500 }, (_, i) => ({ ...alert, number: i + 1, at: (alert.at ?? 0) + i * 60000, severity: (1 + (i % 5)) as 1, raw: { ...alert.raw, text: alert.raw.text + i, lengthChars: alert.raw.text.length } })) };
const only = process.argv.slice(2);
for (const f of reportFormats) { if (only.length && !only.includes(f)) continue; const t = performance.now(); const c = process.cpuUsage(); const b = await renderReport(big, f, defaultLayout); console.log(f, ((performance.now() - t) / 1000).toFixed(2), b.length, 'cpu', (process.cpuUsage(c).user/1e6).toFixed(2)); }
