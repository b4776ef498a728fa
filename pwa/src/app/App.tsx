import { lazy, Suspense, useEffect, type ComponentType } from 'react';

import { useWords } from '../i18n/index.ts';
import { City } from '../ui/art/LaterArt.tsx';
import { Neo } from '../ui/art/Neo.tsx';
import { PaperButton } from '../ui/PaperButton.tsx';
import { Arrival } from './Arrival.tsx';
import { InstallOffer } from './screens/InstallOffer.tsx';
import { Home } from './screens/Home.tsx';
import { WhoPlays } from './screens/WhoPlays.tsx';
import { current, useApp, type AppState } from './state.ts';
import { reportMissingPart, useTheUpdate } from './updates.ts';

/** Screens that are never shown first. They load after the first page, in one chunk. */
const more = () => import('./screens/more.ts');
const Adults = later((screens) => screens.Adults);
const Badges = later((screens) => screens.Badges);
const Before = later((screens) => screens.Before);
const Board = later((screens) => screens.Board);
const CardEntry = later((screens) => screens.CardEntry);
const Game = later((screens) => screens.Game);
const ResultScreen = later((screens) => screens.ResultScreen);
const Sleepy = later((screens) => screens.Sleepy);
const Wardrobe = later((screens) => screens.Wardrobe);

function later<P>(pick: (screens: Awaited<ReturnType<typeof more>>) => ComponentType<P>) {
  return lazy(async () => {
    try {
      return { default: pick(await more()) };
    } catch {
      reportMissingPart();
      return { default: Unloaded as ComponentType<P> };
    }
  });
}

export function App() {
  const app = useApp();
  const student = current(app);
  const settings = student?.settings;

  useEffect(() => {
    // After the first screen has been drawn.
    void more().catch(() => undefined);
  }, []);
  useEffect(() => {
    const { classList } = document.documentElement;
    classList.toggle('calm', settings?.calm ?? false);
    classList.toggle('big', settings?.bigText ?? false);
  }, [settings?.calm, settings?.bigText]);

  if (app.screen.name === 'game') {
    return (
      <Suspense fallback={<Loading />}>
        <Game key={app.screen.round} gameType={app.screen.gameType} resume={app.screen.resume} />
      </Suspense>
    );
  }
  return (
    <>
      <City />
      <main className={`screen screen-${app.screen.name}`}>
        <Suspense fallback={<Loading />}>
          {screenOf(app)}
          <Arrival screen={app.screen.name} />
        </Suspense>
      </main>
      {/* Below the screen: the games come first. */}
      {app.updateReady && app.screen.name !== 'result' ? (
        <UpdateOffer />
      ) : (
        app.screen.name === 'home' && <InstallOffer />
      )}
    </>
  );
}

/** Screens that need no current student. */
const FOR_NOBODY: ReadonlySet<string> = new Set(['card', 'loading', 'adults']);

function screenOf(app: AppState) {
  const { screen } = app;
  const student = current(app);
  if (screen.name === 'who' || (!student && !FOR_NOBODY.has(screen.name))) return <WhoPlays />;
  switch (screen.name) {
    case 'card':
      return <CardEntry scanned={screen.scanned} first={screen.problem} />;
    case 'home':
      return <Home student={student!} />;
    case 'before':
      return <Before student={student!} gameType={screen.gameType} />;
    case 'result':
      return <ResultScreen student={student!} result={screen.result} />;
    case 'sleepy':
      return <Sleepy gameType={screen.gameType} />;
    case 'wardrobe':
      return <Wardrobe student={student!} />;
    case 'badges':
      return <Badges student={student!} />;
    case 'board':
      return <Board student={student!} />;
    case 'adults':
      return <Adults student={student} />;
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

function Unloaded() {
  const t = useWords();
  return (
    <div className="centred" role="alert">
      <Neo mood="think" />
      <p>{t('game_failed')}</p>
      {/* React keeps the failure for as long as the page lives. */}
      <PaperButton sign="home" onPress={() => location.reload()}>
        {t('result_home')}
      </PaperButton>
    </div>
  );
}

function UpdateOffer() {
  const t = useWords();
  return (
    <aside className="offer" role="status">
      <span>{t('update_ready')}</span>
      <PaperButton kind="main" onPress={useTheUpdate} testId="update">
        {t('update_now')}
      </PaperButton>
    </aside>
  );
}
