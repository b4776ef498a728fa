/** The road that comes towards Neo: bands, lane marks, and what stands beside it. */

import type { View } from './scenery.ts';
import type { Sprites } from './sprites.ts';

/** Smaller depths are behind the viewer. */
export const NEAREST = -0.07;
const BANDS = 10;
const FARTHEST = 2;
/** Houses and posts appear at this depth. */
const ROADSIDE = 1.5;
/** Posts and houses per depth of sight. */
const PLACES = 4;

/** Relative size at a depth: 1 at Neo (depth 0), smaller where things come into sight (depth 1).
 * `narrows` is how strongly the road narrows. */
export function sizeAt(depth: number, narrows: number): number {
  return 1 / (1 + Math.max(NEAREST, depth) * narrows);
}

/** `travelled` is the distance that Neo has run, in depths of sight. */
export function drawRoad(ctx: CanvasRenderingContext2D, view: View, travelled: number): void {
  const middle = view.width / 2;
  const { horizon, half } = view;
  const drop = view.ground - horizon;
  const phase = (travelled * BANDS) % 2;
  ctx.fillStyle = '#8E7BFF1C';
  ctx.beginPath();
  for (let band = Math.ceil(FARTHEST * BANDS); band >= -2; band -= 2) {
    const near = sizeAt((band - phase) / BANDS, view.depth);
    const far = sizeAt((band + 1 - phase) / BANDS, view.depth);
    const y1 = horizon + drop * near;
    const y2 = horizon + drop * far;
    ctx.moveTo(middle - half * near, y1);
    ctx.lineTo(middle + half * near, y1);
    ctx.lineTo(middle + half * far, y2);
    ctx.lineTo(middle - half * far, y2);
  }
  ctx.fill();
  ctx.fillStyle = '#B9A3FF';
  ctx.beginPath();
  for (let band = Math.ceil(FARTHEST * BANDS); band >= -2; band -= 2) {
    const near = sizeAt((band - phase) / BANDS, view.depth);
    const far = sizeAt((band + 0.8 - phase) / BANDS, view.depth);
    const y1 = horizon + drop * near;
    const y2 = horizon + drop * far;
    for (let side = -1; side <= 1; side += 2) {
      const lane = side / 3;
      ctx.moveTo(middle + half * near * (lane - 0.012), y1);
      ctx.lineTo(middle + half * near * (lane + 0.012), y1);
      ctx.lineTo(middle + half * far * (lane + 0.012), y2);
      ctx.lineTo(middle + half * far * (lane - 0.012), y2);
    }
  }
  ctx.fill();
}

export function drawRoadside(ctx: CanvasRenderingContext2D, view: View, sprites: Sprites, travelled: number): void {
  const first = Math.floor(travelled * PLACES);
  for (let n = Math.ceil(ROADSIDE * PLACES); n >= 0; n -= 1) {
    const place = first + n;
    const depth = place / PLACES - travelled;
    if (depth > ROADSIDE || depth < NEAREST) continue;
    const s = sizeAt(depth, view.depth);
    const y = view.horizon + (view.ground - view.horizon) * s;
    const reach = view.half * s;
    ctx.globalAlpha = Math.min(1, (ROADSIDE - depth) * 2.5);
    if (place % 2 === 0) {
      const w = reach * 0.3;
      for (let side = -1; side <= 1; side += 2) {
        const x = view.width / 2 + side * reach * 1.14;
        ctx.fillStyle = '#3A3480';
        ctx.fillRect(x - w * 0.04, y - w * 1.3, w * 0.08, w * 1.3);
        sprites.post.draw(ctx, x - w / 2, y - w * 2.1, w, 1);
      }
    } else {
      const w = reach * 0.72;
      const left = sprites.houses[((place * 7) >> 1) % 3 | 0];
      const right = sprites.houses[((place * 5) >> 1) % 3 | 0];
      left?.draw(ctx, view.width / 2 - reach * 1.72 - w / 2, y - w * 0.58, w, 1);
      right?.draw(ctx, view.width / 2 + reach * 1.72 - w / 2, y - w * 0.58, w, 1);
    }
  }
  ctx.globalAlpha = 1;
}
