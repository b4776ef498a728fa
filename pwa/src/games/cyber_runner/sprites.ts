/** What lies on the road and beside it. Round is good, spiky hurts, square is a trick: the shape says
 * it, the colour only repeats it. */

import { box, disc, glow, shape, Sprite } from '../engine/sprite.ts';

export interface Sprites {
  orb: Sprite;
  /** By level: the higher, the more it looks like an orb. */
  decoy: Sprite;
  spikes: Sprite;
  hurdle: Sprite;
  spark: Sprite;
  puff: Sprite;
  chip: Sprite;
  post: Sprite;
  houses: readonly [Sprite, Sprite, Sprite];
  floating: Sprite;
  arch: Sprite;
}

/** `density` is how many pixels a unit takes; a lane is 200 units wide. */
export function makeSprites(level: number, density: number): Sprites {
  const sprite = (width: number, height: number, draw: (ctx: CanvasRenderingContext2D) => void) => new Sprite(width, height, density, draw);
  return {
    orb: sprite(132, 132, (ctx) => {
      ctx.translate(-14, -14);
      drawOrb(ctx);
    }),
    decoy: sprite(132, 132, (ctx) => {
      ctx.translate(-14, -14);
      drawDecoy(ctx, level);
    }),
    spikes: sprite(200, 170, drawSpikes),
    hurdle: sprite(600, 150, drawHurdle),
    spark: sprite(40, 40, (ctx) => {
      glow(ctx, 20, 20, 20, '#FFE08A', 'ff');
      shape(ctx, 'M20 4 L24 16 L36 20 L24 24 L20 36 L16 24 L4 20 L16 16 Z', '#FFF8EC');
    }),
    puff: sprite(48, 48, (ctx) => disc(ctx, 24, 24, 22, '#CDBCFFcc')),
    chip: sprite(40, 40, (ctx) => shape(ctx, 'M20 3 L37 33 L5 28 Z', '#FF7A6B', 4)),
    post: sprite(100, 112, (ctx) => {
      glow(ctx, 50, 58, 50, '#FF9F4A', 'bb');
      lantern(ctx, 50, 56, 30, 34, '#FF8F5A');
    }),
    houses: [
      sprite(260, 176, (ctx) => drawHouse(ctx, '#3B2F7A', '#E8493D')),
      sprite(260, 176, (ctx) => drawHouse(ctx, '#2B3A86', '#8E78E8')),
      sprite(260, 176, (ctx) => drawHouse(ctx, '#4A2F6E', '#2F7F8A')),
    ],
    floating: sprite(60, 80, drawFloating),
    arch: sprite(700, 420, drawArch),
  };
}

function drawOrb(ctx: CanvasRenderingContext2D): void {
  glow(ctx, 80, 80, 66, '#FFC53D', 'ff');
  const ball = ctx.createRadialGradient(66, 62, 4, 80, 80, 46);
  ball.addColorStop(0, '#FFFBE8');
  ball.addColorStop(0.4, '#FFE08A');
  ball.addColorStop(0.8, '#FFC53D');
  ball.addColorStop(1, '#F59E2A');
  ctx.beginPath();
  ctx.arc(80, 80, 44, 0, Math.PI * 2);
  ctx.fillStyle = ball;
  ctx.fill();
  ctx.lineWidth = 6;
  ctx.strokeStyle = '#0E1029';
  ctx.stroke();
  ctx.lineWidth = 3;
  ctx.strokeStyle = '#F59E2A99';
  ctx.stroke(new Path2D('M80 40 C56 56 56 104 80 120 M80 40 C104 56 104 104 80 120'));
  ctx.beginPath();
  ctx.ellipse(64, 60, 11, 8, -0.7, 0, Math.PI * 2);
  ctx.fillStyle = '#FFFFFF';
  ctx.fill();
}

/** By level, from ice to lantern light. */
const DECOYS = ['#8FE3FF', '#8FE3FF', '#A9C9FF', '#B9A3FF', '#DDB6D6', '#E6BBB0', '#F0C08E', '#F9C655'] as const;

/** A square, never quite an orb: the corners stay, the colour comes near. */
function drawDecoy(ctx: CanvasRenderingContext2D, level: number): void {
  const fill = DECOYS[level] ?? '#B9A3FF';
  glow(ctx, 80, 80, 66, fill, 'dd');
  box(ctx, 40, 40, 80, 80, 6 + level, fill, 6);
  box(ctx, 54, 54, 52, 52, 4, '#FFF8EC88');
  shape(ctx, 'M80 58 L102 80 L80 102 L58 80 Z', fill, 4);
  shape(ctx, 'M48 46 H78 L46 78 V48 Z', '#FFFFFF66');
}

/** Folded paper spikes: a light and a dark side each. */
function drawSpikes(ctx: CanvasRenderingContext2D): void {
  glow(ctx, 100, 130, 96, '#E8493D', '88');
  const spike = (x: number, w: number, h: number) => {
    const foot = 158;
    shape(ctx, `M${x - w} ${foot} L${x} ${foot - h} L${x + w} ${foot} Z`, '#FF7A6B', 7);
    shape(ctx, `M${x} ${foot - h} L${x + w} ${foot} H${x + w * 0.1} Z`, '#B92F3A');
    shape(ctx, `M${x - w * 0.55} ${foot - 8} L${x - w * 0.05} ${foot - h * 0.72} L${x - w * 0.2} ${foot - 8} Z`, '#FFC2B3');
  };
  spike(42, 30, 74);
  spike(160, 30, 80);
  spike(72, 32, 116);
  spike(130, 32, 108);
  spike(101, 34, 140);
  box(ctx, 10, 150, 180, 14, 7, '#5A2440', 5);
}

/** All three lanes: low, and its arrows point to the way over it. */
function drawHurdle(ctx: CanvasRenderingContext2D): void {
  for (const x of [26, 300, 574]) box(ctx, x - 10, 50, 20, 92, 6, '#5A2440', 6);
  for (let x = 34; x < 580; x += 48) shape(ctx, `M${x - 20} 66 L${x} 16 L${x + 20} 66 Z`, '#FF7A6B', 6);
  for (let x = 34; x < 580; x += 48) shape(ctx, `M${x} 22 L${x + 16} 64 H${x} Z`, '#B92F3A');
  box(ctx, 10, 58, 580, 52, 12, '#E8493D', 7);
  ctx.strokeStyle = '#FFF8EC';
  ctx.lineWidth = 9;
  for (const x of [100, 300, 500]) ctx.stroke(new Path2D(`M${x - 22} 95 L${x} 73 L${x + 22} 95`));
}

function lantern(ctx: CanvasRenderingContext2D, x: number, y: number, rx: number, ry: number, fill: string): void {
  const light = ctx.createRadialGradient(x, y + ry * 0.3, 2, x, y, ry * 1.1);
  light.addColorStop(0, '#FFF3C4');
  light.addColorStop(0.5, '#FFC53D');
  light.addColorStop(1, fill);
  ctx.beginPath();
  ctx.ellipse(x, y, rx, ry, 0, 0, Math.PI * 2);
  ctx.fillStyle = light;
  ctx.fill();
  ctx.lineWidth = 5;
  ctx.strokeStyle = '#0E1029';
  ctx.stroke();
  ctx.lineWidth = 2.5;
  ctx.strokeStyle = '#C2503C88';
  for (const bend of [-0.5, 0, 0.5]) {
    ctx.beginPath();
    ctx.moveTo(x, y - ry);
    ctx.quadraticCurveTo(x + rx * bend * 2.4, y, x, y + ry);
    ctx.stroke();
  }
  box(ctx, x - rx * 0.5, y - ry - 5, rx, 10, 4, '#E8493D', 4);
  box(ctx, x - rx * 0.4, y + ry - 5, rx * 0.8, 9, 4, '#E8493D', 4);
}

/** The top of a paper house: the road runs above the roofs. */
function drawHouse(ctx: CanvasRenderingContext2D, wall: string, roof: string): void {
  box(ctx, 42, 84, 176, 130, 4, wall, 6);
  for (const x of [60, 110, 160]) {
    glow(ctx, x + 20, 142, 34, '#FFC53D', '66');
    box(ctx, x, 116, 40, 54, 8, '#FFD978', 4);
    ctx.strokeStyle = '#7A4A3A';
    ctx.lineWidth = 4;
    ctx.stroke(new Path2D(`M${x + 20} 118 V168 M${x + 2} 142 H${x + 38}`));
  }
  shape(ctx, 'M8 94 C46 84 74 52 84 22 H176 C186 52 214 84 252 94 L246 106 H14 Z', roof, 7);
  shape(ctx, 'M84 22 H176 L182 38 H78 Z', '#FFFFFF33');
  ctx.strokeStyle = '#0E102955';
  ctx.lineWidth = 5;
  ctx.stroke(new Path2D('M104 36 C98 60 84 82 66 96 M130 36 V98 M156 36 C162 60 176 82 194 96'));
  box(ctx, 76, 12, 108, 16, 8, roof, 6);
}

function drawFloating(ctx: CanvasRenderingContext2D): void {
  glow(ctx, 30, 44, 30, '#FF9F4A', 'aa');
  shape(ctx, 'M18 26 C18 14 42 14 42 26 L38 54 C38 58 22 58 22 54 Z', '#FF9F5A');
  shape(ctx, 'M22 36 C22 28 38 28 38 36 L35 54 H25 Z', '#FFE08A');
}

/** The end of the course. */
function drawArch(ctx: CanvasRenderingContext2D): void {
  for (const x of [40, 620]) box(ctx, x, 90, 40, 326, 12, '#E8493D', 8);
  shape(ctx, 'M10 96 C120 60 580 60 690 96 L676 44 C560 8 140 8 24 44 Z', '#E8493D', 8);
  shape(ctx, 'M28 52 C150 18 550 18 672 52 L674 60 C550 28 150 28 26 60 Z', '#FFC53D');
  for (const x of [150, 250, 350, 450, 550]) {
    glow(ctx, x, 150, 60, '#FF9F4A', 'aa');
    ctx.strokeStyle = '#FFF8EC';
    ctx.lineWidth = 4;
    ctx.stroke(new Path2D(`M${x} 84 V112`));
    lantern(ctx, x, 150, 30, 34, '#FF8F5A');
  }
}
