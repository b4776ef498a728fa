/** Praise and a tip after a round. Each sentence is true of the round; none compares, promises
 * cleverness or blames. */

import { say, type Played, type Said } from '../engine/game.ts';
import { SENTENCES } from './words.ts';

/** Chains from this length on are praised. */
const LONG_CHAIN = 8;

export function praise({ effort, stimuli }: Played): Said[] {
  const { waited = 0, found = 0, longestChain = 0 } = effort;
  const said: Said[] = [];
  if (found > 0) said.push(say(SENTENCES.found, found));
  if (longestChain >= LONG_CHAIN) said.push(say(SENTENCES.chain, longestChain));
  // A child who pressed at most stones that differed did not wait.
  else if (waited > wrong(stimuli, false)) said.push(say(SENTENCES.waited, waited));
  return said.length > 0 ? said : [say(SENTENCES.stayed)];
}

export function tip({ difficulty, nextDifficulty, stimuli }: Played): Said {
  if (nextDifficulty > difficulty) return say(SENTENCES.tip_harder);
  if (nextDifficulty < difficulty) return say(SENTENCES.tip_easier);
  const pressed = wrong(stimuli, false);
  const missed = wrong(stimuli, true);
  if (pressed + missed === 0) return say(SENTENCES.tip_calm);
  return say(pressed > missed ? SENTENCES.tip_wait : SENTENCES.tip_name);
}

/** Wrong answers to stones that were the same, or to those that differed. */
function wrong(stimuli: Played['stimuli'], same: boolean): number {
  return stimuli.filter(({ kind, right }) => (kind === 'same') === same && !right).length;
}
