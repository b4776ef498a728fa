/** Feedback after a round: praise for what was done, then one tip. Each sentence is true of this
 * round; none compares, promises cleverness or blames. */

import { say, type Played, type Said } from '../engine/game.ts';
import { SENTENCES } from './words.ts';

export function praise({ effort }: Played): Said[] {
  const { right = 0, longest = 0, back = 0, recovered = 0, listened = 0 } = effort;
  if (right === 0) return [say(SENTENCES.result_end)];
  const said = [say(SENTENCES.result_longest, longest)];
  if (back > 0) said.push(say(SENTENCES.result_back, back));
  else if (recovered > 0) said.push(say(SENTENCES.result_recovered, recovered));
  else if (listened > 0) said.push(say(SENTENCES.result_listened, listened));
  return said;
}

export function tip({ difficulty, nextDifficulty, effort }: Played): Said {
  if (nextDifficulty > difficulty) return say(SENTENCES.tip_harder);
  if (nextDifficulty < difficulty) return say(SENTENCES.tip_easier);
  const { early = 0, backSlips = 0 } = effort;
  if (early > 1) return say(SENTENCES.tip_wait);
  if (backSlips > 0) return say(SENTENCES.tip_back);
  return say(SENTENCES.tip_sing);
}
