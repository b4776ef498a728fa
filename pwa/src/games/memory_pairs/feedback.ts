/** Feedback after a round: praise for what was done, then one tip. Each sentence is true of this
 * round; none compares, promises cleverness or blames. */

import { say, type Played, type Said } from '../engine/game.ts';
import { SENTENCES } from './words.ts';

export function praise({ effort }: Played): Said[] {
  const { pairs = 0, clean = 0, remembered = 0 } = effort;
  if (pairs === 0) return [say(SENTENCES.result_end)];
  const said = [clean > 0 ? say(SENTENCES.result_clean, clean) : say(SENTENCES.result_pairs, pairs)];
  if (remembered > 0) said.push(say(SENTENCES.result_remembered, remembered));
  return said;
}

export function tip({ difficulty, nextDifficulty, stimuli }: Played): Said {
  if (nextDifficulty > difficulty) return say(SENTENCES.tip_harder);
  if (nextDifficulty < difficulty) return say(SENTENCES.tip_easier);
  const wrong = (kind: string) => stimuli.filter((one) => one.kind === kind && !one.right).length;
  const passed = wrong('take_pair');
  const again = wrong('turn_new');
  if (passed > 0 && passed >= again) return say(SENTENCES.tip_take);
  if (again > 0) return say(SENTENCES.tip_new);
  return say(SENTENCES.tip_name);
}
