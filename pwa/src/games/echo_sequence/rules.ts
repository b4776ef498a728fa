/** The rules, version 1: drums play a phrase, and the child plays it back, at times from its end. The
 * child may take as long as the round lasts. */

import { mostStepsOf } from '../engine/rules_measure.ts';
import { nextRandom, pick, seeded } from '../engine/rules_random.ts';
import { mix, newRound, STEPS_A_SECOND, type RoundState, type Rules } from '../engine/rules_round.ts';
import { answer, levelOf, newStair, restingLevel, type Stair, type StairRule } from '../engine/rules_staircase.ts';
import {
  BACK_EVERY,
  HAND_OVER_STEPS,
  levelAt,
  LEVELS,
  MOST_DRUMS,
  READY_BACK_STEPS,
  READY_STEPS,
  RIGHT_STEPS,
  TREMBLE_STEPS,
  WRONG_STEPS,
} from './rules_levels.ts';

const ROUND_SECONDS = 120;
export const ROUND_STEPS = ROUND_SECONDS * STEPS_A_SECOND;

/** The inputs, one bit for each drum: two in the same step are no answer. */
export const DRUMS = [16, 32, 64, 128, 256, 512] as const;

/** 80 % right. A round has few phrases, so the steps are larger than elsewhere. */
const STAIR: StairRule = { up: 4, down: 14, levels: LEVELS };

const BEAT_POINTS = 4;
const MOST_CHAIN_POINTS = 4;
/** What a slip at the right moment can be worth: the next phrases are shorter and end sooner. */
export const SLIP_POINTS = 4;

/** Phases. */
export const READY = 0;
export const SHOWING = 1;
export const HAND_OVER = 2;
/** The child's turn. */
export const ECHOING = 3;
export const RIGHT = 4;
export const WRONG = 5;

/** A phrase that was played back, whole or up to a wrong tap. */
export interface Answered {
  phrase: number[];
  isBack: boolean;
  drums: number;
  /** Steps: its first beat, its last beat, and when the child's turn began. */
  shownAt: number;
  lastBeatAt: number;
  turnAt: number;
  right: boolean;
  /** The child tapped no drum before it was time. */
  waited: boolean;
  taps: number[];
  /** Steps from the child's turn to each tap. */
  tapSteps: number[];
}

export interface State extends RoundState {
  random: number;
  stair: Stair;
  phase: number;
  /** The step at which the phase ends; 0 while it is the child's turn. */
  until: number;
  /** When the phase began. */
  since: number;

  /** Phrases begun; the level of this one. */
  phrases: number;
  phraseLevel: number;
  /** Drums on the board: more may come, none leaves in a round. */
  drums: number;
  phrase: number[];
  isBack: boolean;
  beat: number;
  /** The beat that sounds, -1 before the first. */
  at: number;
  shownAt: number;
  lastBeatAt: number;
  /** The child tapped before it was time. */
  isEarly: boolean;

  /** The child's taps for this phrase: all were right but perhaps the last one. */
  taps: number[];
  tapSteps: number[];
  tappedAt: number;

  chain: number;
  longestChain: number;
  answered: Answered[];
}

function init(seed: number, level: number): State {
  const round = newRound(seed, level, LEVELS);
  const state: State = {
    ...round,
    random: seeded(seed),
    stair: newStair(round.level),
    phase: READY,
    until: 0,
    since: 0,
    phrases: 0,
    phraseLevel: round.level,
    drums: 0,
    phrase: [],
    isBack: false,
    beat: 0,
    at: -1,
    shownAt: 0,
    lastBeatAt: 0,
    isEarly: false,
    taps: [],
    tapSteps: [],
    tappedAt: 0,
    chain: 0,
    longestChain: 0,
    answered: [],
  };
  begin(state);
  return state;
}

function step(state: State, input: number): void {
  if (state.done) return;
  state.step += 1;
  if (state.phase === SHOWING) showBeat(state);
  if (state.until !== 0 && state.step >= state.until) endPhase(state);
  const drum = DRUMS.indexOf(input as (typeof DRUMS)[number]);
  if (drum >= 0 && drum < state.drums) tap(state, drum);
  if (state.step >= ROUND_STEPS) state.done = true;
}

function enter(state: State, phase: number, lasts: number): void {
  state.phase = phase;
  state.since = state.step;
  state.until = lasts === 0 ? 0 : state.step + lasts;
}

/** A new phrase, of the level that the staircase has now. */
function begin(state: State): void {
  const { span, drums, beat, backSpan } = levelAt(levelOf(state.stair));
  state.phraseLevel = levelOf(state.stair);
  state.isBack = isBackDue(state.phrases, backSpan);
  state.phrases += 1;
  state.drums = Math.max(state.drums, drums);
  state.beat = beat;
  state.phrase = makePhrase(state, state.isBack ? backSpan : span);
  state.at = -1;
  state.isEarly = false;
  state.taps = [];
  state.tapSteps = [];
  enter(state, READY, readySteps(state.isBack));
}

const isBackDue = (phrases: number, backSpan: number) => backSpan > 0 && phrases % BACK_EVERY === BACK_EVERY - 1;
const readySteps = (isBack: boolean) => (isBack ? READY_BACK_STEPS : READY_STEPS);

/** No drum comes again within three beats: a phrase goes around the board. */
function makePhrase(state: State, span: number): number[] {
  const phrase: number[] = [];
  while (phrase.length < span) {
    state.random = nextRandom(state.random);
    const drum = pick(state.random, state.drums);
    if (drum !== phrase[phrase.length - 1] && drum !== phrase[phrase.length - 2]) phrase.push(drum);
  }
  return phrase;
}

function endPhase(state: State): void {
  const { phase, phrase, beat } = state;
  if (phase === READY) {
    enter(state, SHOWING, Math.imul(phrase.length, beat));
    state.shownAt = state.step;
    sound(state);
  } else if (phase === SHOWING) enter(state, HAND_OVER, HAND_OVER_STEPS);
  else if (phase === HAND_OVER) enter(state, ECHOING, 0);
  else begin(state);
}

function showBeat(state: State): void {
  if (state.step >= state.lastBeatAt + state.beat && state.at + 1 < state.phrase.length) sound(state);
}

function sound(state: State): void {
  state.at += 1;
  state.lastBeatAt = state.step;
}

/** The drum that the child is to tap next. */
export function wanted({ phrase, isBack, taps }: State): number {
  return phrase[isBack ? phrase.length - 1 - taps.length : taps.length] ?? -1;
}

/** After a wrong tap: the drum that it should have been. */
export function missed({ phrase, isBack, taps }: State): number {
  return phrase[isBack ? phrase.length - taps.length : taps.length - 1] ?? -1;
}

function tap(state: State, drum: number): void {
  const { phase, taps, step: now } = state;
  if (phase === SHOWING || phase === HAND_OVER) state.isEarly = true;
  if (phase !== ECHOING) return;
  if (drum === taps[taps.length - 1] && now - state.tappedAt < TREMBLE_STEPS) return;
  const isRight = drum === wanted(state);
  taps.push(drum);
  state.tapSteps.push(now - state.since);
  state.tappedAt = now;
  mix(state, now);
  mix(state, drum);
  if (!isRight) settle(state, false);
  else if (taps.length === state.phrase.length) settle(state, true);
}

function settle(state: State, right: boolean): void {
  const { phrase, isBack, drums, shownAt, lastBeatAt, since, isEarly, taps, tapSteps } = state;
  state.total += 1;
  if (right) {
    state.right += 1;
    state.chain += 1;
    state.longestChain = Math.max(state.longestChain, state.chain);
    state.score += pointsFor(state.phraseLevel, phrase.length + (isBack ? 1 : 0), state.chain);
  } else state.chain = 0;
  state.answered.push({ phrase, isBack, drums, shownAt, lastBeatAt, turnAt: since, right, waited: !isEarly, taps, tapSteps });
  answer(state.stair, right, STAIR);
  mix(state, state.score);
  enter(state, right ? RIGHT : WRONG, right ? RIGHT_STEPS : WRONG_STEPS);
}

/** A phrase that is played from its end counts one beat more. */
function pointsFor(level: number, beats: number, chain: number): number {
  return Math.imul(BEAT_POINTS, beats) + (level >> 1) + Math.min(MOST_CHAIN_POINTS, chain);
}

/** Every phrase is right, tapped as fast as steps allow; and SLIP_POINTS. */
function bound(level: number, seconds: number): number {
  const most = Math.min(ROUND_STEPS, mostStepsOf(seconds));
  const stair = newStair(newRound(0, level, LEVELS).level);
  let points = 0;
  let at = 0;
  for (let phrases = 0; ; phrases += 1) {
    const now = levelOf(stair);
    const { span, beat, backSpan } = levelAt(now);
    const isBack = isBackDue(phrases, backSpan);
    const beats = isBack ? backSpan : span;
    at += readySteps(isBack) + Math.imul(beats, beat) + HAND_OVER_STEPS + beats - 1;
    if (at > most) return points === 0 ? 0 : points + SLIP_POINTS;
    points += pointsFor(now, beats + (isBack ? 1 : 0), phrases + 1);
    answer(stair, true, STAIR);
    at += RIGHT_STEPS;
  }
}

export const rules: Rules<State> = {
  version: '1',
  levels: LEVELS,
  inputs: DRUMS.reduce((all, one) => all | one, 0),
  roundSeconds: ROUND_SECONDS,
  init,
  step,
  next: ({ stair }) => restingLevel(stair),
  bound,
};

/** Steps after the child's turn began, or after its last tap. */
export function thought({ phase, taps, tappedAt, since, step: now }: State): number {
  return phase === ECHOING ? now - (taps.length > 0 ? tappedAt : since) : -1;
}

export const tapOf = (drum: number) => DRUMS[Math.max(0, Math.min(MOST_DRUMS - 1, drum))] ?? 0;
