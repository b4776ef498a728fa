import { useEffect, useRef, useState } from 'react';

import { loadGame } from '../../games/index.ts';
import { language, useWords } from '../../i18n/index.ts';
import type { KnownStudent } from '../../outbox/store.ts';
import { Lantern } from '../../ui/art/Icons.tsx';
import { PaperButton, TopBar } from '../../ui/PaperButton.tsx';
import { hush, speak } from '../../games/engine/voice.ts';
import { changeSettings, showAgain, speaks } from '../actions.ts';
import { gameOf } from '../catalogue.ts';
import { difficultyOf, lanternsOf } from '../difficulty.ts';
import { go } from '../navigation.ts';
import { reportMissingPart } from '../updates.ts';

export function Before({ student, gameType }: { student: KnownStudent; gameType: string }) {
  const t = useWords();
  const lanterns = lanternsOf(gameType, difficultyOf(student, gameType));
  const { sound } = student.settings;
  const game = gameOf(gameType);
  const how = game?.how?.[language()];
  const speaking = speaks(student.settings);
  const hasSeen = student.settings.tutorials?.includes(gameType) ?? false;
  useEffect(() => {
    if (speaking && how) speak(how, language());
    return hush;
  }, [speaking, how]);
  return (
    <div className="before">
      <TopBar
        title={game?.names[language()] ?? ''}
        onBack={() => go({ name: 'home' })}
        backLabel={t('before_back')}
      >
        <PaperButton
          sign={sound ? 'sound' : 'mute'}
          label={t(sound ? 'sound_on' : 'sound_off')}
          onPress={() => void changeSettings({ sound: !sound })}
        />
      </TopBar>
      <div className="before-stage paper">
        <Preview gameType={gameType} student={student} />
      </div>
      {how && <p className="before-how">{how}</p>}
      {game?.keys && <p className="soft before-keys">{game.keys[language()]}</p>}
      <div className="lanterns" role="img" aria-label={t('before_level', { n: lanterns })}>
        {[1, 2, 3, 4, 5].map((place) => (
          <Lantern key={place} lit={place <= lanterns} size={40} />
        ))}
      </div>
      <div className="way-on">
        <PaperButton kind="main" sign="play" onPress={() => play(gameType)} testId="play">
          {t('before_play')}
        </PaperButton>
        {hasSeen && (
          <PaperButton sign="again" onPress={() => void showAgain(gameType).then(() => play(gameType))} testId="tutorial">
            {t('before_tutorial')}
          </PaperButton>
        )}
      </div>
    </div>
  );
}

let rounds = 0;

/** Start a round. Its number is its React key, so that "Play again" starts over. */
export function play(gameType: string): void {
  rounds += 1;
  go({ name: 'game', gameType, round: rounds });
}

function Preview({ gameType, student }: { gameType: string; student: KnownStudent }) {
  const t = useWords();
  const { calm } = student.settings;
  const host = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let stop: (() => void) | undefined;
    let gone = false;
    loadGame(gameType)
      .then((game) => {
        const still = calm || matchMedia('(prefers-reduced-motion: reduce)').matches;
        if (!gone && host.current) stop = game.preview(host.current, { language: language(), reducedMotion: still });
      })
      .catch(() => {
        setFailed(true);
        reportMissingPart();
      });
    return () => {
      gone = true;
      stop?.();
    };
  }, [gameType, calm]);
  if (failed) return <p role="alert">{t('game_failed')}</p>;
  return <div ref={host} className="preview" role="img" aria-label={t('before_how')} />;
}
