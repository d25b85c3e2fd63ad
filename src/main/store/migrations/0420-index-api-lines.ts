/** @file Lines of the API go with their events, some at a time: by the event, and not by looking through all that were ever sent. */
import type { Migration } from '../migrate.ts';

export const indexApiLines: Migration = {
  version: 420,
  apply: (db) => db.exec('CREATE INDEX api_line__event_id ON api_line (event_id)'),
};
