/**
 * @file Which runs of a log are about events that no later run judged: the newest over all of it, and those of what came since, which is many where it is
 * followed: another version of the threshold begins another.
 */

/** To be put behind FROM: `since` has of each log the first and the newest of its standing runs, `run` each of them. */
export const standingRuns = `(SELECT source_id, max(number) AS newest, coalesce(max(number) FILTER (WHERE replaced_to_event_id IS NOT NULL), 0) AS first
    FROM run GROUP BY source_id) AS since
  CROSS JOIN run ON run.source_id = since.source_id AND run.number >= since.first`;
