/** @file Which models were in use one after the other, as the audit tells: what going back leads to. */
import type { Connection, Output } from './statements.ts';

/** `to`: the model that came in use again for a classifier that was withdrawn; null elsewhere. */
type Entry = { action: string; subject: string; to: string | null };

export type ModelUses = ReturnType<typeof prepareModelUses>;

export function prepareModelUses(db: Connection) {
  const entries = db.prepare<[], Entry>(
    `SELECT action, subject, details ->> '$.to' AS "to" FROM audit INDEXED BY audit__model_use
     WHERE action IN ('model.used', 'model.rolled_back', 'classifier.withdrawn') ORDER BY sequence`,
  );
  return {
    /** Ids, the newest first. */
    list: (): Output<'list_model_uses'> => standing(entries.all()).reverse(),
  };
}

/** In order. Going back to a model takes away what came behind it: going back once more leads further. */
function standing(entries: readonly Entry[]): string[] {
  const uses: string[] = [];
  for (const { action, subject, to } of entries) {
    if (action === 'model.used') {
      if (uses.at(-1) !== subject) uses.push(subject);
      continue;
    }
    const target = action === 'model.rolled_back' ? subject : to;
    // Where the model came in use for it, that was the entry before.
    if (target === null || uses.at(-1) !== target) continue;
    const earlier = uses.slice(0, -1).lastIndexOf(target);
    if (earlier >= 0) uses.length = earlier + 1;
  }
  return uses;
}
