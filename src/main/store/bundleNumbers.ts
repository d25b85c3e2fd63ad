/**
 * @file Alerts that came with a bundle keep the numbers they had, since notes and reports name them so. Within a case a number is of one alert
 * only: what would bring a second one of it is refused.
 */
import { AppError } from '../../shared/errors.ts';
import { familyOf } from './caseRows.ts';
import type { CaseRecord } from './protocol/cases.ts';
import type { Connection } from './statements.ts';

export function prepareBundleNumbers(db: Connection) {
  const bundled = (family: string): string =>
    `SELECT bundle_alert.alert_number FROM bundle CROSS JOIN bundle_alert ON bundle_alert.bundle_number = bundle.number
     WHERE bundle.case_number IN ${family}`;
  const amongTargets = db
    .prepare<[number], number>(
      `${bundled(familyOf('?'))} AND bundle_alert.alert_number IN (SELECT number FROM temp.target) LIMIT 1`,
    )
    .pluck();
  const own = (family: string): string => `SELECT alert_number FROM case_alert WHERE case_number IN ${family}`;
  const between = db
    .prepare<{ one: number; other: number }, number>(
      `SELECT alert_number FROM (
         ${bundled(familyOf('@one'))} AND bundle_alert.alert_number IN (${own(familyOf('@other'))} UNION ALL ${bundled(familyOf('@other'))})
         UNION ALL ${bundled(familyOf('@other'))} AND bundle_alert.alert_number IN (${own(familyOf('@one'))})) LIMIT 1`,
    )
    .pluck();
  const numberOf = db.prepare<[string], number>('SELECT alert_number FROM bundle_alert WHERE id = ?').pluck();
  const refuse = (number: number | undefined, { number: caseNumber }: CaseRecord): void => {
    if (number === undefined) return;
    throw new AppError(
      'CONFLICT',
      `C-${caseNumber} has an A-${number} of another workspace, which came with a bundle, and a case has each number once. Link the cases instead.`,
    );
  };
  return {
    /** Throws CONFLICT where an alert that is laid out as target has a number that came with the case. */
    checkTargets: (record: CaseRecord): void => refuse(amongTargets.get(record.number), record),
    /** Throws CONFLICT where an alert of one has the number of an alert of the other. */
    checkMerge: (one: CaseRecord, other: CaseRecord): void =>
      refuse(between.get({ one: one.number, other: other.number }), other),
    /** Throws CONFLICT for an alert that came with a bundle: it stays in the case it came with. */
    checkMovable: (alertId: string): void => {
      const number = numberOf.get(alertId);
      if (number === undefined) return;
      throw new AppError('CONFLICT', `A-${number} came with its case from another workspace and stays in it.`);
    },
  };
}
