/** Players of the game, for tests. */

import type { Player } from '../players.ts';
import { ORB } from './rules_course.ts';
import { init, JUMP, LEFT, RIGHT, step, type State } from './rules.ts';
import { TraceRecorder } from './round.ts';

/** The input of a player who reacts after `reaction` steps and is right, but slips every
 * `slipEvery`. */
export function bot(state: State, reaction: number, slipEvery = 0): number {
  const { course } = state;
  for (let i = state.next; i < course.count; i += 1) {
    const left = (course.arrival[i] ?? 0) - state.step;
    if (left > course.lead - reaction) return 0;
    if (slipEvery && i % slipEvery === slipEvery - 1) continue;
    const mask = course.mask[i] ?? 0;
    const kind = course.kind[i];
    const inIt = (mask >> state.target) & 1;
    if (kind === ORB) return inIt ? 0 : towards(state, course.lane[i] ?? 1);
    if (!inIt) return 0;
    if (mask === 7) return left <= 16 ? JUMP : 0;
    for (const free of [1, 0, 2]) if (((mask >> free) & 1) === 0 && Math.abs(free - state.target) === 1) return towards(state, free);
    return left <= 16 ? JUMP : 0;
  }
  return 0;
}

function towards(state: State, lane: number): number {
  if (Math.abs(state.x - state.target * 256) > 0) return 0;
  return lane < state.target ? LEFT : lane > state.target ? RIGHT : 0;
}

/** A whole round of the bot. */
export function play(seed: number, difficulty: number, reaction: number, slipEvery = 0) {
  const state = init(seed, difficulty);
  const recorder = new TraceRecorder();
  while (!state.done) {
    const input = bot(state, reaction, slipEvery);
    recorder.note(state.step + 1, input);
    step(state, input);
  }
  return { state, trace: recorder.trace };
}

export const players: Record<string, Player> = {
  good: (seed, level) => play(seed, level, 21).trace,
  slow: (seed, level) => play(seed, level, 100).trace,
  slipping: (seed, level) => play(seed, level, 30, 6).trace,
};
