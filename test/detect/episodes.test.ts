import { describe, expect, it } from 'vitest';
import { EpisodeGatherer, type Episode, type Surprise } from '../../src/main/detect/episodes.ts';

const at = (position: number, score = 5) => ({ position, isEnd: false, bits: score, score });

function gatherEpisodes(surprises: readonly Surprise[]): Episode[] {
  const gatherer = new EpisodeGatherer();
  return [...surprises.map((surprise) => gatherer.add(surprise)), gatherer.finish()].filter((one) => one !== undefined);
}

describe('episodes', () => {
  it('makes one alert of events close together and two of events far apart', () => {
    const episodes = gatherEpisodes([at(1), at(3, 9), at(20), at(200)]);
    expect(episodes.map((episode) => episode.surprises.length)).toEqual([3, 1]);
    expect(episodes[0]?.top.position).toBe(3);
  });

  it('cuts a flood, so that one alert stays readable', () => {
    const episodes = gatherEpisodes(Array.from({ length: 1000 }, (_unused, index) => at(index)));
    expect(Math.max(...episodes.map((episode) => episode.surprises.length))).toBeLessThanOrEqual(200);
    expect(episodes.flatMap((episode) => episode.surprises)).toHaveLength(1000);
  });
});
