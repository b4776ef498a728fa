/** The night city: drawn once per screen size, then only shifted by whole pixels, which is a
 * plain copy; half a pixel would mean resampling in each frame. */

import { bitmap, disc, glow, shape } from './render_sprite.ts';

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

/** A small random generator for looks only: the same city each time. */
function looks(seed: number): () => number {
  let x = seed;
  return () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return (x >> 8) / 0x7fffff;
  };
}

/** Sky, moon, what lies below the road, and the road itself: all that never moves. */
function drawBack(ctx: CanvasRenderingContext2D, view: View): void {
  const { width, height, horizon, detail: scale, half, ground } = view;
  const dusk = ctx.createLinearGradient(0, 0, 0, horizon);
  dusk.addColorStop(0, '#0E1029');
  dusk.addColorStop(0.5, '#1F2060');
  dusk.addColorStop(0.82, '#51398C');
  dusk.addColorStop(1, '#A3558E');
  ctx.fillStyle = dusk;
  ctx.fillRect(0, 0, width, horizon + 1);
  const next = looks(7);
  for (let n = 0; n < 90; n += 1) {
    ctx.globalAlpha = 0.25 + next() * 0.7;
    disc(ctx, next() * width, next() * horizon * 0.75, (0.5 + next() * 0.9) * scale, '#FFF8EC');
  }
  ctx.globalAlpha = 1;
  const r = Math.min(44 * scale, horizon * 0.17);
  const moon = { x: width * 0.27, y: Math.max(horizon * 0.38, r + 64 * scale) };
  glow(ctx, moon.x, moon.y, r * 2.6, '#FFE9B0', '66');
  disc(ctx, moon.x, moon.y, r, '#FFF3D6');
  for (const [dx, dy, s] of [[-0.3, -0.2, 0.22], [0.34, 0.18, 0.16], [-0.08, 0.46, 0.13]] as const) {
    disc(ctx, moon.x + dx * r, moon.y + dy * r, s * r, '#F2DFB4');
  }
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

function city(ctx: CanvasRenderingContext2D, seed: number, scale: number, height: number, wall: string, light: string, roof: string): void {
  const { width } = ctx.canvas;
  const next = looks(seed);
  for (let x = -20 * scale; x < width; ) {
    const w = (34 + next() * 34) * scale;
    const h = height * (0.34 + next() * 0.5);
    const top = height - h;
    ctx.fillStyle = wall;
    ctx.fillRect(x, top, w + 1, h);
    const kind = next();
    const eave = 6 * scale;
    const peak = w * (kind < 0.3 ? 0.3 : 0.42);
    if (kind < 0.72) {
      // A roof that turns up at its ends, like folded paper.
      shape(ctx, `M${x - eave} ${top} Q${x + w * 0.3} ${top - peak * 0.25} ${x + w / 2} ${top - peak} Q${x + w * 0.7} ${top - peak * 0.25} ${x + w + eave} ${top} Z`, roof);
      if (kind < 0.3) {
        const mid = top + h * 0.28;
        shape(ctx, `M${x - eave} ${mid + 5 * scale} Q${x + w / 2} ${mid - 9 * scale} ${x + w + eave} ${mid + 5 * scale} Z`, roof);
      }
    }
    ctx.fillStyle = light;
    for (let wy = top + 9 * scale; wy < height - 8 * scale; wy += 13 * scale) {
      for (let wx = x + 6 * scale; wx < x + w - 8 * scale; wx += 11 * scale) {
        if (next() < 0.36) {
          ctx.globalAlpha = 0.45 + next() * 0.55;
          ctx.fillRect(wx, wy, 4.5 * scale, 6 * scale);
        }
      }
    }
    ctx.globalAlpha = 1;
    x += w;
  }
}

/** Strings of paper lanterns between the houses. */
function strings(ctx: CanvasRenderingContext2D, scale: number): void {
  const span = 150 * scale;
  const sag = 22 * scale;
  const y = 6 * scale;
  for (let x = -20 * scale; x < ctx.canvas.width; x += span) {
    ctx.strokeStyle = '#B9A3FF99';
    ctx.lineWidth = 1.5 * scale;
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.quadraticCurveTo(x + span / 2, y + sag * 2, x + span, y);
    ctx.stroke();
    for (const [part, colour] of [[0.2, '#FFC53D'], [0.5, '#FF7A6B'], [0.8, '#FFC53D']] as const) {
      const lx = x + span * part;
      const ly = y + sag * 4 * part * (1 - part) + 7 * scale;
      glow(ctx, lx, ly, 17 * scale, colour, '99');
      ctx.beginPath();
      ctx.ellipse(lx, ly, 6 * scale, 7.5 * scale, 0, 0, Math.PI * 2);
      ctx.fillStyle = colour;
      ctx.fill();
      disc(ctx, lx, ly + 2 * scale, 3 * scale, '#FFF3C4');
    }
  }
}
