/** A canvas that fills its place, at the device's resolution as far as it can be drawn in time. */

import { element } from './dom.ts';

/** Frames in a measurement of the pace, and frames skipped after a change. */
const JUDGED = 60;
const LET_PASS = 12;
const LATE_MS = 20;
const LESS = 0.8;
const LEAST_QUALITY = 0.5;
/** Lower limit of canvas pixels per CSS pixel. */
const LEAST_SCALE = 0.7;

export class Stage {
  readonly canvas: HTMLCanvasElement;
  readonly ctx: CanvasRenderingContext2D;
  /** In canvas pixels. */
  width = 1;
  height = 1;
  /** Canvas pixels per CSS pixel. */
  scale = 1;
  readonly #onResize: () => void;
  #quality = 1;
  #frames = -LET_PASS;
  #late = 0;
  #lateBefore = 0;
  #settled = false;

  /** `onResize` is called after each change of the size, but not for the first. */
  constructor(root: HTMLElement, label: string, onResize: () => void) {
    this.canvas = element('canvas', 'round-canvas');
    this.canvas.dataset.testid = 'game-canvas';
    this.canvas.setAttribute('role', 'img');
    this.canvas.setAttribute('aria-label', label);
    root.append(this.canvas);
    const ctx = this.canvas.getContext('2d', { alpha: false });
    if (!ctx) throw new Error('no 2d canvas');
    this.ctx = ctx;
    this.#onResize = onResize;
    this.#measure();
  }

  resize(): void {
    // Out of the page: it keeps the size that it had.
    if (this.canvas.clientWidth === 0 || this.canvas.clientHeight === 0) return;
    this.#measure();
    this.#onResize();
  }

  #measure(): void {
    const { clientWidth, clientHeight } = this.canvas;
    const full = Math.min(2, window.devicePixelRatio || 1);
    this.scale = Math.max(Math.min(full, LEAST_SCALE), full * this.#quality);
    this.width = Math.max(1, Math.round(clientWidth * this.scale));
    this.height = Math.max(1, Math.round(clientHeight * this.scale));
    this.canvas.width = this.width;
    this.canvas.height = this.height;
  }

  /** Reduce the resolution if many frames are late, unless that does not help. Call once a frame. */
  pace(frameMs: number): void {
    if (this.#settled || frameMs <= 0 || frameMs > 150) return;
    this.#frames += 1;
    if (this.#frames <= 0) return;
    if (frameMs > LATE_MS) this.#late += 1;
    if (this.#frames < JUDGED) return;
    const late = this.#late;
    this.#frames = -LET_PASS;
    this.#late = 0;
    if (late < JUDGED * 0.25) {
      this.#lateBefore = 0;
    } else if (this.#lateBefore > 0 && late > this.#lateBefore * 0.85) {
      // Drawing is not what takes the time (or the screen itself is slow): sharp again.
      this.#quality = Math.min(1, this.#quality + 1 - LESS);
      this.#settled = true;
      this.resize();
    } else if (this.#quality > LEAST_QUALITY) {
      this.#lateBefore = late;
      this.#quality = Math.max(LEAST_QUALITY, this.#quality - 1 + LESS);
      this.resize();
    } else this.#settled = true;
  }
}
