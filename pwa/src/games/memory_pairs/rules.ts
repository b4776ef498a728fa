/** The rules, version 1: cards lie face down, a turn opens two of them, and a turn is judged against
 * the best possible play with what was seen, so that luck is neither asked for nor punished. */

import { mostStepsOf } from '../engine/rules_measure.ts';
import { seeded } from '../engine/rules_random.ts';
import { mix, newRound, STEPS_A_SECOND, type Rules } from '../engine/rules_round.ts';
import { answer, levelOf, newStair, restingLevel } from '../engine/rules_staircase.ts';
import {
  deal,
  emptyLog,
  GLIMPSED,
  isPairKnown,
  mateOf,
  newCards,
  swap,
  TAKE_PAIR,
  TURN_NEW,
  TURNED,
  type State,
} from './rules_board.ts';
import {
  CLEARED_STEPS,
  DEAL_STEPS,
  levelAt,
  LEVELS,
  OPEN_STEPS,
  PAIR_STEPS,
  SEEN_STEPS,
  SWAP_STEPS,
  TURN_STEPS,
} from './rules_levels.ts';

const ROUND_SECONDS = 120;
export const ROUND_STEPS = ROUND_SECONDS * STEPS_A_SECOND;
/** A turn takes at least as long as the quickest: so many fit into a round. */
const MOST_TURNS = 140;

const PLACE_BITS = 4;
/** The input that turns the card at a place. */
export const turn = (place: number) => (place + 1) << PLACE_BITS;
/** Places 1 to 31; those without a card are ignored. */
const INPUTS = 31 << PLACE_BITS;

/** About 80 % right: a board holds its level, so the fall is a little larger than for single tasks. */
const STAIR = { up: 2, down: 9, levels: LEVELS } as const;

const PAIR_POINTS = 8;
const FEWEST_PAIR_POINTS = 2;
/** What each wrong turn takes from the next pair; a pair makes good half of them. */
const NEEDLESS_POINTS = 4;
const MOST_CHAIN_POINTS = 4;

/** Phases. */
export const DEALING = 0;
export const LOOKING = 1;
/** No card or one card is open, and the child is to turn one. */
export const TURNING = 2;
export const PAIRED = 3;
/** Two cards that differ are open. */
export const DIFFERING = 4;
export const SWAPPING = 5;
export const CLEARED = 6;

function init(seed: number, level: number): State {
  const round = newRound(seed, level, LEVELS);
  const state: State = {
    ...round,
    ...newCards(),
    stair: newStair(round.level),
    random: seeded(seed),
    phase: DEALING,
    until: DEAL_STEPS,
    free: 0,
    waiting: -1,
    ready: 0,
    boards: 0,
    boardLevel: round.level,
    cards: 0,
    left: 0,
    turns: 0,
    needless: 0,
    slips: 0,
    first: -1,
    second: -1,
    pairKnown: false,
    firstKnown: false,
    swapA: -1,
    swapB: -1,
    chain: 0,
    longestChain: 0,
    pairs: 0,
    remembered: 0,
    cleared: 0,
    clean: 0,
    asked: emptyLog(MOST_TURNS),
  };
  deal(state, round.level);
  return state;
}

function step(state: State, input: number): void {
  if (state.done) return;
  state.step += 1;
  if (state.until !== 0 && state.step >= state.until) endPhase(state);
  press(state, ((input & INPUTS) >> PLACE_BITS) - 1);
  if (state.waiting >= 0 && state.step >= state.free) turnWaiting(state);
  if (state.step >= ROUND_STEPS) state.done = true;
}

/** Remember a card that the child wants to turn; it turns as soon as it may. */
function press(state: State, place: number): void {
  if (place < 0 || place >= state.cards || state.found[place] === 1) return;
  const { phase } = state;
  if (phase === DIFFERING || phase === PAIRED || (phase === TURNING && place !== state.first)) state.waiting = place;
}

function turnWaiting(state: State): void {
  const place = state.waiting;
  state.waiting = -1;
  if (state.phase === DIFFERING) {
    const isOpen = place === state.first || place === state.second;
    endPhase(state);
    // A press on an open card closes both.
    if (isOpen) return;
  }
  // Two cards may swap first: the place is not what the child meant any more.
  if (state.phase !== TURNING) return;
  if (state.first < 0) openFirst(state, place);
  else openSecond(state, place);
}

function openFirst(state: State, place: number): void {
  state.pairKnown = isPairKnown(state);
  state.firstKnown = state.seen[place] === TURNED;
  state.seen[place] = TURNED;
  state.first = place;
  state.free = state.step + TURN_STEPS;
}

/** The turn is complete: judge it. */
function openSecond(state: State, place: number): void {
  const { first, asked, total } = state;
  const mateKnown = mateOf(state, first, TURNED) >= 0;
  const isPair = state.picture[place] === state.picture[first];
  const kind = state.pairKnown || mateKnown ? TAKE_PAIR : TURN_NEW;
  const isNew = !state.firstKnown && state.seen[place] !== TURNED;
  const right = isPair || (kind === TURN_NEW && isNew);
  state.seen[place] = TURNED;
  state.second = place;
  state.turns += 1;
  asked.from[total] = state.ready;
  asked.took[total] = state.step - state.ready;
  asked.kind[total] = kind;
  asked.right[total] = right ? 1 : 0;
  asked.first[total] = first;
  asked.second[total] = place;
  state.total += 1;
  if (right) state.right += 1;
  else {
    state.needless += 1;
    state.slips += 1;
  }
  state.chain = right ? state.chain + 1 : 0;
  state.longestChain = Math.max(state.longestChain, state.chain);
  answer(state.stair, right, STAIR);
  if (isPair) takePair(state, first, place, mateKnown);
  else enter(state, DIFFERING, OPEN_STEPS, SEEN_STEPS);
  mix(state, state.step);
  mix(state, (first << 5) | place);
  mix(state, state.score);
  mix(state, right ? 1 : 0);
}

function takePair(state: State, first: number, second: number, wasRemembered: boolean): void {
  state.found[first] = 1;
  state.found[second] = 1;
  state.left -= 1;
  state.pairs += 1;
  if (wasRemembered) state.remembered += 1;
  state.score += pairPoints(state.boardLevel, state.chain, state.needless);
  state.needless >>= 1;
  if (state.left > 0) return enter(state, PAIRED, PAIR_STEPS, PAIR_STEPS);
  state.cleared += 1;
  if (state.slips === 0) state.clean += 1;
  enter(state, CLEARED, CLEARED_STEPS, CLEARED_STEPS);
}

function pairPoints(level: number, chain: number, needless: number): number {
  const points = PAIR_POINTS + level + Math.min(MOST_CHAIN_POINTS, chain >> 1);
  return Math.max(FEWEST_PAIR_POINTS, points - Math.imul(NEEDLESS_POINTS, needless));
}

/** `lasts` is 0 for a phase that time does not end. */
function enter(state: State, phase: number, lasts: number, free: number): void {
  state.phase = phase;
  state.until = lasts === 0 ? 0 : state.step + lasts;
  state.free = state.step + free;
}

function endPhase(state: State): void {
  const { look } = levelAt(state.boardLevel);
  const { phase } = state;
  if (phase === CLEARED) {
    deal(state, levelOf(state.stair));
    enter(state, DEALING, DEAL_STEPS, DEAL_STEPS);
  } else if (phase === DEALING && look > 0) {
    for (let place = 0; place < state.cards; place += 1) state.seen[place] = GLIMPSED;
    enter(state, LOOKING, look, look);
  } else {
    state.first = -1;
    state.second = -1;
    if ((phase === PAIRED || phase === DIFFERING) && isSwapDue(state)) {
      state.waiting = -1;
      swap(state);
      enter(state, SWAPPING, SWAP_STEPS, SWAP_STEPS);
    } else {
      enter(state, TURNING, 0, 0);
      state.ready = state.step;
    }
  }
}

function isSwapDue({ boardLevel, turns, left }: State): boolean {
  const every = levelAt(boardLevel).swap;
  return every > 0 && left > 1 && turns % every === 0;
}

/** By level at the start, the most points by each step; made when first asked for. */
const most: Int32Array[] = [];

function bound(level: number, seconds: number): number {
  const start = Math.max(LEVELS[0], Math.min(LEVELS[1], level | 0));
  const points = (most[start] ??= mostPoints(start));
  return points[Math.min(ROUND_STEPS, mostStepsOf(seconds))] ?? 0;
}

/** The most points by each step of a round, for a player who knows every card and is never slower than
 * the rules. Each board may be of any level up to the highest that so many right answers can reach: a
 * slip may spare a long look or a swap. Right turns that find no pair climb too, and take their time. */
function mostPoints(start: number): Int32Array {
  const best = new Int32Array(ROUND_STEPS + 1);
  /** Where a board can begin: the most points and right answers by then, plus one. */
  const points = new Int32Array(ROUND_STEPS + 1);
  const rights = new Int32Array(ROUND_STEPS + 1);
  points[0] = 1;
  rights[0] = 1;
  for (let dealt = 0; dealt < ROUND_STEPS; dealt += 1) {
    if (rights[dealt] === 0) continue;
    const highest = dealt === 0 ? start : climbed(start, (rights[dealt] ?? 1) - 1);
    for (let boardLevel = dealt === 0 ? start : LEVELS[0]; boardLevel <= highest; boardLevel += 1) {
      for (let others = 0; others <= levelAt(boardLevel).pairs; others += 1) {
        playBoard(boardLevel, others, dealt, best, points, rights);
      }
    }
  }
  for (let step = 1; step <= ROUND_STEPS; step += 1) best[step] = Math.max(best[step] ?? 0, best[step - 1] ?? 0);
  return best;
}

/** A board on which `others` right turns find no pair before all pairs are found. */
function playBoard(boardLevel: number, others: number, dealt: number, best: Int32Array, points: Int32Array, rights: Int32Array): void {
  const { pairs, look, swap: every } = levelAt(boardLevel);
  let at = dealt + DEAL_STEPS + look + Math.imul(others, TURN_STEPS + SEEN_STEPS) + TURN_STEPS;
  let right = (rights[dealt] ?? 1) - 1 + others;
  let sum = (points[dealt] ?? 1) - 1;
  for (let turns = 1; at <= ROUND_STEPS; turns += 1) {
    right += 1;
    sum += pairPoints(boardLevel, right, 0);
    best[at] = Math.max(best[at] ?? 0, sum);
    if (turns === pairs) break;
    const swaps = every > 0 && pairs - turns > 1 && turns % every === 0;
    at += PAIR_STEPS + TURN_STEPS + (swaps ? SWAP_STEPS : 0);
  }
  const next = at + CLEARED_STEPS;
  if (next > ROUND_STEPS) return;
  points[next] = Math.max(points[next] ?? 0, sum + 1);
  rights[next] = Math.max(rights[next] ?? 0, right + 1);
}

/** The level after so many right answers and no wrong one. */
function climbed(start: number, right: number): number {
  const stair = newStair(start);
  for (let n = 0; n < right; n += 1) answer(stair, true, STAIR);
  return levelOf(stair);
}

export const rules: Rules<State> = {
  version: '1',
  levels: LEVELS,
  inputs: INPUTS,
  roundSeconds: ROUND_SECONDS,
  init,
  step,
  next: ({ stair }) => restingLevel(stair),
  bound,
};
