import { useEffect } from 'react';

import { useWords } from '../i18n/index.ts';
import { PaperCity } from '../ui/art/GameScene.tsx';
import { Neo } from '../ui/art/Neo.tsx';
import { PaperButton } from '../ui/PaperButton.tsx';
import { Adults } from './screens/Adults.tsx';
import { Badges } from './screens/Badges.tsx';
import { Before } from './screens/Before.tsx';
import { Board } from './screens/Board.tsx';
import { CardEntry } from './screens/CardEntry.tsx';
import { Game } from './screens/Game.tsx';
import { Home } from './screens/Home.tsx';
import { ResultScreen } from './screens/ResultScreen.tsx';
import { WhoPlays } from './screens/WhoPlays.tsx';
import { current, useApp, type AppState } from './state.ts';
import { useTheUpdate } from './updates.ts';

export function App() {
  const app = useApp();
  const student = current(app);
  const settings = student?.settings;

  useEffect(() => {
    const { classList } = document.documentElement;
    classList.toggle('calm', settings?.calm ?? false);
    classList.toggle('big', settings?.bigText ?? false);
  }, [settings?.calm, settings?.bigText]);

  if (app.screen.name === 'game') return <Game key={app.screen.round} gameType={app.screen.gameType} />;
  return (
    <>
      <PaperCity />
      <main className={`screen screen-${app.screen.name}`}>{screenOf(app)}</main>
      {app.updateReady && app.screen.name !== 'result' && <UpdateOffer />}
    </>
  );
}

function screenOf(app: AppState) {
  const { screen } = app;
  const student = current(app);
  if (screen.name === 'who' || (!student && screen.name !== 'card' && screen.name !== 'loading')) {
    return <WhoPlays />;
  }
  switch (screen.name) {
    case 'card':
      return <CardEntry scanned={screen.scanned} first={screen.problem} />;
    case 'home':
      return <Home student={student!} />;
    case 'before':
      return <Before student={student!} gameType={screen.gameType} />;
    case 'result':
      return <ResultScreen student={student!} result={screen.result} />;
    case 'badges':
      return <Badges student={student!} />;
    case 'board':
      return <Board student={student!} />;
    case 'adults':
      return <Adults student={student!} />;
    default:
      return <Loading />;
  }
}

function Loading() {
  const t = useWords();
  return (
    <div className="centred" role="status">
      <Neo mood="run" />
      <p className="soft">{t('loading')}</p>
    </div>
  );
}

function UpdateOffer() {
  const t = useWords();
  return (
    <aside className="offer" role="status">
      <span>{t('update_ready')}</span>
      <PaperButton kind="main" onPress={useTheUpdate}>
        {t('update_now')}
      </PaperButton>
    </aside>
  );
}
