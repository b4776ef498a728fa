/** The night city: drawn once per screen size, then only shifted by whole pixels, which is a
 * plain copy; half a pixel would mean resampling in each frame. */

import { city, drawMoon, drawSky, strings } from '../engine/city.ts';
import { bitmap, glow } from '../engine/sprite.ts';

export interface View {
  /** Pixels of the canvas. */
  width: number;
  height: number;
  /** Canvas pixels in a CSS pixel. */
  scale: number;
  /** The same for the city's drawing, which has less room in a small picture. */
  detail: number;
  horizon: number;
  ground: number;
  /** Half of the road's width where Neo runs. */
  half: number;
  /** How strongly the road narrows. */
  depth: number;
}

export class Scenery {
  readonly #view: View;
  readonly #back: HTMLCanvasElement;
  readonly #far: HTMLCanvasElement;
  readonly #farFoot: number;
  readonly #near: HTMLCanvasElement;
  readonly #strings: HTMLCanvasElement;

  constructor(view: View) {
    this.#view = view;
    const { width, horizon, detail: scale } = view;
    this.#back = bitmap(width, view.height, (ctx) => drawBack(ctx, view), true);
    const tall = Math.min(horizon, width * 0.62);
    // Of the far houses only the upper part: the near ones hide the rest.
    this.#farFoot = Math.round(tall * 0.12);
    this.#far = bitmap(width * 1.12, tall * 0.5, (ctx) => city(ctx, 11, 0.75 * scale, tall * 0.62, '#373080', '#FFB86B88', '#4A3D98'));
    this.#near = bitmap(width * 1.2, tall * 0.4, (ctx) => city(ctx, 23, 1.15 * scale, tall * 0.4, '#1D1D52', '#FFC53D', '#2B2768'));
    this.#strings = bitmap(width * 1.3, 60 * scale, (ctx) => strings(ctx, scale));
  }

  /** `shift` is -1 in the left lane, 1 in the right one. */
  draw(ctx: CanvasRenderingContext2D, shift: number): void {
    const { horizon, detail: scale } = this.#view;
    ctx.drawImage(this.#back, 0, 0);
    this.#layer(ctx, this.#far, horizon - this.#farFoot - this.#far.height, shift * 0.5);
    this.#layer(ctx, this.#near, horizon - this.#near.height, shift * 0.8);
    this.#layer(ctx, this.#strings, Math.round(horizon - this.#near.height * 0.9 - 36 * scale), shift);
  }

  #layer(ctx: CanvasRenderingContext2D, layer: HTMLCanvasElement, top: number, shift: number): void {
    const slack = (layer.width - this.#view.width) / 2;
    ctx.drawImage(layer, Math.round(-slack - shift * slack), top);
  }
}

/** Sky, moon, what lies below the road, and the road itself: all that never moves. */
function drawBack(ctx: CanvasRenderingContext2D, view: View): void {
  const { width, height, horizon, detail: scale, half, ground } = view;
  drawSky(ctx, width, horizon, scale);
  const r = Math.min(44 * scale, horizon * 0.17);
  drawMoon(ctx, width * 0.27, Math.max(horizon * 0.38, r + 64 * scale), r);
  const below = ctx.createLinearGradient(0, horizon, 0, height);
  below.addColorStop(0, '#4A2F7A');
  below.addColorStop(0.14, '#2A2263');
  below.addColorStop(0.5, '#191A48');
  below.addColorStop(1, '#10122F');
  ctx.fillStyle = below;
  ctx.fillRect(0, horizon, width, height - horizon);
  // The lights of the streets at the end of the road.
  ctx.save();
  ctx.translate(width / 2, horizon);
  ctx.scale(1, 0.3);
  glow(ctx, 0, 0, width * 0.5, '#FFB06B', '99');
  ctx.restore();

  const drop = ground - horizon;
  const bottom = height + 4;
  const wide = (half * (bottom - horizon)) / drop;
  const middle = width / 2;
  const slab = (reach: number, fill: string | CanvasGradient) => {
    ctx.beginPath();
    ctx.moveTo(middle, horizon);
    ctx.lineTo(middle + wide * reach, bottom);
    ctx.lineTo(middle - wide * reach, bottom);
    ctx.fillStyle = fill;
    ctx.fill();
  };
  slab(1.12, '#0E1029');
  slab(1.07, '#5B4BB8');
  slab(1.02, '#FFC53D');
  const road = ctx.createLinearGradient(0, horizon, 0, height);
  road.addColorStop(0, '#7A4F9C');
  road.addColorStop(0.12, '#463A92');
  road.addColorStop(0.5, '#32347F');
  road.addColorStop(1, '#282B6A');
  slab(1, road);
}
