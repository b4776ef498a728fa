/** A board: which picture lies where, and what the child has seen of it. */

import type { RoundState } from '../engine/rules_round.ts';
import type { Stair } from '../engine/rules_staircase.ts';
import { nextRandom, pick } from '../engine/rules_random.ts';
import { FAMILIES, FORMS, levelAt, MOST_CARDS } from './rules_levels.ts';

/** How well a card is known: from the first look at all cards, or because it was turned. */
export const UNSEEN = 0;
export const GLIMPSED = 1;
export const TURNED = 2;

/** What a turn asked for, and how it was answered. */
export const TAKE_PAIR = 0;
export const TURN_NEW = 1;

export interface State extends RoundState {
  stair: Stair;
  random: number;
  phase: number;
  /** The step at which the phase ends, where time ends it. */
  until: number;
  /** The step from which a card may turn. */
  free: number;
  /** A place that was pressed before that, or -1. */
  waiting: number;
  /** The step from which this turn could begin. */
  ready: number;

  /** Boards dealt so far, and the level of this one. */
  boards: number;
  boardLevel: number;
  cards: number;
  /** Pairs that are not found yet. */
  left: number;
  turns: number;
  /** Wrong turns on this board, and those of them that still lower the points of a pair. */
  slips: number;
  needless: number;
  /** By place: the picture (family * FORMS + form), how well it is known, 1 if found. */
  picture: Int8Array;
  seen: Int8Array;
  found: Int8Array;
  /** Open cards, -1 for none. */
  first: number;
  second: number;
  /** When the first card was turned: whether a pair was known, and whether this card was. */
  pairKnown: boolean;
  firstKnown: boolean;
  /** The places that swapped last. */
  swapA: number;
  swapB: number;

  chain: number;
  longestChain: number;
  pairs: number;
  /** Pairs whose second card the child had to remember. */
  remembered: number;
  /** Boards that were cleared, and those of them without a wrong turn. */
  cleared: number;
  clean: number;
  /** By turn (of `total`): not part of the outcome or the hash. */
  asked: TurnLog;
}

export interface TurnLog {
  /** The step from which it could begin, and from there to its second card. */
  from: Int16Array;
  took: Int16Array;
  kind: Int8Array;
  right: Int8Array;
  first: Int8Array;
  second: Int8Array;
}

export function emptyLog(turns: number): TurnLog {
  return {
    from: new Int16Array(turns),
    took: new Int16Array(turns),
    kind: new Int8Array(turns),
    right: new Int8Array(turns),
    first: new Int8Array(turns),
    second: new Int8Array(turns),
  };
}

function random(state: State, below: number): number {
  state.random = nextRandom(state.random);
  return pick(state.random, below);
}

function shuffle(state: State, list: Int8Array, length: number): void {
  for (let last = length - 1; last > 0; last -= 1) {
    const other = random(state, last + 1);
    const kept = list[last] ?? 0;
    list[last] = list[other] ?? 0;
    list[other] = kept;
  }
}

const families = Int8Array.from({ length: FAMILIES }, (_, family) => family);
const forms = Int8Array.from({ length: FORMS }, (_, form) => form);
const chosenFamilies = new Int8Array(FAMILIES);
const chosenForms = new Int8Array(FORMS);

/** Put a new board into `state`. */
export function deal(state: State, level: number): void {
  const { pairs, alike } = levelAt(level);
  state.boards += 1;
  state.boardLevel = level;
  state.cards = pairs + pairs;
  state.left = pairs;
  state.turns = 0;
  state.slips = 0;
  state.needless = 0;
  state.seen.fill(UNSEEN);
  state.found.fill(0);
  state.first = -1;
  state.second = -1;
  state.waiting = -1;
  // The same order of families whatever was dealt before.
  chosenFamilies.set(families);
  shuffle(state, chosenFamilies, FAMILIES);
  let family = -1;
  let form = alike;
  for (let pair = 0; pair < pairs; pair += 1) {
    if (form === alike) {
      form = 0;
      family += 1;
      chosenForms.set(forms);
      if (alike > 1) shuffle(state, chosenForms, FORMS);
    }
    const picture = Math.imul(chosenFamilies[family] ?? 0, FORMS) + (chosenForms[form] ?? 0);
    state.picture[pair + pair] = picture;
    state.picture[pair + pair + 1] = picture;
    form += 1;
  }
  shuffle(state, state.picture, state.cards);
}

/** Whether both cards of a pair were turned and not taken. */
export function isPairKnown(state: State): boolean {
  for (let place = 0; place < state.cards; place += 1) {
    if (state.found[place] === 0 && state.seen[place] === TURNED && mateOf(state, place, TURNED) >= 0) return true;
  }
  return false;
}

/** Where the other card of a pair lies, if it is known at least so well; else -1. */
export function mateOf(state: State, place: number, known: number): number {
  for (let other = 0; other < state.cards; other += 1) {
    const isMate = other !== place && state.picture[other] === state.picture[place] && state.found[other] === 0;
    if (isMate && (state.seen[other] ?? 0) >= known) return other;
  }
  return -1;
}

/** Two cards that are not found swap places, one of them a card that was turned. What is known of a
 * card goes with it: the child sees the swap. */
export function swap(state: State): void {
  const a = downCard(state, TURNED, -1);
  state.swapA = a < 0 ? downCard(state, UNSEEN, -1) : a;
  state.swapB = downCard(state, UNSEEN, state.swapA);
  exchange(state.picture, state.swapA, state.swapB);
  exchange(state.seen, state.swapA, state.swapB);
}

/** A random card that is not found, known at least so well, and not `other`; -1 if there is none. */
function downCard(state: State, known: number, other: number): number {
  const fits = (place: number) => place !== other && state.found[place] === 0 && (state.seen[place] ?? 0) >= known;
  let count = 0;
  for (let place = 0; place < state.cards; place += 1) if (fits(place)) count += 1;
  if (count === 0) return -1;
  let skip = random(state, count);
  for (let place = 0; place < state.cards; place += 1) {
    if (!fits(place)) continue;
    if (skip === 0) return place;
    skip -= 1;
  }
  return -1;
}

function exchange(list: Int8Array, a: number, b: number): void {
  const kept = list[a] ?? 0;
  list[a] = list[b] ?? 0;
  list[b] = kept;
}

export function newCards(): Pick<State, 'picture' | 'seen' | 'found'> {
  return { picture: new Int8Array(MOST_CARDS), seen: new Int8Array(MOST_CARDS), found: new Int8Array(MOST_CARDS) };
}
