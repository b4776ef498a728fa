/** Simulated children, and one who plays as fast as steps allow, for tests and benchmarks. */

import { nextRandom, pick, seeded } from '../engine/rules_random.ts';
import type { Hand } from '../engine/play.ts';
import { tapOf, thought, wanted, type State } from './rules.ts';

/** Steps before the first tap, and from tap to tap. */
const THINK = 45;
const NEXT = 40;

/** Of a thousand phrases, how many are played back whole at each level. */
export const CURVES: Record<string, (level: number) => number> = {
  weak: (level) => 1_000 - 60 * level,
  middling: (level) => 1_080 - 32 * level,
  strong: (level) => 1_150 - 24 * level,
};

/** Plays back whole phrases with a chance of so many of a thousand; else slips at some tap. */
function byChance(chance: (state: State) => number, seed: number): Hand<State> {
  let random = seeded(seed);
  const next = (below: number) => pick((random = nextRandom(random)), below);
  let phrases = 0;
  let slipAt = -1;
  return (state) => {
    if (state.phrases !== phrases) {
      phrases = state.phrases;
      slipAt = next(1_000) < chance(state) ? -1 : next(state.phrase.length);
    }
    if (thought(state) < (state.taps.length === 0 ? THINK : NEXT)) return 0;
    return tapOf(state.taps.length === slipAt ? wrong(state) : wanted(state));
  };
}

export const byCurve = (curve: (level: number) => number, seed: number) => byChance(({ phraseLevel }) => curve(phraseLevel), seed);

/** Half of the phrases with one beat more than `span` are right, nearly all of two fewer. Playing back
 * from the end is like one beat more. */
export const bySpan = (span: number, seed: number) =>
  byChance(({ phrase, isBack }) => 985 / (1 + Math.exp((phrase.length + (isBack ? 1 : 0) - span - 1) * 1.6)), seed);

/** A drum that is wrong now, and not the one tapped last. */
export function wrong(state: State): number {
  const { taps, drums } = state;
  for (let drum = 0; drum < drums; drum += 1) if (drum !== wanted(state) && drum !== taps[taps.length - 1]) return drum;
  return 0;
}

/** Right in the first step in which it can be: nobody can play like that. */
export const fastest: Hand<State> = (state) => tapOf(wanted(state));
