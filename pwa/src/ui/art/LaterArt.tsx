/** Drawings that come after the first screen, each with an empty place until then. */

import { startTransition, useEffect, useState } from 'react';

import type * as Later from './later.ts';

type LaterArt = typeof Later;

let loaded: LaterArt | undefined;

/** The drawings that load after the first screen. If they cannot be loaded, their place stays empty. */
export function useLaterArt(): LaterArt | undefined {
  const [art, setArt] = useState(loaded);
  useEffect(() => {
    if (loaded) return undefined;
    let gone = false;
    import('./later.ts').then(
      (later) => {
        loaded = later;
        // So many drawings at once would keep a slow tablet from answering.
        if (!gone) startTransition(() => setArt(later));
      },
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, []);
  return art;
}

/** A small living night scene for each game's tile. */
export function GameScene({ id }: { id: string }) {
  const Scene = useLaterArt()?.NightScene;
  return Scene ? <Scene id={id} /> : null;
}

/** The paper city that lies under the menus. */
export function City() {
  const Drawn = useLaterArt()?.PaperCity;
  return Drawn ? <Drawn /> : null;
}
