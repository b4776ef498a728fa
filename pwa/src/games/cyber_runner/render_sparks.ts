/** What flies about: orbs on the way to the counter, sparks, puffs of dust, chips of paper. */

import type { Sprite } from '../engine/sprite.ts';
import type { Sprites } from './sprites.ts';

const MOST = 48;

const FLYER = 0;
const SPARK = 1;
const PUFF = 2;
const CHIP = 3;

interface Bit {
  kind: number;
  /** Milliseconds left, out of `whole`. */
  life: number;
  whole: number;
  x: number;
  y: number;
  vx: number;
  vy: number;
  size: number;
}

export class Sparks {
  readonly #bits: Bit[] = [];
  readonly #looks: readonly Sprite[];

  constructor(sprites: Sprites) {
    this.#looks = [sprites.orb, sprites.spark, sprites.puff, sprites.chip];
    for (let n = 0; n < MOST; n += 1) {
      this.#bits.push({ kind: 0, life: 0, whole: 1, x: 0, y: 0, vx: 0, vy: 0, size: 1 });
    }
  }

  /** An orb was caught: it flies home, and leaves sparks. */
  caught(x: number, y: number, size: number, sparks: number): void {
    this.#throw(FLYER, 1, x, y, size, 0, 460);
    this.#throw(SPARK, sparks, x, y, size * 0.34, size * 0.0028, 420);
  }

  landed(x: number, y: number, size: number): void {
    this.#throw(PUFF, 6, x, y, size * 0.24, size * 0.0016, 360);
  }

  fooled(x: number, y: number, size: number): void {
    this.#throw(PUFF, 9, x, y, size * 0.36, size * 0.0022, 520);
  }

  /** A decoy was left alone: stars rise from Neo. */
  leftAlone(x: number, y: number, size: number): void {
    this.#throw(SPARK, 5, x, y, size * 0.3, size * 0.0018, 700);
  }

  hit(x: number, y: number, size: number): void {
    this.#throw(CHIP, 10, x, y, size * 0.16, size * 0.004, 620);
  }

  #throw(kind: number, count: number, x: number, y: number, size: number, speed: number, life: number): void {
    let left = count;
    for (let n = 0; n < MOST && left > 0; n += 1) {
      const bit = this.#bits[n];
      if (!bit || bit.life > 0) continue;
      left -= 1;
      const angle = ((left + 0.5) / count) * Math.PI * 2 + kind;
      bit.kind = kind;
      bit.life = bit.whole = life * (1 - 0.2 * (left & 1));
      bit.x = x;
      bit.y = y;
      bit.vx = Math.cos(angle) * speed;
      bit.vy = Math.sin(angle) * speed * 0.7 - speed * 0.5;
      bit.size = size * (1 - 0.25 * (left % 3) * 0.5);
    }
  }

  /** Move on by `ms` and draw; flyers go to `homeX`, `homeY`. */
  draw(ctx: CanvasRenderingContext2D, ms: number, homeX: number, homeY: number, gravity: number): void {
    for (let n = 0; n < MOST; n += 1) {
      const bit = this.#bits[n];
      if (!bit || bit.life <= 0) continue;
      bit.life -= ms;
      if (bit.life <= 0) continue;
      const age = 1 - bit.life / bit.whole;
      let { x, y, size } = bit;
      if (bit.kind === FLYER) {
        const pull = age * age * (3 - 2 * age);
        // Around the middle of the road, not over what comes next.
        const aside = Math.sin(age * Math.PI) * bit.size * (bit.x < homeX ? -2 : 2);
        x += (homeX - x) * pull + aside;
        y += (homeY - y) * pull;
        size *= 1 - pull * 0.3 - age * 0.4;
        ctx.globalAlpha = Math.min(1, (1 - age) * 5);
      } else {
        if (bit.kind !== SPARK) bit.vy += gravity * ms * (bit.kind === CHIP ? 1.6 : 0.12);
        bit.x += bit.vx * ms;
        bit.y += bit.vy * ms;
        size *= bit.kind === PUFF ? 0.7 + age * 0.6 : 1 - age * 0.5;
        ctx.globalAlpha = (1 - age) * (bit.kind === PUFF ? 0.6 : 1);
      }
      this.#looks[bit.kind]?.draw(ctx, x - size / 2, y - size / 2, size, 1);
    }
    ctx.globalAlpha = 1;
  }
}
