/** How the level of each game follows simulated children, round by round. */

import table from '../../../../neuroplay/core/game_catalogue.json';
import { handOf as runnerHand, LEARNERS as RUNNERS } from '../cyber_runner/learners.ts';
import { rules as runner } from '../cyber_runner/rules.ts';
import { byCurve as echoing, CURVES as LISTENERS } from '../echo_sequence/learners.ts';
import { rules as echo } from '../echo_sequence/rules.ts';
import { rounds, type Count } from '../engine/learners.ts';
import type { Hand } from '../engine/play.ts';
import type { RoundState, Rules } from '../engine/rules_round.ts';
import { byCurve, CURVES } from '../memory_pairs/learners.ts';
import { rules as pairs } from '../memory_pairs/rules.ts';
import { handOf as trailHand, LEARNERS as WALKERS } from '../n_back_trail/learners.ts';
import { rules as trail } from '../n_back_trail/rules.ts';
import { handOf as reckoningHand, LEARNERS as RECKONERS, luck } from '../number_rush/learners.ts';
import { rules as numbers } from '../number_rush/rules.ts';
import { handOf as tappingHand, hexagons, LEARNERS as TAPPERS } from '../signal_stop/learners.ts';
import { rules as signals } from '../signal_stop/rules.ts';

export const ROUNDS = 6;
const CHILDREN = 100;

export const NAMES = ['weak', 'middling', 'strong'] as const;
export type Name = (typeof NAMES)[number];

/** By round, the mean of all children of a kind. */
export interface Course {
  levels: number[];
  /** The share of right answers in the second half of the round, 0 to 1. */
  late: number[];
  /** The same of whole rounds. */
  shares: number[];
  /** Levels between a round's start and the next round's. */
  moves: number[];
}

export interface Study {
  id: string;
  title: string;
  levels: readonly [number, number];
  /** The share of right answers that the level aims at. */
  target: number;
  courses: Record<Name, Course>;
}

const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;

function study<S extends RoundState, L>(
  id: string,
  rules: Rules<S>,
  target: number,
  learners: Record<string, L>,
  handOf: (learner: L, seed: number) => Hand<S>,
  answers?: Count<S>,
): Study {
  const courseOf = (learner: L): Course => {
    const all = Array.from({ length: CHILDREN }, (_, child) =>
      rounds({ rules }, ROUNDS, Math.imul(child + 1, 101), (seed) => handOf(learner, Math.imul(seed, 37)), answers),
    );
    const byRound = (of: (round: (typeof all)[number][number]) => number) =>
      Array.from({ length: ROUNDS }, (_, n) => mean(all.map((played) => of(played[n]!))));
    return {
      levels: byRound(({ level }) => level),
      late: byRound(({ late }) => late),
      shares: byRound(({ share }) => share),
      moves: byRound(({ level, next }) => Math.abs(next - level)),
    };
  };
  const title = table.games.find((one) => one.id === id)?.names.en ?? id;
  const courses = Object.fromEntries(NAMES.map((name) => [name, courseOf(learners[name]!)])) as Record<Name, Course>;
  return { id, title, levels: rules.levels, target, courses };
}

export function studies(): Study[] {
  return [
    study('cyber_runner', runner, 0.8, RUNNERS, runnerHand),
    study('signal_stop', signals, 0.8, TAPPERS, tappingHand, hexagons),
    study('memory_pairs', pairs, 0.8, CURVES, byCurve),
    study('echo_sequence', echo, 0.8, LISTENERS, echoing),
    study('number_rush', numbers, 0.8, RECKONERS, (player, seed) => reckoningHand(player, luck(seed))),
    study('n_back_trail', trail, 0.8, WALKERS, trailHand),
  ];
}

/** The first round, counted from 1, that starts within a tenth of the scale of where the children end. */
export function settledAt({ levels }: Course, [lowest, highest]: readonly [number, number]): number {
  const end = mean(levels.slice(-2));
  return 1 + levels.findIndex((_, n) => levels.slice(n).every((level) => Math.abs(level - end) <= (highest - lowest) / 10));
}

/** The table of docs/adaptation.md. */
export function tableOf(all: readonly Study[]): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const rows = all.flatMap(({ title, levels, target, courses }) =>
    NAMES.map((name) => {
      const course = courses[name];
      const level = (course.levels[course.levels.length - 1] ?? 0).toFixed(1);
      const move = mean(course.moves.slice(3)).toFixed(1);
      return `| ${title} | ${percent(target)} | ${name} | ${percent(course.shares[2] ?? 0)} | ${settledAt(course, levels)} | ${level} of ${levels.join(' to ')} | ${move} |`;
    }),
  );
  return ['| game | target | child | right in round 3 | settled by round | level of round 6 | movement after |', '|---|---|---|---|---|---|---|', ...rows].join('\n');
}
