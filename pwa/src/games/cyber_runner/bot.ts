/** Plays the game, in its preview and tutorial. */

import { DECOY, JUMP, LEFT, ORB, RIGHT } from './rules_run.ts';
import { type State } from './rules.ts';

/** Collects orbs, avoids decoys and obstacles, without hurry. */
export function bot(state: State): number {
  const i = state.next;
  const { course } = state;
  const left = (course.arrival[i] ?? Infinity) - state.step;
  if (left > 50 || i >= course.count) return 0;
  const mask = course.mask[i] ?? 0;
  const kind = course.kind[i];
  if (kind === ORB) return towards(state, course.lane[i] ?? 1);
  if (((mask >> state.target) & 1) === 0) return 0;
  const jump = left <= 16 && state.jump < 0 ? JUMP : 0;
  if (mask === 7) return jump;
  for (let lane = 0; lane < 3; lane += 1) {
    if (((mask >> lane) & 1) === 0 && Math.abs(lane - state.target) === 1) return towards(state, lane);
  }
  return kind === DECOY ? 0 : jump;
}

/** The turn that leads to a lane, once Neo has arrived in one. */
export function towards(state: State, lane: number): number {
  if (state.x !== state.target * 256 || lane === state.target) return 0;
  return lane < state.target ? LEFT : RIGHT;
}
