/** A line over time. The plotting library comes when the first plot is shown. */

import { useEffect, useRef, useState } from 'react';

import type { draw } from './uplot.ts';
import { useWords } from '../words/index.ts';

export interface Line {
  /** Unix times in seconds, rising. */
  times: number[];
  values: (number | null)[];
}

interface Props {
  /** What it shows, for those who do not see it. */
  label: string;
  line: Line;
  lowest: number;
  highest: number;
  unit?: string;
  /** A level line, as of a target. */
  mark?: number | undefined;
}

const HEIGHT = 170;
type Library = { draw: typeof draw };

let loading: Promise<Library> | undefined;

export function Plot({ label, line, lowest, highest, unit = '', mark }: Props) {
  const { tag } = useWords();
  const place = useRef<HTMLDivElement>(null);
  const [library, setLibrary] = useState<Library | null>(null);
  useEffect(() => {
    let over = false;
    loading ??= import('./uplot.ts');
    loading.then(
      (loaded) => {
        if (!over) setLibrary(loaded);
      },
      () => {
        loading = undefined; // Without a network: the table says the same.
      },
    );
    return () => {
      over = true;
    };
  }, []);
  useEffect(() => {
    const element = place.current;
    if (!library || !element) return;
    const plot = library.draw(element, { line, lowest, highest, unit, mark, tag, height: HEIGHT });
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [library, line, lowest, highest, unit, mark, tag]);
  return <div ref={place} className="plot" role="img" aria-label={label} />;
}
