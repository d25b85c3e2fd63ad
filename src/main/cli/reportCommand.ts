/** @file `surprisal report`: of a case or of a span of time, in any format. */
import { AppError } from '../../shared/errors.ts';
import { defaultLayout, type ReportLayout } from '../../shared/report.ts';
import type { App } from '../app/createApp.ts';
import { exportPeriod, readPeriod } from '../app/periods.ts';
import { exportReport, readTemplates } from '../app/reports.ts';
import { writeWhole } from '../app/wholeFile.ts';
import type { Arguments } from './arguments.ts';
import { findCase } from './caseCommands.ts';
import type { Output } from './commands.ts';

export async function report(app: App, args: Arguments, output: Output): Promise<void> {
  const [zone, period] = [args.optional('zone'), args.optional('period')];
  const redaction = { observables: [], personal: args.flag('redact-personal') };
  const { bytes } =
    period === undefined
      ? await exportReport(app.parts, (await findCase(app, args.text('case'))).id, {
          ...{ format: args.reportFormat(), zone, redaction },
          layout: await layoutNamed(app, args.optional('template')),
        })
      : await exportPeriod(app.parts, args.periodFormat(), {
          ...{ zone, redaction },
          period: readPeriod(period, zone ?? app.parts.services.host.timeZone),
        });
  const path = args.text('output');
  await writeWhole(path, bytes).catch((error: Error) => {
    throw new AppError('BAD_INPUT', `The report cannot be written: ${error.message}`);
  });
  output({ output: path, bytes: bytes.length });
}

async function layoutNamed(app: App, name: string | undefined): Promise<ReportLayout> {
  if (name === undefined) return defaultLayout;
  const templates = await readTemplates(app.parts);
  const found = templates.find((template) => template.name === name);
  if (found) return found.layout;
  const names = templates.map((template) => `"${template.name}"`).join(', ');
  throw new AppError(
    'NOT_FOUND',
    `There is no template "${name}". ${names === '' ? 'There is none yet.' : `There are ${names}.`}`,
  );
}
