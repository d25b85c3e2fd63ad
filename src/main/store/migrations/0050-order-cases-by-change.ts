/** @file Cases are listed by their last change, counted in audit entries: a clock that is set back does not turn the list upside down. */
import type { Migration } from '../migrate.ts';

export const orderCasesByChange: Migration = {
  version: 50,
  apply: (db) => {
    db.exec(`
      ALTER TABLE case_file ADD COLUMN changed_by INTEGER NOT NULL DEFAULT 0;
      UPDATE case_file SET changed_by = last.sequence
      FROM (SELECT subject, max(sequence) AS sequence FROM audit GROUP BY subject) AS last
      WHERE last.subject = case_file.id;`);
  },
};
