/** Neo from behind, running into the picture: parts drawn once, moved like paper on strings. */

import { type State } from './rules.ts';
import { JUMP_STEPS, LANE, STUMBLE_STEPS } from './rules_run.ts';
import { box, disc, glow, shape, Sprite } from '../engine/sprite.ts';

/** Neo's drawing is this many units high, and as wide from gill to gill. */
const UNITS = 270;
const SKIN = '#B9A3FF';
const HEAD = '#CDBCFF';
const SHADE = '#9C84EE';

export class NeoSprite {
  readonly #tail: Sprite;
  readonly #foot: Sprite;
  readonly #body: Sprite;
  readonly #arm: Sprite;
  readonly #gills: Sprite;
  readonly #head: Sprite;
  readonly #light: Sprite;

  constructor(density: number) {
    this.#tail = new Sprite(90, 130, density, drawTail);
    this.#foot = new Sprite(60, 50, density, (ctx) => shape(ctx, 'M30 6 C48 6 55 18 55 29 C55 40 44 45 30 45 C16 45 5 40 5 29 C5 18 12 6 30 6 Z', SHADE, 6));
    this.#body = new Sprite(150, 136, density, drawBody);
    this.#arm = new Sprite(44, 74, density, (ctx) => shape(ctx, 'M10 12 C20 2 34 8 36 20 C38 36 38 48 34 60 C30 70 14 70 11 60 C8 46 6 22 10 12 Z', SKIN, 6));
    this.#gills = new Sprite(100, 180, density, drawGills);
    this.#head = new Sprite(180, 176, density, drawHead);
    this.#light = new Sprite(160, 64, 0.5, (ctx) => {
      ctx.scale(1, 0.4);
      glow(ctx, 80, 80, 80, '#FFC53D', '99');
    });
  }

  /** `x` and `ground` are where Neo stands; `size` is the height; `pixels` is the picture's density. */
  draw(ctx: CanvasRenderingContext2D, state: State, share: number, x: number, ground: number, size: number, pixels: number, calm: boolean): void {
    const time = state.step + share;
    const jumping = state.jump >= 0;
    const air = jumping ? Math.min(1, (state.jump + share) / JUMP_STEPS) : 0;
    const height = 4 * air * (1 - air) * size * 0.78;
    const turning = (state.target * LANE - state.x) / LANE;
    const stumble = state.stumble > 0 ? Math.sin((state.stumble / STUMBLE_STEPS) * Math.PI * 4) : 0;
    const running = state.step > 0 && !jumping;
    const stride = running ? Math.sin(time * 0.36) : 0;
    const bob = running && !calm ? Math.abs(Math.cos(time * 0.36)) : 0;

    // Light on the road, warmer with a longer chain; then the shadow.
    const warm = Math.min(12, state.chain) / 12;
    const pool = size * (0.9 + warm * 0.3);
    ctx.globalAlpha = 0.4 + warm * 0.5;
    this.#light.draw(ctx, x - pool / 2, ground - pool * 0.2, pool, pixels);
    ctx.globalAlpha = 0.5 - 0.25 * air * (1 - air) * 4;
    ctx.fillStyle = '#0E1029';
    ctx.beginPath();
    ctx.ellipse(x, ground, size * 0.24 * (1 - 0.3 * 4 * air * (1 - air)), size * 0.055, 0, 0, Math.PI * 2);
    ctx.fill();
    ctx.globalAlpha = 1;

    ctx.save();
    ctx.translate(x, ground - height);
    ctx.rotate(turning * 0.24 + stumble * 0.16);
    // Long on the way up, flat when landing and in a change of lane.
    const stretch = jumping ? 1 + 0.12 * Math.cos(air * Math.PI * 2) : 1 - Math.abs(turning) * 0.1 + bob * 0.02;
    const unit = size / UNITS;
    ctx.scale(unit / stretch, unit * stretch);
    const density = pixels * unit;
    const lift = running ? 20 : 0;
    this.#foot.draw(ctx, -62, -44 - Math.max(0, stride) * lift - (jumping ? 6 : 0), 60, density);
    this.#foot.draw(ctx, 2, -44 - Math.max(0, -stride) * lift - (jumping ? 6 : 0), 60, density);
    ctx.translate(0, -bob * 9);
    this.#limb(ctx, this.#arm, -54, -122, jumping ? 1.5 : 0.34 + stride * 0.4, -22, -8, 44, density, false);
    this.#limb(ctx, this.#arm, 54, -122, jumping ? 1.5 : 0.34 - stride * 0.4, -22, -8, 44, density, true);
    this.#body.draw(ctx, -75, -150, 150, density);
    const flap = (calm ? 0 : Math.sin(time * 0.21) * 0.05) - (jumping ? Math.cos(air * Math.PI) * 0.16 : 0);
    ctx.translate(0, -bob * 4);
    this.#limb(ctx, this.#gills, -50, -186, -flap + turning * 0.1, -94, -90, 100, density, false);
    this.#limb(ctx, this.#gills, 50, -186, -flap - turning * 0.1, -94, -90, 100, density, true);
    this.#head.draw(ctx, -90, -290, 180, density);
    ctx.translate(0, bob * 8);
    const swing = calm ? 0.12 : Math.sin(time * 0.18) * 0.34;
    this.#limb(ctx, this.#tail, 0, -66, swing - turning * 0.4, -45, -16, 90, density, false);
    ctx.restore();
  }

  /** A part that turns about a joint; mirrored for the right side. */
  #limb(ctx: CanvasRenderingContext2D, part: Sprite, x: number, y: number, turn: number, left: number, top: number, width: number, density: number, mirrored: boolean): void {
    ctx.save();
    ctx.translate(x, y);
    if (mirrored) ctx.scale(-1, 1);
    ctx.rotate(turn);
    part.draw(ctx, left, top, width, density);
    ctx.restore();
  }
}

function drawTail(ctx: CanvasRenderingContext2D): void {
  shape(ctx, 'M45 8 C66 20 74 46 70 74 C67 98 56 116 45 124 C34 116 23 98 20 74 C16 46 24 20 45 8 Z', '#FF7A6B', 6);
  shape(ctx, 'M45 10 C58 26 62 50 58 74 C56 94 50 106 45 112 C40 106 34 94 32 74 C28 50 32 26 45 10 Z', SKIN);
  ctx.strokeStyle = SHADE;
  ctx.lineWidth = 4;
  ctx.stroke(new Path2D('M45 26 V92'));
}

function drawBody(ctx: CanvasRenderingContext2D): void {
  shape(ctx, 'M75 6 C112 6 134 40 134 78 C134 112 110 130 75 130 C40 130 16 112 16 78 C16 40 38 6 75 6 Z', SKIN, 7);
  shape(ctx, 'M22 88 C28 112 50 124 75 124 C100 124 122 112 128 88 C118 104 98 112 75 112 C52 112 32 104 22 88 Z', SHADE);
  // A battery on the back, as on Neo's chest.
  glow(ctx, 75, 66, 40, '#FFC53D', '66');
  box(ctx, 64, 34, 22, 12, 4, '#FFF8EC', 5);
  box(ctx, 54, 42, 42, 48, 12, '#FFC53D', 6);
  shape(ctx, 'M79 48 L64 68 H74 L70 84 L86 63 H76 Z', '#FFF8EC');
}

function drawGills(ctx: CanvasRenderingContext2D): void {
  const frond = 'M6 -14 C-22 -26 -46 -28 -68 -18 C-60 -13 -58 -9 -62 -3 C-70 -3 -74 2 -76 8 C-50 18 -22 16 6 12 Z';
  for (const [turn, fill] of [
    [-0.72, '#E8493D'],
    [0.72, '#E8493D'],
    [0, '#FF7A6B'],
  ] as const) {
    ctx.save();
    ctx.translate(94, 90);
    ctx.rotate(-turn);
    ctx.translate(-10, 0);
    shape(ctx, frond, fill, 6);
    ctx.strokeStyle = '#FFD2C4';
    ctx.lineWidth = 4;
    ctx.stroke(new Path2D('M-14 -4 C-30 -8 -42 -8 -50 -6'));
    ctx.restore();
  }
}

function drawHead(ctx: CanvasRenderingContext2D): void {
  ctx.strokeStyle = '#0E1029';
  ctx.lineWidth = 7;
  ctx.stroke(new Path2D('M90 50 V26'));
  glow(ctx, 90, 20, 20, '#FFC53D', 'cc');
  disc(ctx, 90, 20, 11, '#FFC53D', 6);
  box(ctx, 14, 46, 152, 124, 58, HEAD, 7);
  shape(ctx, 'M20 118 C26 148 48 166 74 166 H106 C132 166 154 148 160 118 C148 140 126 150 90 150 C54 150 32 140 20 118 Z', '#B6A0F8');
  ctx.strokeStyle = '#FFF8EC';
  ctx.lineWidth = 8;
  ctx.stroke(new Path2D('M34 88 C38 70 52 59 70 57'));
  // The lid of the robot's mind, and its three small lights.
  box(ctx, 60, 92, 60, 34, 17, '#171A3F', 5);
  for (const x of [75, 90, 105]) disc(ctx, x, 109, 5, '#3DDCB0');
}
