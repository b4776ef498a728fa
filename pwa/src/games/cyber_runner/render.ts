/** Draws a state, in canvas pixels. A frame allocates nothing. The camera is a CSS transform of
 * the canvas, applied by the browser's compositor. */

import type { Stage } from '../engine/stage.ts';
import { ALL_LANES, DECOY, LANE, OBSTACLE, ORB, PENDING, RIGHT_ANSWER, WRONG_ANSWER } from './rules_run.ts';
import { ROUND_STEPS } from './rules_waves.ts';
import { type State } from './rules.ts';
import { NeoSprite } from './render_neo.ts';
import { drawRoad, drawRoadside, NEAREST, sizeAt } from './render_road.ts';
import { Sparks } from './render_sparks.ts';
import { Scenery, type View } from './scenery.ts';
import { makeSprites, type Sprites } from './sprites.ts';

const LANE_SPEED = 32;
const SHAKE_MS = 260;
const SHAKE_PX = 6;
const LEAN_DEGREES = 2;
const LAST_STEPS = 1200;

/** Precomputed camera transforms: a frame picks one. */
const LEANS = Array.from({ length: 41 }, (_, n) => {
  const part = (n - 20) / 20;
  return part === 0 ? 'none' : `rotate(${(-part * LEAN_DEGREES).toFixed(2)}deg) scale(${(1 + Math.abs(part) * 0.06).toFixed(4)})`;
});
const SHAKES = Array.from({ length: 16 }, (_, n) => {
  const reach = SHAKE_PX * (n / 15);
  return `translate(${(Math.sin(n * 2.4) * reach).toFixed(1)}px, ${(Math.cos(n * 3.1) * reach * 0.6).toFixed(1)}px) scale(1.02)`;
});

export interface RendererOptions {
  /** Things that have arrived before the first frame. */
  arrived: number;
  level: number;
  /** Reduced motion: no lean, no shake, no parallax, no sparks. */
  calm: boolean;
  /** Whether the camera may turn the canvas. */
  camera: boolean;
}

export class Renderer {
  readonly #stage: Stage;
  readonly #ctx: CanvasRenderingContext2D;
  readonly #options: RendererOptions;
  readonly #view: View = { width: 1, height: 1, scale: 1, detail: 1, horizon: 1, ground: 1, half: 1, depth: 4 };
  #scenery: Scenery | null = null;
  #sprites: Sprites | null = null;
  #neo: NeoSprite | null = null;
  #sparks: Sparks | null = null;
  #density = 0;
  #neoSize = 0.86;
  /** How far Neo has run, in depths of sight, and until which step. */
  #travelled = 4;
  #until = 0;
  /** Things whose answers have been shown; in a round that goes on, none of the old ones are. */
  #noticed: number;
  #shakeMs = 0;
  #lean = 0;
  #wasJumping = false;
  #camera = 'none';

  constructor(stage: Stage, options: RendererOptions) {
    this.#stage = stage;
    this.#ctx = stage.ctx;
    this.#options = options;
    this.#noticed = options.arrived;
    this.resize();
  }

  /** After a change of the stage's size. */
  resize(): void {
    const { width, height, scale } = this.#stage;
    const view = this.#view;
    view.scale = scale;
    view.width = width;
    view.height = height;
    const upright = view.height > view.width;
    view.horizon = Math.round(view.height * 0.35);
    // Never 0: a city of houses without a width has no last house.
    view.detail = Math.max(0.1, Math.min(view.scale, view.horizon / 250));
    view.ground = view.height * (upright ? 0.85 : 0.93);
    // A flatter road where it is narrow: things are large enough as soon as they come into sight.
    view.depth = upright ? 2.8 : 4;
    // Small enough that Neo never hides what lies ahead in the own lane.
    this.#neoSize = upright ? 0.86 : 0.6;
    view.half = Math.min(view.width * 0.47, view.height * 0.52);
    this.#scenery = new Scenery(view);
    const density = Math.min(2.4, Math.max(0.3, (view.half * 2) / 3 / 200));
    // Slightly finer bitmaps than needed are reused, so that a change of sharpness causes no hitch.
    if (density <= this.#density && density > this.#density * 0.45) return;
    this.#density = density;
    this.#sprites = makeSprites(this.#options.level, density);
    this.#neo = new NeoSprite(density);
    this.#sparks = new Sparks(this.#sprites);
  }

  /** Draw one frame. `share` is the part of the next step that has passed, 0 to 1; `ms` is the
   * time since the last frame. */
  draw(state: State, share: number, ms: number): void {
    const view = this.#view;
    const sprites = this.#sprites;
    if (!this.#scenery || !sprites || !this.#neo || !this.#sparks) return;
    const ctx = this.#ctx;
    const { calm } = this.#options;
    const lane = (view.half * 2) / 3;
    const goal = state.target * LANE;
    const ahead = Math.max(-LANE_SPEED, Math.min(LANE_SPEED, goal - state.x)) * share;
    const x = (state.x + ahead - LANE) / LANE;
    const travelled = this.#run(state, state.step + share);
    const neoX = view.width / 2 + x * lane;
    this.#notice(state, neoX, lane);
    this.#moveCamera((goal - state.x) / LANE, ms);
    this.#scenery.draw(ctx, calm ? 0 : x);
    if (!calm) this.#floating(ctx, sprites, state.step + share);
    drawRoad(ctx, view, travelled);
    drawRoadside(ctx, view, sprites, travelled);
    this.#gates(ctx, sprites, state, share, false);
    this.#things(ctx, sprites, state, share, false);
    this.#neo.draw(ctx, state, share, neoX, view.ground, lane * this.#neoSize, 1, calm);
    this.#gates(ctx, sprites, state, share, true);
    this.#things(ctx, sprites, state, share, true);
    this.#sparks.draw(ctx, ms, view.width / 2, 40 * view.scale, view.height * 0.0000022);
    if (ROUND_STEPS - state.step < LAST_STEPS && !calm && !state.done) this.#speedLines(ctx, state.step + share);
  }

  /** The distance that Neo has run by `time`: a wave's speed is that of what comes next. */
  #run({ course, next }: State, time: number): number {
    const lead = course.lead[Math.min(next, course.count - 1)] ?? 1;
    this.#travelled += Math.max(0, time - this.#until) / lead;
    this.#until = time;
    return this.#travelled;
  }

  /** Paper lanterns that rise over the city. */
  #floating(ctx: CanvasRenderingContext2D, sprites: Sprites, time: number): void {
    const view = this.#view;
    for (let n = 0; n < 5; n += 1) {
      const rise = (n * 0.37 + time * 0.0003 * (1 + (n % 3) * 0.4)) % 1;
      const size = (16 + (n % 3) * 8) * view.detail;
      const x = view.width * ((n * 0.22 + 0.05) % 1) + Math.sin(time * 0.011 + n * 2) * 8 * view.scale;
      ctx.globalAlpha = Math.min(1, rise * 4, (1 - rise) * 4) * 0.9;
      sprites.floating.draw(ctx, x - size / 2, view.horizon * (0.82 - rise * 0.85), size, 1);
    }
    ctx.globalAlpha = 1;
  }

  /** The gate before each wave, and the one at the end of the course. */
  #gates(ctx: CanvasRenderingContext2D, sprites: Sprites, state: State, share: number, passed: boolean): void {
    const lead = state.course.lead[state.course.count - 1] ?? 1;
    const time = state.step + share;
    this.#gate(ctx, sprites, (ROUND_STEPS - time) / lead, passed);
    this.#gate(ctx, sprites, (state.gate - time) / lead, passed);
  }

  #gate(ctx: CanvasRenderingContext2D, sprites: Sprites, depth: number, passed: boolean): void {
    if (depth > 1.4 || depth <= NEAREST || depth < 0 !== passed) return;
    const view = this.#view;
    const s = sizeAt(depth, view.depth);
    const w = view.half * 2.5 * s;
    ctx.globalAlpha = depth < 0 ? 1 - depth / NEAREST : Math.min(1, (1.4 - depth) * 4);
    sprites.arch.draw(ctx, view.width / 2 - w / 2, view.horizon + (view.ground - view.horizon) * s - w * 0.59, w, 1);
    ctx.globalAlpha = 1;
  }

  /** Draw things from far to near; `passed` selects those in front of Neo. */
  #things(ctx: CanvasRenderingContext2D, sprites: Sprites, state: State, share: number, passed: boolean): void {
    const { course } = state;
    const first = Math.max(0, state.next - 3);
    const last = Math.min(course.count, state.sighted + 1);
    for (let i = last - 1; i >= first; i -= 1) {
      const depth = ((course.arrival[i] ?? 0) - state.step - share) / (course.lead[i] ?? 1);
      if (depth < 0 !== passed || depth <= NEAREST) continue;
      const answer = state.answer[i] ?? PENDING;
      const kind = course.kind[i] ?? ORB;
      if (kind === ORB && answer === RIGHT_ANSWER) continue;
      if (kind === DECOY && answer === WRONG_ANSWER) continue;
      this.#thing(ctx, sprites, state, share, i, depth, kind);
    }
  }

  #thing(ctx: CanvasRenderingContext2D, sprites: Sprites, state: State, share: number, i: number, depth: number, kind: number): void {
    const view = this.#view;
    const s = sizeAt(depth, view.depth);
    const mask = state.course.mask[i] ?? 0;
    const y = view.horizon + (view.ground - view.horizon) * s;
    const lane = (view.half * 2 * s) / 3;
    const middle = view.width / 2;
    const time = state.step + share + i * 17;
    const fade = depth > 0.88 ? Math.max(0, (1.02 - depth) / 0.14) : depth < 0 ? 1 - depth / NEAREST : 1;
    if (kind === OBSTACLE) {
      ctx.globalAlpha = fade;
      if (mask === ALL_LANES) sprites.hurdle.draw(ctx, middle - lane * 1.5, y - lane * 0.7, lane * 3, 1);
      else {
        for (let at = 0; at < 3; at += 1) {
          if (((mask >> at) & 1) === 1) sprites.spikes.draw(ctx, middle + (at - 1) * lane - lane * 0.47, y - lane * 0.75, lane * 0.94, 1);
        }
      }
    } else {
      const bob = kind === ORB && !this.#options.calm ? Math.sin(time * 0.11) * lane * 0.06 : 0;
      // A decoy breathes light and dark, a little under once a second.
      ctx.globalAlpha = kind === DECOY ? fade * (0.82 + 0.18 * Math.sin(time * 0.085)) : fade;
      const w = lane * 0.82;
      const sprite = kind === ORB ? sprites.orb : sprites.decoy;
      for (let at = 0; at < 3; at += 1) {
        if (((mask >> at) & 1) === 0) continue;
        const x = middle + (at - 1) * lane;
        ctx.fillStyle = '#0E102966';
        ctx.beginPath();
        ctx.ellipse(x, y, lane * 0.2, lane * 0.045, 0, 0, Math.PI * 2);
        ctx.fill();
        sprite.draw(ctx, x - w / 2, y - w * 0.96 - bob, w, 1);
      }
    }
    ctx.globalAlpha = 1;
  }

  /** Start sparks, puffs and the shake for answers since the last frame. */
  #notice(state: State, neoX: number, lane: number): void {
    const { ground } = this.#view;
    const sparks = this.#sparks;
    const jumping = state.jump >= 0;
    if (this.#options.calm || !sparks) {
      this.#noticed = state.next;
      return;
    }
    for (let i = this.#noticed; i < state.next; i += 1) {
      const kind = state.course.kind[i];
      const right = state.answer[i] === RIGHT_ANSWER;
      const x = this.#view.width / 2 + ((state.course.lane[i] ?? 1) - 1) * lane;
      if (kind === ORB && right) sparks.caught(x, ground - lane * 0.4, lane * 0.6, state.chain > 4 ? 6 : 3);
      else if (kind === DECOY && !right) sparks.fooled(x, ground - lane * 0.4, lane);
      else if (kind === DECOY) sparks.leftAlone(neoX, ground - lane * (this.#neoSize + 0.1), lane);
      else if (kind === OBSTACLE && !right) {
        this.#shakeMs = SHAKE_MS;
        sparks.hit(neoX, ground - lane * 0.35, lane);
      }
    }
    this.#noticed = state.next;
    if (this.#wasJumping && !jumping) sparks.landed(neoX, ground, lane);
    this.#wasJumping = jumping;
  }

  #moveCamera(turning: number, ms: number): void {
    if (!this.#options.camera || this.#options.calm) return;
    const towards = Math.max(-1, Math.min(1, turning * 3));
    this.#lean += (towards - this.#lean) * Math.min(1, ms * 0.02);
    this.#shakeMs = Math.max(0, this.#shakeMs - ms);
    const camera =
      this.#shakeMs > 0
        ? SHAKES[Math.ceil((this.#shakeMs / SHAKE_MS) * 15)]
        : LEANS[Math.round(Math.max(-1, Math.min(1, this.#lean)) * 20) + 20];
    if (camera === undefined || camera === this.#camera) return;
    this.#camera = camera;
    this.#stage.canvas.style.transform = camera;
  }

  #speedLines(ctx: CanvasRenderingContext2D, time: number): void {
    const { width, height, horizon, scale } = this.#view;
    ctx.strokeStyle = '#FFF8EC';
    ctx.lineWidth = 2.5 * scale;
    ctx.globalAlpha = 0.4;
    ctx.beginPath();
    const reach = Math.max(width, height) * 0.7;
    for (let n = 0; n < 14; n += 1) {
      const angle = n * 2.4;
      const out = ((time * 0.022 + n * 0.37) % 1) * 0.75 + 0.34;
      const dx = Math.cos(angle) * reach;
      const dy = Math.sin(angle) * reach;
      ctx.moveTo(width / 2 + dx * out, horizon + dy * out);
      ctx.lineTo(width / 2 + dx * (out + 0.1), horizon + dy * (out + 0.1));
    }
    ctx.stroke();
    ctx.globalAlpha = 1;
  }
}
