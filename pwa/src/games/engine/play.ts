/** Plays rounds without a page: for tests, benchmarks and recorded rounds. */

import { TraceRecorder } from './round.ts';
import type { RoundState, Rules } from './rules_round.ts';

/** What a player presses before the next step, 0 for nothing. */
export type Hand<S> = (state: S) => number;

/** A round of `steps` at most, as the live loop plays it: the state and the trace. */
export function playRound<S extends RoundState>(
  rules: Rules<S>,
  { seed, level, hand, steps = Infinity }: { seed: number; level: number; hand: Hand<S>; steps?: number },
): { state: S; trace: number[] } {
  const state = rules.init(seed, level);
  const recorder = new TraceRecorder();
  while (!state.done && state.step < steps) {
    const input = hand(state) & rules.inputs;
    recorder.note(state.step + 1, input);
    rules.step(state, input);
  }
  return { state, trace: recorder.trace };
}

/** The same input every so many steps, whatever is shown. */
export function masher<S extends RoundState>(every: number, inputs: readonly number[]): Hand<S> {
  return ({ step }) => (step % every === 0 ? (inputs[(step / every) % inputs.length] ?? 0) : 0);
}

export const idle = () => 0;
