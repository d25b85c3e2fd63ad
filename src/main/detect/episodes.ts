/** @file Gathers the surprising events of one session into alerts: events close to each other are one finding. */

export type Surprise = {
  /** Position of the event in its session; the session's end has the position of its last event. */
  position: number;
  isEnd: boolean;
  bits: number;
  /** -log10 p. */
  score: number;
};

export type Episode = { surprises: Surprise[]; top: Surprise };

/** Events of the same session this far apart are still one finding. */
const maxGapEvents = 32;
/** A long incident is cut, so that an alert stays something a person can read. */
const maxSurprises = 200;

/** `surprises` are in order of position. */
export function gatherEpisodes(surprises: readonly Surprise[]): Episode[] {
  const episodes: Episode[] = [];
  for (const surprise of surprises) {
    const current = episodes.at(-1);
    const last = current?.surprises.at(-1);
    if (
      current &&
      last &&
      surprise.position - last.position <= maxGapEvents &&
      current.surprises.length < maxSurprises
    ) {
      current.surprises.push(surprise);
      if (surprise.score > current.top.score) current.top = surprise;
    } else {
      episodes.push({ surprises: [surprise], top: surprise });
    }
  }
  return episodes;
}
