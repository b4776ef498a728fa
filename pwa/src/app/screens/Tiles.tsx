import { useState } from 'react';

import { language, useWords } from '../../i18n/index.ts';
import { GameScene } from '../../ui/art/LaterArt.tsx';
import { Sign, Star } from '../../ui/art/Icons.tsx';
import { CATALOGUE, type CatalogueGame } from '../catalogue.ts';
import { go } from '../navigation.ts';

/** The games, the suggested one first. A game that cannot be played yet says so when it is tapped. */
export function Tiles({ suggested }: { suggested: string | undefined }) {
  const t = useWords();
  const [asked, setAsked] = useState<string | null>(null);
  const games = [...CATALOGUE].sort((a, b) => Number(b.id === suggested) - Number(a.id === suggested));
  return (
    <section className="tiles" aria-label={t('home_play')}>
      {games.map((game) => (
        <Tile
          key={game.id}
          game={game}
          next={game.id === suggested}
          asked={game.id === asked}
          onPress={() => (game.playable ? go({ name: 'before', gameType: game.id }) : setAsked(game.id))}
        />
      ))}
      <p role="status" className="hidden">
        {asked && t('home_wait')}
      </p>
    </section>
  );
}

interface TileProps {
  game: CatalogueGame;
  next: boolean;
  asked: boolean;
  onPress(): void;
}

function Tile({ game, next, asked, onPress }: TileProps) {
  const t = useWords();
  const kind = next ? ' tile-next' : game.playable ? '' : ' tile-waits';
  return (
    <button
      className={`tile${kind}`}
      onClick={onPress}
      data-testid={`tile-${game.id}`}
    >
      <span className="tile-scene">
        <GameScene id={game.id} />
        {asked && (
          <span className="tile-says" aria-hidden="true">
            {t('home_wait')}
          </span>
        )}
      </span>
      {next && (
        <span className="tile-hint">
          <Star size={22} />
          <span>{t('home_next')}</span>
        </span>
      )}
      <span className="tile-words">
        <span className="tile-name">{game.names[language()]}</span>
        {game.playable ? (
          <span className="tile-play">
            <Sign id="play" size={20} />
            {t('home_play')}
          </span>
        ) : (
          <span className="tile-soon">{t('home_soon')}</span>
        )}
      </span>
    </button>
  );
}
