/** The six animals that children choose from, in the same hand as Neo. Printed cards draw the same ones. */

import { animals, colours as COLOURS } from '../../../../neuroplay/core/avatars.json';
import { useLaterArt } from './LaterArt.tsx';

const INK = '#1F2150';

const ANIMALS: Readonly<Record<string, string>> = animals;

/** The colour of a student's avatar, as the server computes it (neuroplay/core/rules/nicknames.py). Animals
 * are given in turn, so 48 children in a row differ in animal or colour. */
export function colourOf(studentId: number): number {
  return Math.floor(studentId / Object.keys(ANIMALS).length) % COLOURS.length;
}

interface Props {
  id: string;
  colour?: number | undefined;
  hat?: string | undefined;
  size?: number;
}

/** A round portrait; the name beside it says who it is, so it is hidden from screen readers. */
export function Avatar({ id, colour = 0, hat, size = 96 }: Props) {
  const animal = Object.keys(ANIMALS).includes(id) ? id : 'fox';
  const { disc, mark, width, pattern } = COLOURS[colour] ?? COLOURS[0]!;
  return (
    <svg className="avatar" viewBox="0 0 100 100" width={size} height={size} aria-hidden="true" focusable="false">
      <circle cx="50" cy="50" r="47" fill={disc} stroke={INK} strokeWidth="4" />
      <path d={pattern} fill="none" stroke={mark} strokeWidth={width} strokeLinecap="round" />
      <g transform="translate(10 16) scale(.8)" stroke={INK} strokeWidth="3.6" strokeLinejoin="round">
        <g dangerouslySetInnerHTML={{ __html: ANIMALS[animal]! }} />
        {hat && <Hat id={hat} y={TOP_OF_HEAD[animal]!} />}
      </g>
    </svg>
  );
}

function Hat({ id, y }: { id: string; y: number }) {
  return <g transform={`translate(50 ${y})`}>{useLaterArt()?.HATS[id]}</g>;
}

/** Where a hat sits. */
const TOP_OF_HEAD: Readonly<Record<string, number>> = { fox: 37, owl: 33, turtle: 54, cat: 36, rabbit: 42, bear: 32 };
