/** The lanterns and stars, drawn once. */

import { box, disc, glow, shape, Sprite } from '../engine/sprite.ts';

/** A lantern's drawing is this many units wide; its body has a radius of BODY. */
export const LANTERN_UNITS = 260;
const MIDDLE = LANTERN_UNITS / 2;
const BODY = 76;
const INK = '#0E1029';

/** The hexagon's colours and how round its corners are, from the easiest levels to the hardest. It comes
 * to look like the round lantern, but keeps its six corners. */
const LOOKS = [
  { light: '#FF7A6B', edge: '#E8493D', round: 3, sign: true },
  { light: '#FF8A5C', edge: '#E8493D', round: 5, sign: false },
  { light: '#FFA04F', edge: '#E07B2E', round: 8, sign: false },
  { light: '#FFB848', edge: '#E8A421', round: 12, sign: false },
  { light: '#FFC53D', edge: '#E8A421', round: 16, sign: false },
] as const;

const LEVELS_A_LOOK = 4;

export const lookOf = (level: number): number => Math.min(LOOKS.length - 1, Math.floor((level - 1) / LEVELS_A_LOOK));

export interface Sprites {
  round: Sprite;
  hexagons: readonly Sprite[];
  /** A carried lantern on the string. */
  hung: Sprite;
  star: Sprite;
  spark: Sprite;
  puff: Sprite;
  /** Light that breathes around Neo. */
  breath: Sprite;
}

export function makeSprites(density: number): Sprites {
  return {
    round: new Sprite(LANTERN_UNITS, LANTERN_UNITS, density, drawRound),
    hexagons: LOOKS.map((_, look) => new Sprite(LANTERN_UNITS, LANTERN_UNITS, density, (ctx) => drawHexagon(ctx, look))),
    hung: new Sprite(60, 60, density, drawHung),
    star: new Sprite(80, 80, density, drawStar),
    spark: new Sprite(24, 24, density, (ctx) => shape(ctx, 'M12 0 Q13 11 24 12 Q13 13 12 24 Q11 13 0 12 Q11 11 12 0 Z', '#FFF3C4')),
    puff: new Sprite(40, 40, density, (ctx) => disc(ctx, 20, 20, 18, '#B9A3FF')),
    breath: new Sprite(200, 200, 1, (ctx) => {
      glow(ctx, 100, 100, 98, '#B9A3FF', '88');
      ctx.strokeStyle = '#FFF8EC';
      ctx.lineWidth = 3;
      ctx.beginPath();
      ctx.arc(100, 100, 84, 0, Math.PI * 2);
      ctx.stroke();
    }),
  };
}

function drawRound(ctx: CanvasRenderingContext2D): void {
  const path = circle(BODY);
  lantern(ctx, path, '#FFC53D', '#E8A421');
}

function drawHexagon(ctx: CanvasRenderingContext2D, look: number): void {
  const { light, edge, round, sign } = LOOKS[look] ?? LOOKS[0];
  lantern(ctx, hexagon(BODY * 1.1, round), light, edge);
  if (!sign) return;
  // Two bars, as on the pause button.
  box(ctx, MIDDLE - 32, MIDDLE - 36, 22, 72, 8, '#FFF8EC', 6);
  box(ctx, MIDDLE + 10, MIDDLE - 36, 22, 72, 8, '#FFF8EC', 6);
}

function lantern(ctx: CanvasRenderingContext2D, body: string, light: string, edge: string): void {
  glow(ctx, MIDDLE, MIDDLE, MIDDLE, light, 'cc');
  const outline = new Path2D(body);
  const inside = ctx.createRadialGradient(MIDDLE, MIDDLE + 14, 8, MIDDLE, MIDDLE, BODY * 1.15);
  inside.addColorStop(0, '#FFF3C4');
  inside.addColorStop(0.45, light);
  inside.addColorStop(1, edge);
  ctx.fillStyle = inside;
  ctx.fill(outline);
  ctx.save();
  ctx.clip(outline);
  ctx.strokeStyle = '#1F215044';
  ctx.lineWidth = 4;
  for (const bulge of [12, 44]) {
    for (const side of [-1, 1]) {
      const x = MIDDLE + side * bulge * 0.45;
      ctx.stroke(new Path2D(`M${x} 40 Q${MIDDLE + side * bulge * 1.6} ${MIDDLE} ${x} 220`));
    }
  }
  ctx.restore();
  ctx.strokeStyle = INK;
  ctx.lineWidth = 8;
  ctx.stroke(outline);
  box(ctx, MIDDLE - 28, MIDDLE - BODY - 14, 56, 20, 7, '#5B4BB8', 6);
  box(ctx, MIDDLE - 24, MIDDLE + BODY - 6, 48, 18, 7, '#5B4BB8', 6);
}

function circle(r: number): string {
  return `M${MIDDLE - r} ${MIDDLE} A${r} ${r} 0 1 1 ${MIDDLE + r} ${MIDDLE} A${r} ${r} 0 1 1 ${MIDDLE - r} ${MIDDLE} Z`;
}

/** Flat at the top and bottom, where the caps are; corners left and right. */
function hexagon(r: number, round: number): string {
  const corner = (n: number) => {
    const angle = (n * Math.PI) / 3;
    return { x: MIDDLE + r * Math.cos(angle), y: MIDDLE + r * Math.sin(angle) };
  };
  let path = '';
  for (let n = 0; n < 6; n += 1) {
    const at = corner(n);
    const before = corner(n - 1);
    const after = corner(n + 1);
    const part = round / r;
    const enter = { x: at.x + (before.x - at.x) * part, y: at.y + (before.y - at.y) * part };
    const leave = { x: at.x + (after.x - at.x) * part, y: at.y + (after.y - at.y) * part };
    path += `${n === 0 ? 'M' : 'L'}${enter.x} ${enter.y} Q${at.x} ${at.y} ${leave.x} ${leave.y} `;
  }
  return `${path}Z`;
}

function drawHung(ctx: CanvasRenderingContext2D): void {
  glow(ctx, 30, 32, 28, '#FFC53D', 'aa');
  ctx.strokeStyle = INK;
  ctx.lineWidth = 3;
  ctx.stroke(new Path2D('M30 2 V18'));
  disc(ctx, 30, 32, 13, '#FFC53D', 3);
  disc(ctx, 30, 35, 6, '#FFF3C4');
}

function drawStar(ctx: CanvasRenderingContext2D): void {
  glow(ctx, 40, 40, 40, '#B9A3FF', 'cc');
  shape(ctx, 'M40 14 L47.5 30 L65 32 L52 44 L55.5 61 L40 52.5 L24.5 61 L28 44 L15 32 L32.5 30 Z', '#FFF8EC', 4);
}
