/**
 * @file The page of an entity and the overview find their rows without walking tables: sessions and alerts by whose they are, open alerts by
 * age, first looks by time.
 */
import type { Migration } from '../migrate.ts';

export const indexEntities: Migration = {
  version: 150,
  apply: (db) => {
    db.exec(`
      CREATE INDEX session__entity ON session (entity_hash, entity_kind);
      CREATE INDEX alert__entity ON alert (entity_hash, entity_kind, order_at, event_id);
      CREATE INDEX alert__state_raised_at ON alert (state, raised_at, severity, score);
      CREATE INDEX audit__viewed ON audit (at, subject) WHERE action = 'alert.viewed';`);
  },
};
