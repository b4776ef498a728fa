/** Draws a state, in canvas pixels. A frame allocates nothing. */

import { Effects } from './effects.ts';
import { HUNG, layOut, STARS, STRIPES, type Layout } from './layout.ts';
import { CALM_FACE, HAPPY_FACE, NeoSprite, SURPRISED_FACE, type Pose } from './render_neo.ts';
import { GO } from './rules_course.ts';
import type { State } from './rules.ts';
import { drawScene } from './scene.ts';
import { LANTERN_UNITS, lookOf, makeSprites, type Sprites } from './sprites.ts';

const HOP_MS = 330;
const NOD_MS = 700;
const STAGGER_MS = 620;
const REACH_MS = 260;
/** A lantern's light swells in this time; its shape is there at once. */
const POP_MS = 110;
const BREATH_MS = 2_600;
/** A rest begins when the last lantern has been carried. */
const REST_AFTER_MS = 500;

export class Renderer {
  readonly #calm: boolean;
  readonly #effects: Effects;
  readonly #pose: Pose = { face: CALM_FACE, air: 0, nod: 0, lean: 0, arms: 0, breath: 0, time: 0 };
  #layout: Layout = layOut(1, 1, 1, 0);
  #scene: HTMLCanvasElement | undefined;
  #sprites: Sprites | undefined;
  #neo: NeoSprite | undefined;
  #density = 0;
  /** Milliseconds left of what Neo does. */
  #hopMs = 0;
  #nodMs = 0;
  #staggerMs = 0;
  #reachMs = 0;
  #restedMs = -REST_AFTER_MS;
  #openMs = 0;
  #openedAs = 0;

  constructor(calm: boolean) {
    this.#calm = calm;
    this.#effects = new Effects(calm);
  }

  resize(width: number, height: number, scale: number, bar: number): void {
    this.#layout = layOut(width, height, scale, bar);
    this.#scene = drawScene(this.#layout);
    const density = Math.max(0.2, Math.max(this.#layout.neo / 222, this.#layout.signalR / 76));
    if (density <= this.#density && density > this.#density * 0.6) return;
    this.#density = density;
    this.#sprites = makeSprites(density);
    this.#neo = new NeoSprite(density);
  }

  carried(state: State): void {
    this.#hopMs = HOP_MS;
    this.#effects.carried(state.carried - 1);
  }

  waited(state: State): void {
    this.#nodMs = NOD_MS;
    this.#effects.waited(lookOf(state.lit), state.waited - 1, this.#layout);
  }

  tapped(state: State): void {
    this.#staggerMs = STAGGER_MS;
    this.#effects.tapped(lookOf(state.lit), this.#layout);
  }

  faded(state: State): void {
    this.#effects.faded(state.kind === GO ? -1 : lookOf(state.lit));
  }

  /** A press that was no answer is still felt. */
  reached(): void {
    this.#reachMs = REACH_MS;
  }

  /** `ms` is the time since the last frame. */
  draw(ctx: CanvasRenderingContext2D, state: State, ms: number): void {
    const layout = this.#layout;
    const sprites = this.#sprites;
    const neo = this.#neo;
    if (!this.#scene || !sprites || !neo) return;
    this.#pass(state, ms);
    ctx.drawImage(this.#scene, 0, 0);
    this.#stars(ctx, layout, sprites, state);
    this.#garland(ctx, layout, sprites, state);
    const x = this.#neoX(state, layout);
    if (this.#restedMs > 0) this.#breathe(ctx, layout, sprites, x);
    neo.draw(ctx, this.#pose, x, layout.ground, layout.neo);
    const handY = layout.ground - layout.neo * (1.12 + this.#pose.air);
    this.#effects.draw(ctx, layout, sprites, ms, x, handY);
    // Above all: what is on its way must not hide it.
    if (state.open) this.#signal(ctx, layout, sprites, state);
  }

  /** Where the hand of the tutorial points. */
  hand(state: State): { x: number; y: number } {
    const { scale, ground, neo } = this.#layout;
    return { x: this.#neoX(state, this.#layout) / scale, y: (ground - neo * 0.3) / scale };
  }

  #pass(state: State, ms: number): void {
    const pose = this.#pose;
    this.#hopMs = Math.max(0, this.#hopMs - ms);
    this.#nodMs = Math.max(0, this.#nodMs - ms);
    this.#staggerMs = Math.max(0, this.#staggerMs - ms);
    this.#reachMs = Math.max(0, this.#reachMs - ms);
    this.#restedMs = state.resting && state.shown > 0 ? this.#restedMs + ms : -REST_AFTER_MS;
    if (this.#openedAs !== state.shown) {
      this.#openedAs = state.shown;
      this.#openMs = 0;
    }
    this.#openMs += ms;
    const moves = this.#calm ? 0 : 1;
    pose.time += ms * moves;
    const hop = 1 - this.#hopMs / HOP_MS;
    pose.air = this.#hopMs > 0 ? Math.sin(hop * Math.PI) * 0.2 * moves : 0;
    const nodding = 1 - this.#nodMs / NOD_MS;
    // Two nods.
    pose.nod = this.#nodMs > 0 ? Math.sin(nodding * Math.PI * 2) ** 2 * moves : 0;
    const staggered = this.#staggerMs / STAGGER_MS;
    pose.lean = Math.sin(staggered * 14) * 0.13 * staggered * moves;
    pose.arms = Math.max(this.#hopMs > 0 ? 1 : 0, (this.#reachMs / REACH_MS) * 0.6, staggered * 0.5);
    pose.breath = this.#restedMs > 0 ? this.#fullness() * moves : 0;
    pose.face = this.#staggerMs > 0 ? SURPRISED_FACE : this.#nodMs > 0 || this.#restedMs > 0 || this.#hopMs > 0 ? HAPPY_FACE : CALM_FACE;
  }

  /** Of a breath, 0 to 1: slowly in, slowly out. */
  #fullness(): number {
    return 0.5 - 0.5 * Math.cos((this.#restedMs / BREATH_MS) * Math.PI * 2);
  }

  /** Neo goes to the far side and back, a stripe for each lantern. */
  #neoX(state: State, { middle, reach }: Layout): number {
    const to = stripeOf(state.carried);
    const from = stripeOf(Math.max(0, state.carried - 1));
    const part = this.#hopMs > 0 && !this.#calm ? 1 - this.#hopMs / HOP_MS : 1;
    const stripe = from + (to - from) * part;
    return middle + reach * ((stripe / STRIPES) * 2 - 1);
  }

  #signal(ctx: CanvasRenderingContext2D, { signalX, signalY, signalR }: Layout, sprites: Sprites, state: State): void {
    const sprite = state.kind === GO ? sprites.round : sprites.hexagons[lookOf(state.lit)];
    const swell = this.#calm ? 1 : 0.86 + 0.14 * Math.min(1, this.#openMs / POP_MS);
    const size = ((signalR * LANTERN_UNITS) / 76) * swell;
    sprite?.draw(ctx, signalX - size / 2, signalY - size / 2, size, 1);
  }

  #garland(ctx: CanvasRenderingContext2D, { hungX, hungY, hungSize }: Layout, sprites: Sprites, state: State): void {
    const many = Math.min(HUNG, state.carried);
    for (let n = 0; n < many; n += 1) {
      if (this.#effects.isFlying(false, n)) continue;
      sprites.hung.draw(ctx, (hungX[n] ?? 0) - hungSize / 2, hungY[n] ?? 0, hungSize, 1);
    }
  }

  #stars(ctx: CanvasRenderingContext2D, { starX, starY, starSize }: Layout, sprites: Sprites, state: State): void {
    const many = Math.min(STARS, state.waited);
    const shimmers = this.#restedMs > 0 && !this.#calm;
    for (let n = 0; n < many; n += 1) {
      if (this.#effects.isFlying(true, n)) continue;
      const size = starSize * (1.6 + (shimmers ? Math.sin(this.#restedMs * 0.004 + n) * 0.25 : 0));
      sprites.star.draw(ctx, (starX[n] ?? 0) - size / 2, (starY[n] ?? 0) - size / 2, size, 1);
    }
  }

  /** The light that grows and shrinks with Neo's breath in a rest. */
  #breathe(ctx: CanvasRenderingContext2D, { ground, neo }: Layout, sprites: Sprites, x: number): void {
    const full = this.#fullness();
    const size = neo * (this.#calm ? 1.8 : 1.3 + full * 0.9);
    ctx.globalAlpha = Math.min(1, this.#restedMs / 400) * (0.35 + full * 0.5);
    sprites.breath.draw(ctx, x - size / 2, ground - neo * 0.5 - size / 2, size, 1);
    ctx.globalAlpha = 1;
  }
}

function stripeOf(carried: number): number {
  const at = carried % (STRIPES * 2);
  return at <= STRIPES ? at : STRIPES * 2 - at;
}
