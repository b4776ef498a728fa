/** Neo from the front: parts drawn once, moved like paper on strings. */

import { box, disc, glow, shape, Sprite } from '../engine/sprite.ts';

/** Neo's drawing is this many units high. */
const UNITS = 222;
const SKIN = '#B9A3FF';
const HEAD = '#CDBCFF';
const SHADE = '#8E78E8';

export const CALM_FACE = 0;
export const HAPPY_FACE = 1;
export const SURPRISED_FACE = 2;

/** How Neo stands now. */
export interface Pose {
  face: number;
  /** Height above the ground, as a share of Neo's own. */
  air: number;
  /** 0 to 1: how far the head is bowed. */
  nod: number;
  /** Radians; positive to the right. */
  lean: number;
  /** 0 to 1: how high the arms are. */
  arms: number;
  /** 0 to 1: how full of breath. */
  breath: number;
  /** For what always moves a little; does not pass with reduced motion. */
  time: number;
}

export class NeoSprite {
  readonly #tail: Sprite;
  readonly #leg: Sprite;
  readonly #arm: Sprite;
  readonly #body: Sprite;
  readonly #gills: Sprite;
  readonly #head: Sprite;
  readonly #faces: readonly Sprite[];
  readonly #pool: Sprite;

  constructor(density: number) {
    this.#tail = new Sprite(76, 74, density, (ctx) => {
      ctx.translate(-138, -130);
      shape(ctx, 'M146 186 C178 194 200 178 204 148 C206 138 196 136 190 144 C182 160 168 166 146 160 Z', SKIN, 5);
      line(ctx, 'M188 150 C192 160 182 178 164 182', '#FF7A6B', 5);
    });
    this.#leg = new Sprite(32, 30, density, (ctx) => box(ctx, 4, 4, 24, 22, 10, SHADE, 5));
    this.#arm = new Sprite(34, 56, density, (ctx) => {
      line(ctx, 'M17 16 C14 26 14 34 17 42', '#0E1029', 24);
      line(ctx, 'M17 16 C14 26 14 34 17 42', SKIN, 15);
    });
    this.#body = new Sprite(96, 84, density, drawBody);
    this.#gills = new Sprite(78, 120, density, drawGills);
    this.#head = new Sprite(136, 136, density, drawHead);
    this.#faces = [calmFace, happyFace, surprisedFace].map((draw) => new Sprite(92, 58, density, draw));
    this.#pool = new Sprite(160, 48, 0.5, (ctx) => {
      ctx.scale(1, 0.3);
      glow(ctx, 80, 80, 80, '#FFC53D', '99');
    });
  }

  /** Neo stands at `x`, `ground` and is `size` pixels high. */
  draw(ctx: CanvasRenderingContext2D, pose: Pose, x: number, ground: number, size: number): void {
    const { air, lean, nod, arms, breath, time } = pose;
    this.#pool.draw(ctx, x - size * 0.6, ground - size * 0.18, size * 1.2, 1);
    ctx.globalAlpha = 0.5 - 0.3 * Math.min(1, air * 3);
    ctx.fillStyle = '#0E1029';
    ctx.beginPath();
    ctx.ellipse(x, ground, size * (0.28 - air * 0.3), size * 0.045, 0, 0, Math.PI * 2);
    ctx.fill();
    ctx.globalAlpha = 1;

    ctx.save();
    ctx.translate(x, ground - air * size);
    ctx.rotate(lean);
    const unit = size / UNITS;
    const stretch = 1 + air * 0.5 - nod * 0.02;
    ctx.scale(unit / stretch, unit * stretch);
    const swing = Math.sin(time * 0.003);
    limb(ctx, this.#tail, 36, -52, swing * 0.1, -8, -54, 76, unit, false);
    this.#leg.draw(ctx, -30, -28, 32, unit);
    this.#leg.draw(ctx, -2, -28, 32, unit);
    const raised = 0.35 + arms * 2.1 + swing * 0.05;
    limb(ctx, this.#arm, -38, -78, raised, -17, -12, 34, unit, false);
    limb(ctx, this.#arm, 38, -78, raised, -17, -12, 34, unit, true);
    const full = 96 * (1 + breath * 0.06);
    this.#body.draw(ctx, -full / 2, -96 * (1 + breath * 0.03), full, unit);
    ctx.translate(0, nod * 11 - breath * 5);
    const flap = swing * 0.06 + breath * 0.12 + air;
    limb(ctx, this.#gills, -46, -142, flap, -74, -60, 78, unit, false);
    limb(ctx, this.#gills, 46, -142, flap, -74, -60, 78, unit, true);
    this.#head.draw(ctx, -68, -224, 136, unit);
    this.#faces[pose.face]?.draw(ctx, -46, -162 + nod * 4, 92, unit);
    ctx.restore();
  }
}

/** A part that turns about a joint; mirrored for the right side. */
function limb(ctx: CanvasRenderingContext2D, part: Sprite, x: number, y: number, turn: number, left: number, top: number, width: number, density: number, mirrored: boolean): void {
  ctx.save();
  ctx.translate(x, y);
  if (mirrored) ctx.scale(-1, 1);
  ctx.rotate(turn);
  part.draw(ctx, left, top, width, density);
  ctx.restore();
}

function line(ctx: CanvasRenderingContext2D, path: string, colour: string, width: number): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.stroke(new Path2D(path));
}

function drawBody(ctx: CanvasRenderingContext2D): void {
  ctx.translate(-62, -122);
  shape(ctx, 'M72 138 C72 126 148 126 148 138 L152 182 C152 208 68 208 68 182 Z', SKIN, 5);
  shape(ctx, 'M88 150 C88 144 132 144 132 150 L134 180 C134 194 86 194 86 180 Z', '#FFF8EC', 4);
  box(ctx, 101, 158, 18, 22, 7, '#FFC53D', 3);
  line(ctx, 'M105 158 v-4 h10 v4 M105 180 v4 h10 v-4', '#0E1029', 3);
}

function drawGills(ctx: CanvasRenderingContext2D): void {
  for (const [turn, fill] of [[-34, '#E8493D'], [26, '#E8493D'], [-4, '#FF7A6B']] as const) {
    ctx.save();
    ctx.translate(72, 60);
    ctx.rotate((turn * Math.PI) / 180);
    ctx.translate(-62, -78);
    shape(ctx, 'M64 72 C44 62 30 62 16 68 C22 72 24 74 22 78 C16 78 14 80 12 84 C30 90 48 88 64 84 Z', fill, 5);
    ctx.restore();
  }
}

function drawHead(ctx: CanvasRenderingContext2D): void {
  ctx.translate(-42, -2);
  line(ctx, 'M110 36 V20', '#0E1029', 6);
  glow(ctx, 110, 16, 14, '#FFC53D', 'cc');
  disc(ctx, 110, 16, 9, '#FFC53D', 4);
  box(ctx, 48, 36, 124, 98, 46, HEAD, 5);
  ctx.globalAlpha = 0.8;
  line(ctx, 'M62 60 C70 44 92 42 104 42', '#FFF8EC', 6);
  ctx.globalAlpha = 1;
  box(ctx, 64, 60, 92, 58, 27, '#171A3F', 4);
  ctx.globalAlpha = 0.55;
  disc(ctx, 74, 104, 6, '#E8493D');
  disc(ctx, 146, 104, 6, '#E8493D');
}

function calmFace(ctx: CanvasRenderingContext2D): void {
  for (const x of [24, 68]) {
    eye(ctx, x, 10, 12);
    disc(ctx, x, 25, 5.5, '#0E1029');
    disc(ctx, x + 3, 20, 2.5, '#FFF8EC');
  }
  line(ctx, 'M38 40 q8 7 16 0', '#FF7A6B', 4);
}

function happyFace(ctx: CanvasRenderingContext2D): void {
  line(ctx, 'M16 24 q8 9 16 0 M60 24 q8 9 16 0', '#3DDCB0', 6);
  line(ctx, 'M34 38 q12 12 24 0', '#FF7A6B', 4);
}

function surprisedFace(ctx: CanvasRenderingContext2D): void {
  for (const x of [24, 68]) {
    eye(ctx, x, 11, 13);
    disc(ctx, x, 23, 4, '#0E1029');
  }
  ctx.beginPath();
  ctx.ellipse(46, 44, 5, 6, 0, 0, Math.PI * 2);
  ctx.fillStyle = '#FF7A6B';
  ctx.fill();
}

function eye(ctx: CanvasRenderingContext2D, x: number, rx: number, ry: number): void {
  ctx.beginPath();
  ctx.ellipse(x, 23, rx, ry, 0, 0, Math.PI * 2);
  ctx.fillStyle = '#3DDCB0';
  ctx.fill();
}
