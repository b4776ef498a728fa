/** Feedback after a round: praise for what was done, then one tip. Each sentence is true of this
 * round; none compares, promises cleverness or blames. */

import { say, type Played, type Said } from '../engine/game.ts';
import type { Stimulus } from '../types.ts';
import { HARDEST } from './rules_waves.ts';
import { SENTENCES } from './words.ts';

/** Chains from this length on are praised; FIRST_CHAIN is the goal in a tip. */
const LONG_CHAIN = 8;
const FIRST_CHAIN = 5;

/** From this share of right answers on, there is nothing to correct. */
const NEARLY_ALL = 0.88;

export function praise({ effort, stimuli }: Played): Said[] {
  const { orbs = 0, dodged = 0, waited = 0, longestChain = 0 } = effort;
  const said: Said[] = [];
  if (longestChain >= LONG_CHAIN) said.push(say(SENTENCES.result_chain, longestChain));
  else if (orbs > 0) said.push(say(SENTENCES.result_orbs, orbs));
  else if (dodged > 0) said.push(say(SENTENCES.result_dodged, dodged));
  else said.push(say(SENTENCES.result_end));
  // A child who took most of the decoys did not wait.
  if (waited > missed(stimuli, 'decoy')) said.push(say(SENTENCES.result_waited, waited));
  return said;
}

export function tip({ accuracy, difficulty, nextDifficulty, effort, stimuli }: Played): Said {
  if (nextDifficulty > difficulty) return say(SENTENCES.tip_harder);
  if (nextDifficulty < difficulty) return say(SENTENCES.tip_easier);
  if (accuracy >= NEARLY_ALL && difficulty === HARDEST) return say(SENTENCES.tip_top);
  const of = { decoy: missed(stimuli, 'decoy'), obstacle: missed(stimuli, 'obstacle'), orb: missed(stimuli, 'orb') };
  if (of.decoy > 0 && of.decoy >= of.obstacle && of.decoy >= of.orb) return say(SENTENCES.tip_decoys);
  if (of.obstacle > 0 && of.obstacle >= of.orb) return say(SENTENCES.tip_dodge);
  if ((effort.longestChain ?? 0) < FIRST_CHAIN) return say(SENTENCES.tip_chain, FIRST_CHAIN);
  return say(SENTENCES.tip_orbs);
}

function missed(stimuli: readonly Stimulus[], kind: string): number {
  return stimuli.filter((one) => one.kind === kind && !one.right).length;
}
