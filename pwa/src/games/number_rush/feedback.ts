/** Feedback after a round: praise for what was done, then one tip. Each sentence is true of this
 * round; none compares, promises cleverness or blames. */

import { say, type Played, type Said } from '../engine/game.ts';
import type { Stimulus } from '../types.ts';
import { SENTENCES } from './words.ts';

/** Chains from this length on are praised; FIRST_CHAIN is the first goal in a tip. */
export const LONG_CHAIN = 8;
const FIRST_CHAIN = 5;

/** So many slips of one sort say something. */
export const SOME = 4;

/** A wrong answer that came before the three could be compared. */
export const HASTY_MS = 900;

export function praise({ effort }: Played): Said[] {
  const { right = 0, longestChain = 0, recovered = 0, slips = 0 } = effort;
  const said: Said[] = [];
  if (longestChain >= LONG_CHAIN) said.push(say(SENTENCES.result_chain, longestChain));
  else if (right > 0) said.push(say(SENTENCES.result_found, right));
  else said.push(say(SENTENCES.result_end));
  // After most slips: one who presses anything gets some right, too.
  if (recovered * 2 > slips) said.push(say(SENTENCES.result_recovered, recovered));
  return said;
}

const WAYS = { plus: SENTENCES.tip_plus, minus: SENTENCES.tip_minus, times: SENTENCES.tip_times, most: SENTENCES.tip_look };

export function tip({ difficulty, nextDifficulty, effort, stimuli }: Played): Said {
  const slips = stimuli.filter(({ right }) => !right);
  const most = Math.max(SOME, (slips.length + 1) >> 1);
  const late = slips.filter(({ reactionMs }) => reactionMs === null);
  const hasty = slips.filter(({ reactionMs }) => reactionMs !== null && reactionMs < HASTY_MS);
  if (hasty.length >= most) return say(SENTENCES.tip_look);
  if (late.length >= most) return say(SENTENCES.tip_nearest);
  const kind = commonest(slips);
  if (kind) return say(WAYS[kind]);
  if (nextDifficulty > difficulty) return say(SENTENCES.tip_harder);
  if (nextDifficulty < difficulty) return say(SENTENCES.tip_easier);
  return say(SENTENCES.tip_chain, Math.max(FIRST_CHAIN, (effort.longestChain ?? 0) + 1));
}

/** The kind of task with the most slips, if they are some. */
function commonest(slips: readonly Stimulus[]): keyof typeof WAYS | undefined {
  let found: keyof typeof WAYS | undefined;
  let most = SOME - 1;
  for (const kind of Object.keys(WAYS) as (keyof typeof WAYS)[]) {
    const count = slips.filter((one) => one.kind === kind).length;
    if (count <= most) continue;
    most = count;
    found = kind;
  }
  return found;
}
