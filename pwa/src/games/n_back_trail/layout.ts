/** Where the stones lie: the one Neo stands on in front, those before it on a winding way behind. */

export interface Spot {
  /** Middle of the stone, in parts of the room. */
  x: number;
  y: number;
  scale: number;
}

const spot = (x: number, y: number, scale: number): Spot => ({ x, y, scale });

/** By stones back; the last one is where a stone goes out of sight. */
const UPRIGHT = [spot(0.56, 0.7, 1), spot(0.23, 0.4, 0.74), spot(0.7, 0.27, 0.6), spot(0.34, 0.16, 0.5), spot(0.6, 0.06, 0.36)] as const;
const WIDE = [spot(0.62, 0.62, 1), spot(0.37, 0.5, 0.76), spot(0.2, 0.36, 0.62), spot(0.07, 0.26, 0.5), spot(-0.05, 0.16, 0.4)] as const;
/** The stone to come. */
const UPRIGHT_NEXT = spot(0.98, 0.86, 0.8);
const WIDE_NEXT = spot(0.92, 0.7, 0.95);

export interface Layout {
  /** Side of the square of the front stone, in CSS pixels. */
  size: number;
  isWide: boolean;
  at(back: number): Spot;
}

export function layoutOf(width: number, height: number): Layout {
  const isWide = width > height;
  const spots = isWide ? WIDE : UPRIGHT;
  const size = isWide ? Math.min(width * 0.3, height * 0.5) : Math.min(width * 0.52, height * 0.4);
  return { size, isWide, at: (back) => (back < 0 ? (isWide ? WIDE_NEXT : UPRIGHT_NEXT) : (spots[Math.min(back, spots.length - 1)] ?? spots[0])) };
}
