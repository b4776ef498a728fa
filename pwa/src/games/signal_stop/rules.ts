/** The rules, version 1: tap for each round lantern, leave the hexagons alone.
 *
 * A press counts from EARLIEST on: nobody sees a lantern and taps within a tenth of a second. An
 * earlier press, or one while nothing shines, is no answer and costs nothing: children often tap early,
 * and the lantern is still theirs to carry. */

import { mostStepsOf } from '../engine/rules_measure.ts';
import {
  EARLIEST,
  LAST_THREE,
  lengthenChain,
  newPressRound,
  PRESS,
  settleThing,
  showThing,
  withBit,
  type PressRound,
} from '../engine/rules_press.ts';
import { mix, type Rules } from '../engine/rules_round.ts';
import { answer, levelOf, newStair, restingLevel, type StairRule } from '../engine/rules_staircase.ts';
import {
  drawInterval,
  drawKind,
  GO,
  MOST_LANTERNS,
  newCourse,
  ROUND_STEPS,
  startOf,
  startWave,
  STOP_SIGN,
  WAVE_STEPS,
  WAVES,
  windowOf,
  type Course,
} from './rules_course.ts';

export const LEVELS = [1, 20] as const;

/** About 80 % of the hexagons are left alone. A round has few of them, so the steps are larger than elsewhere. */
const HEXAGONS: StairRule = { up: 4, down: 14, levels: LEVELS };
/** A go lantern that is missed while another of the last three was missed too: the pace is too fast, or
 * nobody plays. A single miss is forgiven. */
const MISSED: StairRule = { up: 3, down: 6, levels: LEVELS };

const GO_POINTS = 3;
const MOST_CHAIN_POINTS = 2;
const WAIT_POINTS = 5;

export interface State extends PressRound {
  course: Course;
  wave: number;
  /** Of the last lantern: its kind and level. */
  kind: number;
  lit: number;
  /** Bits of the last three go lanterns: 1 where it was carried. */
  goes: number;
  carried: number;
  /** Presses that were no answer. */
  early: number;
}

function init(seed: number, level: number): State {
  const round = newPressRound(seed, level, LEVELS, MOST_LANTERNS, startOf(0));
  return { ...round, course: newCourse(seed, true), wave: 0, kind: GO, lit: round.level, goes: LAST_THREE, carried: 0, early: 0 };
}

function step(state: State, input: number): void {
  if (state.done) return;
  state.step += 1;
  if ((input & PRESS) !== 0) press(state);
  if (state.open && state.step >= state.due) settle(state, -1);
  if (state.step >= state.comes) show(state);
  if (state.step >= ROUND_STEPS) state.done = true;
}

function press(state: State): void {
  const reaction = state.step - state.appeared;
  if (state.open && reaction >= EARLIEST) settle(state, reaction);
  else if (!state.resting) state.early += 1;
}

/** Light the next lantern. */
function show(state: State): void {
  const level = levelOf(state.stair);
  if (state.resting) startWave(state.course);
  state.resting = false;
  state.kind = drawKind(state.course, level);
  state.lit = level;
  state.comes = state.step + drawInterval(state.course, level);
  showThing(state, state.kind, level, windowOf(level));
}

/** Rest if the next lantern has no room in this wave. */
function restIfOver(state: State): void {
  if (hasRoom(state.wave, state.comes, levelOf(state.stair))) return;
  state.resting = true;
  state.wave += 1;
  state.comes = state.wave < WAVES ? startOf(state.wave) : ROUND_STEPS + 1;
}

const hasRoom = (wave: number, at: number, level: number): boolean => at + windowOf(level) <= startOf(wave) + WAVE_STEPS;

/** `reaction` is -1 if the lantern went out without a press. */
function settle(state: State, reaction: number): void {
  const pressed = reaction >= 0;
  const right = pressed === (state.kind === GO);
  state.total += 1;
  if (right) state.right += 1;
  settleThing(state, right, reaction);
  if (state.kind === GO) settleGo(state, pressed);
  else settleStop(state, pressed);
  restIfOver(state);
  mix(state, state.step);
  mix(state, state.score);
  mix(state, Math.imul(state.stair.at, 4) + Math.imul(state.kind, 2) + (right ? 1 : 0));
}

function settleGo(state: State, pressed: boolean): void {
  const before = state.goes;
  state.goes = withBit(before, pressed);
  if (pressed) {
    lengthenChain(state);
    state.carried += 1;
    state.score += goPoints(state.chain);
    return;
  }
  state.chain = 0;
  if (before !== LAST_THREE) answer(state.stair, false, MISSED);
}

function settleStop(state: State, pressed: boolean): void {
  if (pressed) {
    state.chain = 0;
    answer(state.stair, false, HEXAGONS);
    return;
  }
  // Only who has been tapping holds back. A child who never taps earns nothing and does not climb.
  if (state.goes === 0) return;
  lengthenChain(state);
  state.waited += 1;
  state.score += waitPoints(state.chain);
  answer(state.stair, true, HEXAGONS);
}

const goPoints = (chain: number): number => GO_POINTS + Math.min(MOST_CHAIN_POINTS, chain >> 2);
const waitPoints = (chain: number): number => goPoints(chain) + WAIT_POINTS;

/** The most points in `seconds` of play, whatever the seed: the shortest pauses and the earliest hexagons
 * come first, and every answer is right as soon as it can be. Each lantern then comes no later, and at
 * no lower level, than with any seed; a higher level has its first hexagons no later than a lower one. */
function bound(level: number, seconds: number): number {
  const last = mostStepsOf(seconds);
  const stair = newStair(Math.max(LEVELS[0], Math.min(LEVELS[1], level)));
  const course = newCourse(0, false);
  let points = 0;
  let chain = 0;
  for (let wave = 0; wave < WAVES; wave += 1) {
    startWave(course);
    let at = startOf(wave);
    for (;;) {
      const now = levelOf(stair);
      if (!hasRoom(wave, at, now)) break;
      if (at + EARLIEST > last) return points;
      chain += 1;
      if (drawKind(course, now) === STOP_SIGN) {
        points += waitPoints(chain);
        answer(stair, true, HEXAGONS);
      } else points += goPoints(chain);
      at += drawInterval(course, now);
    }
  }
  return points;
}

export const rules: Rules<State> = {
  version: '1',
  levels: LEVELS,
  inputs: PRESS,
  roundSeconds: 90,
  init,
  step,
  next: ({ stair }) => restingLevel(stair),
  bound,
};

/** Plays well and without hurry. */
export function bot(state: State): number {
  if (!state.open || state.kind !== GO) return 0;
  return state.step + 1 - state.appeared >= windowOf(state.lit) >> 1 ? PRESS : 0;
}
