/** Feedback after a round: praise for what was done, then one tip. Each sentence is true of this
 * round; none compares, promises cleverness or blames. */

import { LANGUAGES, write, type Language } from '../../i18n/text.ts';
import type { FinishedRound, Stimulus } from '../types.ts';
import { SENTENCES, type SentenceId } from './words.ts';

export interface Sentence {
  key: SentenceId;
  n?: number;
}

export type Played = Omit<FinishedRound, 'feedback'>;

/** Chains from this length on are praised; FIRST_CHAIN is the goal in a tip. */
const LONG_CHAIN = 8;
const FIRST_CHAIN = 5;

/** From this share of right answers on, there is nothing to correct. */
const NEARLY_ALL = 0.88;

/** The feedback in every language: the language may change while the result shows. */
export function feedbackOf(round: Played): Record<Language, string> {
  const sentences = feedbackOn(round);
  const written = ({ id }: { id: Language }) =>
    sentences.map(({ key, n }) => write(id, SENTENCES[key][id], n === undefined ? {} : { n })).join(' ');
  return Object.fromEntries(LANGUAGES.map((one) => [one.id, written(one)])) as Record<Language, string>;
}

export function feedbackOn(round: Played): Sentence[] {
  if (!round.completed) return [{ key: 'result_left' }];
  if (round.trace.length === 0) return [{ key: 'result_watched' }, { key: 'tip_touch' }];
  return [...praise(round), tip(round)];
}

function praise({ effort, stimuli }: Played): Sentence[] {
  const { orbs, dodged, decoysLeft, longestChain } = effort;
  const said: Sentence[] = [];
  if (longestChain >= LONG_CHAIN) said.push({ key: 'result_chain', n: longestChain });
  else if (orbs > 0) said.push({ key: 'result_orbs', n: orbs });
  else if (dodged > 0) said.push({ key: 'result_dodged', n: dodged });
  else said.push({ key: 'result_end' });
  // A child who took most of the decoys did not wait.
  if (decoysLeft > missed(stimuli, 'decoy')) said.push({ key: 'result_waited', n: decoysLeft });
  return said;
}

function tip({ accuracy, difficulty, nextDifficulty, effort, stimuli }: Played): Sentence {
  if (nextDifficulty > difficulty) return { key: 'tip_harder' };
  if (nextDifficulty < difficulty) return { key: 'tip_easier' };
  if (accuracy >= NEARLY_ALL) return { key: 'tip_top' };
  const of = { decoy: missed(stimuli, 'decoy'), obstacle: missed(stimuli, 'obstacle'), orb: missed(stimuli, 'orb') };
  if (of.decoy > 0 && of.decoy >= of.obstacle && of.decoy >= of.orb) return { key: 'tip_decoys' };
  if (of.obstacle > 0 && of.obstacle >= of.orb) return { key: 'tip_dodge' };
  if (effort.longestChain < FIRST_CHAIN) return { key: 'tip_chain', n: FIRST_CHAIN };
  return { key: 'tip_orbs' };
}

function missed(stimuli: readonly Stimulus[], kind: Stimulus['kind']): number {
  return stimuli.filter((one) => one.kind === kind && !one.right).length;
}
