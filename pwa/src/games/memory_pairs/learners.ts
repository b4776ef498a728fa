/** Simulated children, and one who knows everything, for tests and benchmarks. */

import { nextRandom, pick, seeded } from '../engine/rules_random.ts';
import type { Hand } from '../engine/play.ts';
import { best, isThinking } from './bot.ts';
import { isPairKnown, mateOf, TURNED, UNSEEN, type State } from './rules_board.ts';
import { LOOKING, turn, TURNING } from './rules.ts';

/** Steps before the first and the second card of a turn. */
const THINK = 60;
const THINK_AGAIN = 45;

/** Of a thousand turns, how many are sensible at each level. */
export const CURVES: Record<string, (level: number) => number> = {
  weak: (level) => 950 - 60 * level,
  middling: (level) => 1_050 - 30 * level,
  strong: (level) => 1_100 - 20 * level,
};

/** Sensible in so many turns of a thousand; the others ignore what was seen. */
export function byCurve(curve: (level: number) => number, seed: number): Hand<State> {
  let random = seeded(seed);
  let turns = -1;
  let isSensible = true;
  return (state) => {
    if (isThinking(state, THINK, THINK_AGAIN)) return 0;
    if (state.total !== turns) {
      turns = state.total;
      random = nextRandom(random);
      isSensible = pick(random, 1_000) < curve(state.boardLevel);
    }
    return turn(isSensible ? best(state) : careless(state));
  };
}

/** A turn that ignores what was seen, where there is such a turn; else a sensible one. */
export function careless(state: State): number {
  const { first, picture, seen } = state;
  if (first >= 0) {
    const others = places(state).filter((place) => picture[place] !== picture[first]);
    return others.find((place) => seen[place] === TURNED) ?? others[0] ?? best(state);
  }
  const ignores = isPairKnown(state)
    ? (place: number) => mateOf(state, place, TURNED) < 0
    : (place: number) => seen[place] === TURNED;
  return places(state).find(ignores) ?? best(state);
}

function places(state: State): number[] {
  return Array.from({ length: state.cards }, (_, place) => place).filter((place) => state.found[place] === 0);
}

/** Remembers a card while `span` more are seen, now longer, now shorter. */
export function bySpan(span: number, seed: number): Hand<State> {
  let random = seeded(seed);
  const next = (below: number) => pick((random = nextRandom(random)), below);
  /** What is remembered: the picture by place, and how many cards more may be seen. */
  const memory = new Map<number, { picture: number; left: number }>();
  let board = 0;
  let seenAt = -1;
  let glimpsed = -1;
  const see = (state: State, place: number) => {
    for (const [other, one] of memory) if ((one.left -= 1) <= 0) memory.delete(other);
    memory.set(place, { picture: state.picture[place] ?? 0, left: 1 + next(span * 4) });
  };
  const look = (state: State) => {
    if (state.boards !== board) memory.clear();
    board = state.boards;
    if (state.phase === LOOKING && glimpsed !== board) {
      glimpsed = board;
      for (let n = 0; n < span; n += 1) see(state, next(state.cards));
    }
    // Two cards a turn: the one that opened last was not seen yet.
    const opened = state.total * 2 + (state.first >= 0 && state.second < 0 ? 1 : 0);
    if (opened === seenAt) return;
    seenAt = opened;
    const last = state.second >= 0 ? state.second : state.first;
    if (last >= 0) see(state, last);
  };
  return (state) => {
    look(state);
    if (isThinking(state, THINK, THINK_AGAIN)) return 0;
    const { first, picture } = state;
    const open = places(state).filter((place) => place !== first);
    const known = open.filter((place) => memory.has(place));
    const of = (place: number) => memory.get(place)?.picture;
    const wanted =
      first >= 0
        ? known.find((place) => of(place) === picture[first])
        : known.find((one) => known.some((other) => other !== one && of(other) === of(one)));
    if (wanted !== undefined) return turn(wanted);
    const unknown = open.filter((place) => !memory.has(place));
    const choice = unknown.length > 0 ? unknown : open;
    return turn(choice[next(choice.length)] ?? 0);
  };
}

/** Knows where everything lies and loses no time: nobody can play like that. */
export function allKnowing(state: State): number {
  const { phase, first, step, until, free, found } = state;
  if (step + 1 < Math.max(until, free)) return 0;
  return turn(phase === TURNING && first >= 0 ? mateOf(state, first, UNSEEN) : found.indexOf(0));
}
