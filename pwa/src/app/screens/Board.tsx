import { useEffect, useState } from 'react';

import type { Leaderboard } from '../../contract/wire.ts';
import { language, useWords } from '../../i18n/index.ts';
import type { KnownStudent } from '../../outbox/store.ts';
import { Avatar } from '../../ui/art/Avatar.tsx';
import { Star } from '../../ui/art/Icons.tsx';
import { Neo } from '../../ui/art/Neo.tsx';
import { TopBar } from '../../ui/PaperButton.tsx';
import { CATALOGUE } from '../catalogue.ts';
import { go } from '../navigation.ts';
import { readBoard, type Answer } from '../server.ts';

const GAMES = CATALOGUE.filter(({ playable }) => playable);

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
        <div className="segments" role="radiogroup">
          {GAMES.map((game) => (
            <button
              key={game.id}
              role="radio"
              aria-checked={game.id === gameType}
              onClick={() => setGameType(game.id)}
            >
              {game.names[language()]}
            </button>
          ))}
        </div>
      )}
      <Places answer={read?.gameType === gameType ? read.answer : null} student={student} />
    </div>
  );
}

function Places({ answer, student }: { answer: Answer<Leaderboard> | null; student: KnownStudent }) {
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
  return (
    <>
      <ol className="places">
        {top.map((place, index) => (
          <li key={`${place.nickname}${index}`} className={me?.rank === index + 1 ? 'paper own' : 'paper'}>
            <span className="rank">{index + 1}</span>
            <Avatar id={place.avatar} colour={place.colour} size={56} />
            <span className="place-name">{place.nickname}</span>
            <strong>{place.score}</strong>
          </li>
        ))}
      </ol>
      {me && me.rank > top.length && (
        <p className="paper own place-own">
          <Avatar id={student.avatar} size={56} />
          <span className="place-name">
            {t('board_me')} · {t('board_rank', { n: me.rank })}
          </span>
          <strong>{me.score}</strong>
          <Star size={28} />
        </p>
      )}
    </>
  );
}
