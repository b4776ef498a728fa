/** Turns a played state into a FinishedRound, and records and resumes rounds. */

import { LANGUAGES, write, type Language } from '../../i18n/text.ts';
import type { FinishedRound, SavedRound } from '../types.ts';
import { say, type Game, type Played, type Said } from './game.ts';
import { replay, resultOf, STEPS_A_SECOND, STOP, type RoundState, type Rules } from './rules_round.ts';
import { SENTENCES } from './words.ts';

export const inMs = (steps: number) => Math.round((steps * 1000) / STEPS_A_SECOND);

export function finishedRound<S extends RoundState>(game: Game<S>, state: S, trace: readonly number[]): FinishedRound {
  const { rules } = game;
  const { score, duration, accuracy, completed } = resultOf(state);
  const next = rules.next(state);
  const stimuli = game.stimuli(state);
  const played: Played = {
    score,
    durationS: duration,
    accuracy,
    completed,
    difficulty: state.level,
    nextDifficulty: next,
    stepReason: reasonOf(state.level, next, accuracy),
    seed: state.seed,
    trace: completed ? [...trace] : leftAfter(state.step, trace),
    reactionTimesMs: stimuli.flatMap(({ reactionMs }) => (reactionMs === null ? [] : [reactionMs])),
    stimuli,
    effort: game.effort(state),
    gameVersion: rules.version,
  };
  return { ...played, feedback: feedbackOf(feedbackOn(game, played)) };
}

function reasonOf(level: number, next: number, accuracy: number): string {
  const way = next > level ? 'up' : next < level ? 'down' : 'stay';
  return `${way}: ${Math.floor(accuracy * 100)} % right`;
}

/** Praise for what was done, then one tip. */
export function feedbackOn<S extends RoundState>(game: Pick<Game<S>, 'praise' | 'tip'>, round: Played): Said[] {
  if (!round.completed) return [say(SENTENCES.left)];
  if (round.trace.length === 0) return [say(SENTENCES.watched)];
  return [...game.praise(round), game.tip(round)];
}

/** The feedback in every language: the language may change while the result shows. */
function feedbackOf(said: readonly Said[]): Record<Language, string> {
  const written = ({ id }: { id: Language }) =>
    said.map(({ sentence, n }) => write(id, sentence[id], n === undefined ? {} : { n })).join(' ');
  return Object.fromEntries(LANGUAGES.map((one) => [one.id, written(one)])) as Record<Language, string>;
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
export function playOn<S extends RoundState>(rules: Rules<S>, { version, seed, difficulty, steps, trace }: SavedRound): S {
  const state = replay(rules, seed, difficulty, leftAfter(steps, trace));
  const isWhole = trace.length % 2 === 0 && lastStepOf(trace) <= steps;
  if (version !== rules.version || state.done || state.step !== steps || !isWhole) {
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
