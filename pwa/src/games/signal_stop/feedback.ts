/** Praise and a tip after a round. Each sentence is true of the round; none compares, promises
 * cleverness or blames. */

import { say, type Played, type Said } from '../engine/game.ts';
import { SENTENCES } from './words.ts';

/** Chains from this length on are praised. */
const LONG_CHAIN = 8;

export function praise({ effort, stimuli }: Played): Said[] {
  const { waited = 0, carried = 0, longestChain = 0 } = effort;
  const said: Said[] = [];
  if (longestChain >= LONG_CHAIN) said.push(say(SENTENCES.chain, longestChain));
  else if (carried > 0) said.push(say(SENTENCES.carried, carried));
  else said.push(say(SENTENCES.stayed));
  // A child who tapped for most of the hexagons did not wait.
  if (waited > wrong(stimuli, 'stop')) said.unshift(say(SENTENCES.waited, waited));
  return said;
}

export function tip({ difficulty, nextDifficulty, stimuli }: Played): Said {
  if (nextDifficulty > difficulty) return say(SENTENCES.tip_harder);
  if (nextDifficulty < difficulty) return say(SENTENCES.tip_easier);
  const tapped = wrong(stimuli, 'stop');
  const missed = wrong(stimuli, 'go');
  if (tapped + missed === 0) return say(SENTENCES.tip_calm);
  return say(tapped >= missed ? SENTENCES.tip_wait : SENTENCES.tip_tap);
}

function wrong(stimuli: Played['stimuli'], kind: string): number {
  return stimuli.filter((one) => one.kind === kind && !one.right).length;
}
