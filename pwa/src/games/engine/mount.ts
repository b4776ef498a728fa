/** The loop that every game runs in: tutorial, count-in, steps of 1/60 s, pause, end. */

import './engine.css';

import type { GameModule, GameOptions, RunningGame } from '../types.ts';
import { focusNext } from './board.ts';
import type { Game, Place } from './game.ts';
import { makeHud } from './hud.ts';
import { gamepad, listen } from './input.ts';
import { choiceRow, scan, SCANNED_PACE } from './one_switch.ts';
import { preview } from './preview.ts';
import { finishedRound, playOn, TraceRecorder } from './round.ts';
import { STEPS_A_SECOND, type RoundState } from './rules_round.ts';
import { makeSounds } from './sound.ts';
import { guide, type Guide } from './tutorial.ts';
import { hush, speak } from './voice.ts';

const STEP_MS = 1000 / STEPS_A_SECOND;
/** After a stall, at most this many steps are caught up in a frame; the rest is dropped. */
const MOST_STEPS_A_FRAME = 6;
const COUNT_FROM = 3;
const COUNT_MS = 700;
/** A round that is left earlier says nothing about the child and is discarded. */
const WORTH_KEEPING_S = 10;
/** What a gamepad's own buttons mean on a board; the cross has the numbers 12 to 15. */
const PRESS = 16;
/** Let the fanfare ring out on the result screen. */
const RING_OUT_MS = 1_500;

interface ForTests<S> {
  /** Simulated time runs this much faster. */
  __neuroplaySpeed?: unknown;
  /** Plays in the child's place, at each step. */
  __neuroplayHand?: (state: S, bot: (state: S) => number) => number;
}

type Phase = 'tutorial' | 'counting' | 'running' | 'paused' | 'over';

/** The module of a game, as the app loads it. */
export function gameModule<S extends RoundState>(game: Game<S>): GameModule {
  return {
    version: game.rules.version,
    mount: (host, options) => mount(game, host, options),
    preview: (host, options) => preview(game, host, options),
  };
}

function mount<S extends RoundState>(game: Game<S>, host: HTMLElement, options: GameOptions): RunningGame {
  const { rules, controls } = game;
  const { resume: saved, language, reducedMotion, leftHanded } = options;
  const forTests = globalThis as ForTests<S>;
  const speed = () => (typeof forTests.__neuroplaySpeed === 'number' ? Math.max(1, forTests.__neuroplaySpeed) : 1);
  const sounds = makeSounds(options.sound);
  const recorder = new TraceRecorder(saved?.trace);
  const first = saved ? playOn(rules, saved) : rules.init(options.seed, options.difficulty);
  const lastStep = rules.roundSeconds * STEPS_A_SECOND;
  const learns = options.tutorial && !saved;
  let state = learns ? rules.init(game.tutorial.seed, game.tutorial.level) : first;
  let phase: Phase = 'counting';
  /** Where a pause goes on. */
  let paused: 'tutorial' | 'counting' = 'counting';
  let count = COUNT_FROM;
  let countedMs = COUNT_MS;
  let owedMs = 0;
  let frozenMs = 0;
  let last = 0;
  let frame = 0;
  /** A paused picture is drawn again only when this is set. */
  let stale = true;
  let lesson: Guide | undefined;

  const tapped = (then: () => void) => () => {
    sounds.tap();
    then();
  };
  const hud = makeHud(host, {
    ...{ language, reducedMotion, leftHanded },
    onPause: tapped(pause),
    onContinue: tapped(goOn),
    onLeave: tapped(leave),
  });
  const { field } = hud;
  const input = listen(field, controls, () => (phase === 'paused' ? goOn() : pause()));
  const say = (text: string) => options.voice && speak(text, language);
  const place: Place = { root: field, language, calm: reducedMotion, live: true, sounds, act: input.act, announce: hud.announce, speak: say };
  let view = game.view(place, state);
  const hasOneInput = controls.tap !== undefined && !controls.choices;
  if (controls.choices && options.oneSwitch) field.append(choiceRow(controls.choices, language, input.act));
  const pace = options.oneSwitch && !hasOneInput ? SCANNED_PACE : 1;
  const stopScan = options.oneSwitch ? scan(host, hasOneInput) : undefined;
  const pollBoard = controls.pad ? undefined : boardPad();
  const away = new AbortController();
  const { signal } = away;
  window.addEventListener('resize', redraw, { signal });
  window.addEventListener('blur', pause, { signal });
  document.addEventListener('visibilitychange', () => document.hidden && pause(), { signal });

  function redraw(): void {
    view.resize?.();
    stale = true;
  }

  /** A gamepad moves the focus on a board and presses its buttons. */
  function boardPad(): () => void {
    const ways: Record<number, readonly [number, number]> = { 12: [0, -1], 13: [0, 1], 14: [-1, 0], 15: [1, 0] };
    const press = (pressed: number) => {
      const way = ways[pressed];
      if (way) focusNext(field, way);
      else if (document.activeElement instanceof HTMLButtonElement) document.activeElement.click();
    };
    return gamepad({ 0: PRESS, 1: PRESS, 2: PRESS, 12: 12, 13: 13, 14: 14, 15: 15 }, press, () => (phase === 'paused' ? goOn() : pause()));
  }

  function loop(now: number): void {
    frame = requestAnimationFrame(loop);
    const passed = last === 0 ? 0 : now - last;
    last = now;
    pollBoard?.();
    input.poll();
    const still = phase === 'paused' || phase === 'over';
    if (still && !stale) return;
    stale = !still;
    const fast = speed();
    if (phase === 'counting') countIn(passed * fast);
    if (phase === 'running' || phase === 'tutorial') run(passed * fast * pace, fast);
    const moves = phase === 'running' && frozenMs <= 0;
    view.draw(state, moves ? Math.min(1, owedMs / STEP_MS) : 0, Math.min(50, passed));
    hud.show(state.score, game.chain(state), 1 - state.step / lastStep);
    if (lesson?.isOver()) endTutorial();
    if (state.done && phase === 'running') finish();
  }

  function countIn(passed: number): void {
    countedMs += passed;
    if (countedMs < COUNT_MS) return;
    countedMs = 0;
    hud.count(count);
    sounds.count(count === 0);
    if (count === 0) phase = 'running';
    count -= 1;
    input.drop();
  }

  function run(passed: number, fast: number): void {
    if (frozenMs > 0) {
      frozenMs -= passed;
      return;
    }
    owedMs = Math.min(owedMs + passed, STEP_MS * MOST_STEPS_A_FRAME * fast);
    while (owedMs >= STEP_MS && !state.done) {
      owedMs -= STEP_MS;
      const asked = (input.take() | (forTests.__neuroplayHand?.(state, game.bot) ?? 0)) & rules.inputs;
      const done = lesson ? lesson.next(asked, STEP_MS) : asked;
      if (done === null) continue;
      if (!lesson) recorder.note(state.step + 1, done);
      rules.step(state, done);
      frozenMs = view.after?.(state, done) ?? 0;
      if (frozenMs > 0) return;
    }
  }

  function endTutorial(): void {
    if (!lesson) return;
    lesson.remove();
    lesson = undefined;
    hush();
    view.remove();
    state = first;
    view = game.view(place, state);
    options.onTutorialSeen();
    if (phase === 'paused') paused = 'counting';
    else startCount();
  }

  function startCount(): void {
    phase = 'counting';
    count = COUNT_FROM;
    countedMs = COUNT_MS;
    owedMs = 0;
    frozenMs = 0;
  }

  function pause(): void {
    if (phase === 'paused' || phase === 'over') return;
    paused = lesson ? 'tutorial' : 'counting';
    phase = 'paused';
    hush();
    hud.count(0);
    hud.pause(true);
  }

  function goOn(): void {
    if (phase !== 'paused') return;
    hud.pause(false);
    input.drop();
    if (paused === 'tutorial') phase = 'tutorial';
    else startCount();
  }

  function finish(): void {
    phase = 'over';
    sounds.finish();
    options.onFinish(finishedRound(game, state, recorder.trace));
  }

  function leave(): void {
    if (phase !== 'paused') return;
    phase = 'over';
    options.onLeave(asIfLeft());
  }

  function asIfLeft() {
    const kept = first.step >= WORTH_KEEPING_S * STEPS_A_SECOND;
    return kept ? finishedRound(game, first, recorder.trace) : null;
  }

  if (learns) {
    phase = 'tutorial';
    lesson = guide(game, state, view, field, { language, voice: options.voice, onSkip: tapped(endTutorial) });
  }
  if (document.hidden || saved) pause();
  frame = requestAnimationFrame(loop);
  return {
    pause,
    resume: goOn,
    save() {
      if (phase === 'over' || lesson || first.done) return null;
      const { seed, level: difficulty, step: steps } = first;
      return { saved: { version: rules.version, seed, difficulty, steps, trace: [...recorder.trace] }, partial: asIfLeft() };
    },
    destroy() {
      phase = 'over';
      cancelAnimationFrame(frame);
      away.abort();
      input.close();
      stopScan?.();
      hush();
      setTimeout(() => sounds.close(), RING_OUT_MS);
      view.remove();
      hud.remove();
    },
  };
}
