/** The frame around every screen, and which one is shown. */

import { useEffect } from 'react';

import { Lantern } from '../ui/art/Icons.tsx';
import { InClass } from './parts/InClass.tsx';
import { Link } from './parts/Link.tsx';
import { NotThere, Screen } from './parts/Screen.tsx';
import { go, usePlace, type ClassTab, type Place } from './place.ts';
import { readSelf } from './server.ts';
import { useSession } from './session.ts';
import type { Self } from './shapes.ts';
import { Account } from './screens/Account.tsx';
import { Cards } from './screens/Cards.tsx';
import { Change } from './screens/Change.tsx';
import { ChildScreen } from './screens/Child.tsx';
import { ClassScreen } from './screens/Class.tsx';
import { Held } from './screens/Held.tsx';
import { Help } from './screens/Help.tsx';
import { Join } from './screens/Join.tsx';
import { OverviewScreen } from './screens/Overview.tsx';
import { RosterScreen } from './screens/Roster.tsx';
import { Settings } from './screens/Settings.tsx';
import { SignIn } from './screens/SignIn.tsx';
import { TabletsScreen } from './screens/Tablets.tsx';
import { clockOf } from './when.ts';
import { LANGUAGES, setLanguage, useWords, type Language } from './words/index.ts';

export function Page() {
  const t = useWords();
  const place = usePlace();
  const { session, silentSince } = useSession();
  const isIn = session.kind === 'in';
  return (
    <>
      <a className="skip" href="#main" onClick={skipToMain}>
        {t('skip')}
      </a>
      <header className="page-head">
        <Link to={{ name: 'overview' }} className="mark">
          <Lantern size={34} />
          <span>NeuroPlay</span>
        </Link>
        <nav aria-label={t('nav_label')}>
          {isIn && (
            <Link to={{ name: 'overview' }} current={place.name === 'overview'}>
              {t('nav_overview')}
            </Link>
          )}
          {isIn && (
            <Link to={{ name: 'account' }} current={place.name === 'account'}>
              {t('nav_account')}
            </Link>
          )}
          <Link to={{ name: 'help' }} current={place.name === 'help'}>
            {t('nav_help')}
          </Link>
        </nav>
        <LanguageChoice />
      </header>
      {isIn && silentSince !== null && (
        <p className="silent" role="alert">
          {t('silent_since', { clock: clockOf(silentSince, t.tag) })}
        </p>
      )}
      <main id="main" tabIndex={-1}>
        <Shown place={place} />
      </main>
    </>
  );
}

/** Without the hash in the address, where a screen's place is. */
function skipToMain(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function LanguageChoice() {
  const t = useWords();
  return (
    <label className="language">
      <span className="hidden">{t('language')}</span>
      <select value={t.tag} onChange={(event) => setLanguage(event.currentTarget.value as Language)}>
        {LANGUAGES.map(({ id, name }) => (
          <option key={id} value={id} lang={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Shown({ place }: { place: Place }) {
  const t = useWords();
  const { session } = useSession();
  if (place.name === 'help') return <Help />;
  if (place.name === 'join') return <Join token={place.token} key={place.token} />;
  switch (session.kind) {
    case 'starting':
      return <p role="status">{t('loading')}</p>;
    case 'unreachable':
      return <Unreachable />;
    case 'out':
      return <SignIn ended={session.ended} />;
    case 'in':
      return <Inside place={place} self={session.self} />;
  }
}

function Unreachable() {
  const t = useWords();
  useEffect(() => {
    const timer = setInterval(() => void readSelf(), 10_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Screen title={t('unreachable')} tab={t('nav_overview')}>
      <p role="status">{t('unreachable_text')}</p>
    </Screen>
  );
}

function Inside({ place, self }: { place: Exclude<Place, { name: 'join' }>; self: Self }) {
  if ('classId' in place) {
    const name = self.classes.find(({ id }) => id === place.classId)?.name;
    if (name === undefined) return <Unknown what="class" />;
    return (
      <InClass classId={place.classId} name={name} tab={place.name}>
        <ClassTabScreen key={`${place.name} ${place.classId}`} tab={place.name} classId={place.classId} className={name} self={self} />
      </InClass>
    );
  }
  switch (place.name) {
    case 'overview':
      return <OverviewScreen />;
    case 'child':
      return <ChildScreen key={place.studentId} studentId={place.studentId} />;
    case 'change':
      return <Change key={place.studentId} studentId={place.studentId} self={self} />;
    case 'account':
      return <Account self={self} />;
    default:
      return <Unknown />;
  }
}

function ClassTabScreen({ tab, classId, className, self }: { tab: ClassTab; classId: number; className: string; self: Self }) {
  switch (tab) {
    case 'class':
      return <ClassScreen classId={classId} name={className} />;
    case 'tablets':
      return <TabletsScreen classId={classId} className={className} />;
    case 'held':
      return <Held classId={classId} />;
    case 'cards':
      return <Cards classId={classId} />;
    case 'roster':
      return <RosterScreen classId={classId} className={className} self={self} />;
    case 'settings':
      return <Settings classId={classId} />;
  }
}

function Unknown({ what }: { what?: 'class' }) {
  const t = useWords();
  return (
    <Screen title={t('unknown_title')} tab={t('unknown_title')}>
      {what && <NotThere />}
      <p>
        <button type="button" onClick={() => go({ name: 'overview' }, { instead: true })}>
          {t('nav_overview')}
        </button>
      </p>
    </Screen>
  );
}
