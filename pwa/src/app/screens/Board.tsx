import { useEffect, useState } from 'react';

import type { Leaderboard } from '../../contract/wire.ts';
import { language, useWords } from '../../i18n/index.ts';
import type { KnownStudent } from '../../outbox/store.ts';
import { Avatar } from '../../ui/art/Avatar.tsx';
import { Star } from '../../ui/art/Icons.tsx';
import { Neo } from '../../ui/art/Neo.tsx';
import { Face } from '../../ui/Face.tsx';
import { TopBar } from '../../ui/PaperButton.tsx';
import { CATALOGUE } from '../catalogue.ts';
import { bestOf } from '../day/today.ts';
import { go } from '../navigation.ts';
import { readBoard, type Answer } from '../server.ts';

const GAMES = CATALOGUE.filter(({ playable }) => playable);

/** One's own best, then the class's first three on a podium and two more. A place behind these is nobody's
 * business. */
export function Board({ student }: { student: KnownStudent }) {
  const t = useWords();
  const [gameType, setGameType] = useState(GAMES[0]?.id ?? '');
  const [read, setRead] = useState<{ gameType: string; answer: Answer<Leaderboard> } | null>(null);
  useEffect(() => {
    let gone = false;
    void readBoard(student, gameType).then((answer) => {
      if (!gone) setRead({ gameType, answer });
    });
    return () => {
      gone = true;
    };
    // Ask again for another token or game, not when the student's row changes.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [student.token, gameType]);
  return (
    <div>
      <TopBar title={t('board_title')} onBack={() => go({ name: 'home' })} backLabel={t('before_back')} />
      {GAMES.length > 1 && (
        <div className="tabs" role="group" aria-label={t('board_games')}>
          {GAMES.map((game) => (
            <button key={game.id} className="tab" aria-pressed={game.id === gameType} onClick={() => setGameType(game.id)} data-testid={`board-${game.id}`}>
              {game.names[language()]}
            </button>
          ))}
        </div>
      )}
      <OwnBest student={student} gameType={gameType} />
      <Places answer={read?.gameType === gameType ? read.answer : null} />
    </div>
  );
}

/** One's own best comes first: the one that matters. */
function OwnBest({ student, gameType }: { student: KnownStudent; gameType: string }) {
  const t = useWords();
  const { best, raised } = bestOf(student, gameType);
  return (
    <p className="paper own own-best" data-testid="own-best">
      <Face student={student} size={72} />
      <span>
        {best > 0 ? <strong>{t('board_best', { n: best })}</strong> : t('board_no_best')}
        {raised > 0 && t('board_raised', { n: raised })}
      </span>
      {raised > 0 && <Star size={36} />}
    </p>
  );
}

const ON_THE_PODIUM = 3;

function Places({ answer }: { answer: Answer<Leaderboard> | null }) {
  const t = useWords();
  if (!answer) return <p className="centred soft" role="status">{t('loading')}</p>;
  if (answer.kind !== 'ok' || answer.value.top.length === 0) {
    const words =
      answer.kind === 'ok'
        ? t('board_empty')
        : answer.kind === 'refused' && answer.problem.code === 'leaderboard_off'
          ? t('board_off')
          : t('board_offline');
    return (
      <div className="centred">
        <Neo mood={answer.kind === 'away' ? 'sleep' : 'think'} />
        <p>{words}</p>
      </div>
    );
  }
  const { top, me } = answer.value;
  const own = me ? me.rank - 1 : -1;
  return (
    <>
      <ol className="podium">
        {top.slice(0, ON_THE_PODIUM).map((place, index) => (
          <li key={`${place.nickname}${index}`} data-own={index === own}>
            {index === own && <span className="you">{t('board_me')}</span>}
            <Avatar id={place.avatar} colour={place.colour} size={index === 0 ? 96 : 76} />
            <span className="place-name">{place.nickname}</span>
            <span className="step">
              <span className="rank">{index + 1}</span>
              <strong>{place.score}</strong>
            </span>
          </li>
        ))}
      </ol>
      {top.length > ON_THE_PODIUM && (
        <ol className="places" start={ON_THE_PODIUM + 1}>
          {top.slice(ON_THE_PODIUM).map((place, index) => (
            <li key={`${place.nickname}${index}`} className={index + ON_THE_PODIUM === own ? 'paper own' : 'paper'} data-own={index + ON_THE_PODIUM === own}>
              <span className="rank">{index + ON_THE_PODIUM + 1}</span>
              <Avatar id={place.avatar} colour={place.colour} size={56} />
              <span className="place-name">{place.nickname}</span>
              {index + ON_THE_PODIUM === own && <span className="you">{t('board_me')}</span>}
              <strong>{place.score}</strong>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
