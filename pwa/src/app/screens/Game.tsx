import { useEffect, useRef, useState } from 'react';

import { loadGame } from '../../games/index.ts';
import type { RunningGame } from '../../games/types.ts';
import { language, useWords } from '../../i18n/index.ts';
import { handIn, hold, keepCheckpoints, letGo } from '../../session/checkpoint.ts';
import { beginRecording, goOnRecording } from '../../session/record.ts';
import type { Checkpoint } from '../../outbox/store.ts';
import { Neo } from '../../ui/art/Neo.tsx';
import { PaperButton } from '../../ui/PaperButton.tsx';
import { abandon, finish, sawTutorial, speaks } from '../actions.ts';
import { Arrival } from '../Arrival.tsx';
import { gameOf } from '../catalogue.ts';
import { difficultyOf } from '../difficulty.ts';
import { go, onBackInAGame } from '../navigation.ts';
import { refresh, sendNow } from '../sending.ts';
import { appState, current } from '../state.ts';
import { reportMissingPart } from '../updates.ts';

/** A round, full screen; the game itself draws everything inside. */
export function Game({ gameType, resume }: { gameType: string; resume?: Checkpoint | undefined }) {
  const t = useWords();
  const host = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  const [loading, setLoading] = useState(true);

  useEffect(() => {
    const student = current(appState());
    let running: RunningGame | undefined;
    let gone = false;
    let loaded = false;
    let stopKeeping: (() => void) | undefined;
    let release: (() => void) | undefined;
    const leave = (abandoned: Checkpoint) => {
      go({ name: 'home' });
      void handIn(abandoned).then(() => refresh()).then(() => sendNow());
    };
    loadGame(gameType)
      .then((game) => {
        if (gone || !host.current || !student) return;
        loaded = true;
        // The rules have changed: hand the round in as one of the old rules.
        if (resume && resume.saved.version !== game.version) return leave(resume);
        const recording = resume ? goOnRecording(resume) : beginRecording(gameType);
        release = () => letGo(recording.sessionId);
        const end = () => {
          release = undefined;
          stopKeeping?.();
          onBackInAGame(null);
        };
        setLoading(false);
        const mounted = game.mount(host.current, {
          seed: crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1,
          difficulty: difficultyOf(student, gameType),
          language: language(),
          sound: student.settings.sound,
          reducedMotion: student.settings.calm || matchMedia('(prefers-reduced-motion: reduce)').matches,
          voice: speaks(student.settings),
          leftHanded: student.settings.leftHanded ?? false,
          oneSwitch: student.settings.oneSwitch ?? false,
          tutorial: !(student.settings.tutorials ?? []).includes(gameType),
          onTutorialSeen: () => void sawTutorial(gameType),
          resume: resume?.saved,
          onFinish: (round) => {
            end();
            void finish(recording, round);
          },
          onLeave: (partial) => {
            end();
            void (partial ? finish(recording, partial) : abandon(recording));
          },
        });
        running = mounted;
        void hold(recording.sessionId);
        stopKeeping = keepCheckpoints(student.id, recording, mounted, () => {
          end();
          letGo(recording.sessionId);
          go({ name: 'home' });
        });
        onBackInAGame(() => mounted.pause());
      })
      .catch(() => {
        // A checkpoint that cannot be resumed is handed in as it is.
        if (loaded && resume) return leave(resume);
        setFailed(true);
        if (!loaded) reportMissingPart();
      });
    return () => {
      gone = true;
      stopKeeping?.();
      onBackInAGame(null);
      running?.destroy();
      // Another child's card has ended it: whoever comes next takes it over.
      release?.();
    };
  }, [gameType, resume]);

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
