import { useEffect, useRef, useState } from 'react';

import { loadGame } from '../../games/index.ts';
import type { RunningGame } from '../../games/types.ts';
import { language, useWords } from '../../i18n/index.ts';
import { beginRecording } from '../../session/record.ts';
import { Neo } from '../../ui/art/Neo.tsx';
import { PaperButton } from '../../ui/PaperButton.tsx';
import { finish } from '../actions.ts';
import { Arrival } from '../Arrival.tsx';
import { gameOf } from '../catalogue.ts';
import { difficultyOf } from '../difficulty.ts';
import { go } from '../navigation.ts';
import { appState, current } from '../state.ts';
import { reportMissingPart } from '../updates.ts';

/** Full screen; the game itself draws everything inside. */
export function Game({ gameType }: { gameType: string }) {
  const t = useWords();
  const host = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  const [loading, setLoading] = useState(true);

  useEffect(() => {
    const student = current(appState());
    let running: RunningGame | undefined;
    let gone = false;
    loadGame(gameType)
      .then((game) => {
        if (gone || !host.current || !student) return;
        const recording = beginRecording(gameType);
        setLoading(false);
        running = game.mount(host.current, {
          seed: crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1,
          difficulty: difficultyOf(student, gameType),
          language: language(),
          sound: student.settings.sound,
          reducedMotion: student.settings.calm || matchMedia('(prefers-reduced-motion: reduce)').matches,
          onFinish: (round) => void finish(recording, round),
          onLeave: (partial) => (partial ? void finish(recording, partial) : go({ name: 'home' })),
        });
      })
      .catch(() => {
        setFailed(true);
        reportMissingPart();
      });
    return () => {
      gone = true;
      running?.destroy();
    };
  }, [gameType]);

  return (
    <main className="game">
      <h1 className="hidden">{gameOf(gameType)?.names[language()] ?? t('home_play')}</h1>
      <div ref={host} className="game-host" />
      {loading && !failed && (
        <div className="centred game-wait" role="status">
          <Neo mood="run" />
          <p>{t('loading')}</p>
        </div>
      )}
      {failed && (
        <div className="centred game-wait" role="alert">
          <Neo mood="think" />
          <p>{t('game_failed')}</p>
          <PaperButton sign="home" onPress={() => go({ name: 'home' })}>
            {t('result_home')}
          </PaperButton>
        </div>
      )}
      <Arrival screen="game" />
    </main>
  );
}
