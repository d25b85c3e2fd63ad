/** @file Gathers the surprising events of one session into alerts: events close to each other are one finding. */

export type Surprise = {
  /** Position of the event in its session; the session's end has the position of its last event. */
  position: number;
  isEnd: boolean;
  bits: number;
  /** -log10 p. */
  score: number;
};

export type Episode<S extends Surprise = Surprise> = { surprises: S[]; top: S };

/** Events of the same session this far apart are still one finding. */
const maxGapEvents = 32;
/** A long incident is cut, so that an alert stays something a person can read. */
const maxSurprises = 200;

/** The surprises of one session in order of position, one at a time. */
export class EpisodeGatherer<S extends Surprise> {
  #current: Episode<S> | undefined;

  /** Gives the episode before, where this surprise begins another. */
  add(surprise: S): Episode<S> | undefined {
    const current = this.#current;
    const last = current?.surprises.at(-1);
    if (
      current &&
      last &&
      surprise.position - last.position <= maxGapEvents &&
      current.surprises.length < maxSurprises
    ) {
      current.surprises.push(surprise);
      if (surprise.score > current.top.score) current.top = surprise;
      return undefined;
    }
    this.#current = { surprises: [surprise], top: surprise };
    return current;
  }

  /** The last episode. */
  finish(): Episode<S> | undefined {
    const current = this.#current;
    this.#current = undefined;
    return current;
  }
}

/** Of a whole list, in order of position. */
export function gatherEpisodes<S extends Surprise>(surprises: readonly S[]): Episode<S>[] {
  const gatherer = new EpisodeGatherer<S>();
  const episodes = surprises.flatMap((surprise) => gatherer.add(surprise) ?? []);
  const last = gatherer.finish();
  return last ? [...episodes, last] : episodes;
}
