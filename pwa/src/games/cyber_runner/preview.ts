/** The animated preview of the game: the real rules and drawing, played by a simple bot. */

import { Renderer } from './render.ts';
import { DECOY, ORB, STEPS_A_SECOND } from './rules_course.ts';
import { init, JUMP, LEFT, RIGHT, step, type State } from './rules.ts';

const DIFFICULTY = 2;
const SEED = 20;
/** Steps played before the first frame, so that things are already coming. */
const WARM_UP = 130;
const STEP_MS = 1000 / STEPS_A_SECOND;

export function preview(canvas: HTMLCanvasElement, { reducedMotion }: { reducedMotion: boolean }): () => void {
  const renderer = new Renderer(canvas, { difficulty: DIFFICULTY, calm: reducedMotion, camera: false });
  let state = init(SEED, DIFFICULTY);
  for (let n = 0; n < WARM_UP; n += 1) step(state, bot(state));
  let frame = 0;
  let last = 0;
  let owed = 0;
  const resized = new ResizeObserver(() => {
    renderer.resize();
    renderer.draw(state, 0, 0);
  });
  resized.observe(canvas);

  function loop(now: number): void {
    frame = requestAnimationFrame(loop);
    const passed = Math.min(50, last === 0 ? 0 : now - last);
    owed += passed;
    last = now;
    while (owed >= STEP_MS) {
      owed -= STEP_MS;
      step(state, bot(state));
    }
    if (state.done) state = init(SEED, DIFFICULTY);
    renderer.draw(state, owed / STEP_MS, passed);
  }

  if (reducedMotion) {
    for (let n = 0; n < 90; n += 1) step(state, bot(state));
    renderer.draw(state, 0, 0);
  } else {
    frame = requestAnimationFrame(loop);
  }
  return () => {
    cancelAnimationFrame(frame);
    resized.disconnect();
  };
}

/** The bot's input: collects orbs, avoids decoys and obstacles, without hurry. */
function bot(state: State): number {
  const i = state.next;
  const { course } = state;
  const left = (course.arrival[i] ?? Infinity) - state.step;
  if (left > 50 || i >= course.count) return 0;
  const mask = course.mask[i] ?? 0;
  const kind = course.kind[i];
  if (kind === ORB) return towards(state, course.lane[i] ?? 1);
  if (((mask >> state.target) & 1) === 0) return 0;
  if (mask === 7) return left <= 16 ? JUMP : 0;
  for (let lane = 0; lane < 3; lane += 1) {
    if (((mask >> lane) & 1) === 0 && Math.abs(lane - state.target) === 1) return towards(state, lane);
  }
  return kind === DECOY || left > 16 ? 0 : JUMP;
}

function towards(state: State, lane: number): number {
  if (state.x !== state.target * 256 || lane === state.target) return 0;
  return lane < state.target ? LEFT : RIGHT;
}
