/** Turns a played state into a FinishedRound, and records and resumes rounds. */

import type { FinishedRound, SavedRound, Stimulus } from '../types.ts';
import { feedbackOf } from './feedback.ts';
import { DECOY, OBSTACLE, ORB, STEPS_A_SECOND } from './rules_course.ts';
import { accuracyOf, secondsOf } from './rules_measure.ts';
import { init, result, RIGHT_ANSWER, step, STOP, VERSION, type State } from './rules.ts';
import { nextDifficulty } from './staircase.ts';

const KINDS = { [ORB]: 'orb', [OBSTACLE]: 'obstacle', [DECOY]: 'decoy' } as const;

const inMs = (steps: number) => Math.round((steps * 1000) / STEPS_A_SECOND);

export function roundOf(state: State, trace: readonly number[]): FinishedRound {
  const outcome = result(state);
  const { course } = state;
  const stimuli: Stimulus[] = [];
  for (let i = 0; i < outcome.total; i += 1) {
    const reaction = state.reaction[i] ?? -1;
    stimuli.push({
      t: inMs(course.arrival[i] ?? 0),
      lane: course.lane[i] ?? 0,
      kind: KINDS[(course.kind[i] ?? ORB) as 0 | 1 | 2],
      right: state.answer[i] === RIGHT_ANSWER,
      reactionMs: reaction < 0 ? null : inMs(reaction),
    });
  }
  const stair = nextDifficulty(state.difficulty, outcome.right, outcome.total, outcome.completed);
  const played = {
    score: outcome.score,
    durationS: secondsOf(outcome.steps),
    accuracy: accuracyOf(outcome.right, outcome.total),
    completed: outcome.completed,
    difficulty: state.difficulty,
    nextDifficulty: stair.next,
    stepReason: stair.reason,
    seed: state.seed,
    trace: outcome.completed ? [...trace] : leftAfter(outcome.steps, trace),
    reactionTimesMs: stimuli.flatMap(({ reactionMs }) => (reactionMs === null ? [] : [reactionMs])),
    stimuli,
    effort: {
      orbs: outcome.orbs,
      dodged: outcome.dodged,
      decoysLeft: outcome.decoysLeft,
      longestChain: outcome.longestChain,
    },
    gameVersion: VERSION,
  };
  return { ...played, feedback: feedbackOf(played) };
}

/** Mark the end of a round that was left; otherwise a replay would play on to the end. */
function leftAfter(steps: number, trace: readonly number[]): number[] {
  return [...trace, steps + 1 - lastStepOf(trace), STOP];
}

/** The step of the last input. */
function lastStepOf(trace: readonly number[]): number {
  let last = 0;
  for (let at = 0; at < trace.length; at += 2) last += trace[at] ?? 0;
  return last;
}

/** The state of a saved round, replayed from its start. Throws if these rules do not give it. */
export function playOn({ version, seed, difficulty, steps, trace }: SavedRound): State {
  const state = init(seed, difficulty);
  let at = 0;
  let due = trace[0] ?? 0;
  while (state.step < steps && !state.done) {
    const isDue = at + 1 < trace.length && state.step + 1 === due;
    step(state, isDue ? (trace[at + 1] ?? 0) : 0);
    if (!isDue) continue;
    at += 2;
    due += trace[at] ?? 0;
  }
  if (version !== VERSION || state.done || state.step !== steps || at !== trace.length) {
    throw new Error('not a round to go on with');
  }
  return state;
}

/** Records the inputs of a round as pairs of (steps since the last input, input). */
export class TraceRecorder {
  readonly trace: number[];
  #last: number;

  /** Continues `trace`. */
  constructor(trace: readonly number[] = []) {
    this.trace = [...trace];
    this.#last = lastStepOf(trace);
  }

  note(step: number, input: number): void {
    if (input === 0) return;
    this.trace.push(step - this.#last, input);
    this.#last = step;
  }
}
