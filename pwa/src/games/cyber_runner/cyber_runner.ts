/** The game loop of cyber_runner: connects rules, drawing, sound and input. */

import './cyber_runner.css';

import { makeSounds } from '../../audio/synth.ts';
import type { GameOptions, RunningGame } from '../types.ts';
import { makeHud } from './hud.ts';
import { listen } from './input.ts';
import { Renderer } from './render.ts';
import { playOn, roundOf, TraceRecorder } from './round.ts';
import { DECOY, OBSTACLE, ORB, ROUND_STEPS, STEPS_A_SECOND } from './rules_course.ts';
import { init, JUMP, RIGHT_ANSWER, step, VERSION } from './rules.ts';

export { preview } from './preview.ts';
export const version = VERSION;

const STEP_MS = 1000 / STEPS_A_SECOND;
/** After a stall, at most this many steps are caught up in a frame; the rest is dropped. */
const MOST_STEPS_A_FRAME = 6;
const HIT_FREEZE_MS = 60;
const COUNT_FROM = 3;
const COUNT_MS = 700;
/** A round that is left earlier says nothing about the child and is discarded. */
const WORTH_KEEPING_S = 10;

/** Simulated time runs this much faster; for tests that play a whole round. */
function speed(): number {
  const wanted = (globalThis as { __neuroplaySpeed?: unknown }).__neuroplaySpeed;
  return typeof wanted === 'number' && wanted > 1 ? wanted : 1;
}

type Phase = 'counting' | 'running' | 'paused' | 'over';

export function mount(host: HTMLElement, options: GameOptions): RunningGame {
  const saved = options.resume;
  const state = saved ? playOn(saved) : init(options.seed, options.difficulty);
  const recorder = new TraceRecorder(saved?.trace);
  const sounds = makeSounds(options.sound);
  const fast = speed();
  let phase: Phase = 'counting';
  let count = COUNT_FROM;
  let countedMs = COUNT_MS;
  let owedMs = 0;
  let frozenMs = 0;
  let last = 0;
  let frame = 0;
  let heard = state.next;
  /** A paused picture is drawn again only when this is set. */
  let stale = true;

  const hud = makeHud(host, options, {
    onPause() {
      sounds.tap();
      pause();
    },
    onContinue() {
      sounds.tap();
      resume();
    },
    onLeave() {
      sounds.tap();
      leave();
    },
  });
  const renderer = new Renderer(hud.canvas, { difficulty: state.difficulty, calm: options.reducedMotion, camera: true });
  const input = listen(hud.canvas, () => (phase === 'paused' ? resume() : pause()));
  const away = new AbortController();
  const { signal } = away;
  window.addEventListener('resize', () => {
    renderer.resize();
    stale = true;
  }, { signal });
  window.addEventListener('blur', pause, { signal });
  document.addEventListener('visibilitychange', () => document.hidden && pause(), { signal });

  function loop(now: number): void {
    frame = requestAnimationFrame(loop);
    const passed = last === 0 ? 0 : now - last;
    last = now;
    const still = phase === 'paused' || phase === 'over';
    if (still && !stale) return;
    stale = !still;
    if (!still) renderer.pace(passed);
    if (phase === 'counting') countIn(passed * fast);
    if (phase === 'running') run(passed * fast);
    renderer.draw(state, phase === 'running' ? Math.min(1, owedMs / STEP_MS) : 0, Math.min(50, passed));
    hud.show(state.score, state.chain, 1 - state.step / ROUND_STEPS);
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
    input.take();
  }

  function run(passed: number): void {
    if (frozenMs > 0) {
      frozenMs -= passed;
      return;
    }
    owedMs = Math.min(owedMs + passed, STEP_MS * MOST_STEPS_A_FRAME * fast);
    while (owedMs >= STEP_MS && !state.done) {
      owedMs -= STEP_MS;
      const asked = input.take();
      recorder.note(state.step + 1, asked);
      if ((asked & JUMP) !== 0 && state.jump < 0) sounds.jump();
      step(state, asked);
      listenTo();
    }
  }

  /** Play the sounds of new answers. */
  function listenTo(): void {
    for (; heard < state.next; heard += 1) {
      const kind = state.course.kind[heard];
      const right = state.answer[heard] === RIGHT_ANSWER;
      if (kind === ORB && right) sounds.collect(state.chain);
      else if (kind === DECOY && !right) sounds.decoy();
      else if (kind === OBSTACLE && !right) {
        sounds.hit();
        if (!options.reducedMotion) frozenMs = HIT_FREEZE_MS;
      }
    }
  }

  function pause(): void {
    if (phase === 'paused' || phase === 'over') return;
    phase = 'paused';
    hud.count(0);
    hud.pause(true);
  }

  function resume(): void {
    if (phase !== 'paused') return;
    hud.pause(false);
    phase = 'counting';
    count = COUNT_FROM;
    countedMs = COUNT_MS;
    owedMs = 0;
  }

  function finish(): void {
    phase = 'over';
    sounds.finish();
    options.onFinish(roundOf(state, recorder.trace));
  }

  function leave(): void {
    phase = 'over';
    options.onLeave(asIfLeft());
  }

  function asIfLeft() {
    const kept = state.step >= WORTH_KEEPING_S * STEPS_A_SECOND;
    return kept ? roundOf(state, recorder.trace) : null;
  }

  if (document.hidden || saved) pause();
  frame = requestAnimationFrame(loop);
  return {
    pause,
    resume,
    save() {
      if (phase === 'over' || state.done) return null;
      const { seed, difficulty, step: steps } = state;
      return { saved: { version, seed, difficulty, steps, trace: [...recorder.trace] }, partial: asIfLeft() };
    },
    destroy() {
      phase = 'over';
      cancelAnimationFrame(frame);
      away.abort();
      input.close();
      // Let the fanfare ring out on the result screen.
      setTimeout(() => sounds.close(), 1500);
      hud.remove();
    },
  };
}
