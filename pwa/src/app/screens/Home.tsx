import { useWords } from '../../i18n/index.ts';
import type { KnownStudent } from '../../outbox/store.ts';
import { Lantern, type SignId } from '../../ui/art/Icons.tsx';
import { Face } from '../../ui/Face.tsx';
import { PaperButton } from '../../ui/PaperButton.tsx';
import { leaveToWho } from '../actions.ts';
import { ownDay } from '../day/diary.ts';
import { hasPlayedOn, lampsOf, suggestedGame } from '../day/today.ts';
import { go } from '../navigation.ts';
import { levelOf, xpAt } from '../progress.ts';
import { uncountedOf, useApp, xpShown } from '../state.ts';
import { Lanterns } from './Lanterns.tsx';
import { SafeGames } from './SafeGames.tsx';
import { Tiles } from './Tiles.tsx';

export function Home({ student }: { student: KnownStudent }) {
  const t = useWords();
  const app = useApp();
  const own = app.items.filter((item) => item.studentId === student.id);
  const xp = xpShown(app, student);
  const playedToday = uncountedOf(app, student).some((item) => ownDay(Date.parse(item.session.ended_at)) === ownDay());
  return (
    <div className="home">
      <div className="home-top">
        <header className="home-me paper">
          <button className="me" onClick={() => go({ name: 'wardrobe' })} aria-label={t('wardrobe_title')} data-testid="wardrobe">
            <Face student={student} size={64} />
          </button>
          <div className="me-words">
            <h1 data-title={t('result_home')}>{t('home_hello', { name: student.nickname })}</h1>
            <Streak student={student} playedToday={playedToday} />
          </div>
          <LevelMedal xp={xp} />
        </header>
        <Lanterns lamps={lampsOf(student)} />
      </div>
      <Tiles suggested={suggestedGame(student)} />
      <nav className="home-doors">
        <Door sign="medal" testId="badges" onPress={() => go({ name: 'badges' })} words={t('home_badges')} />
        <Door sign="podium" testId="board" onPress={() => go({ name: 'board' })} words={t('home_board')} />
        <Door sign="people" testId="switch-child" onPress={leaveToWho} words={t('home_switch')} />
        <Door sign="gear" testId="adults" onPress={() => go({ name: 'adults' })} words={t('home_adults')} />
      </nav>
      <SafeGames student={student} items={own} />
    </div>
  );
}

/** A small way to another screen. */
function Door({ words, ...door }: { words: string; sign: SignId; testId: string; onPress(): void }) {
  return (
    <PaperButton kind="door" {...door}>
      {words}
    </PaperButton>
  );
}

function Streak({ student, playedToday }: { student: KnownStudent; playedToday: boolean }) {
  const t = useWords();
  const streak = student.me?.streak;
  // The server's today is in UTC; the child's is this tablet's.
  const counted = streak?.last_day === ownDay();
  // A server that corrected this tablet's clock counted another day.
  const today = playedToday || counted || hasPlayedOn(student, ownDay());
  const days = (streak?.days ?? 0) + (playedToday && !counted ? 1 : 0);
  const words = days === 0 || !today ? t('home_streak_none') : t('home_streak', { n: days });
  return (
    <p className="streak">
      <Lantern lit={today} size={34} />
      <span>{words}</span>
    </p>
  );
}

function LevelMedal({ xp }: { xp: number }) {
  const t = useWords();
  const level = levelOf(xp);
  const from = xpAt(level);
  const to = xpAt(level + 1);
  return (
    <div
      className="medal"
      role="img"
      aria-label={`${t('home_level', { n: level })}. ${t('home_xp', { n: xp, m: to })}`}
      data-testid="level"
      data-xp={xp}
      data-level={level}
    >
      <Ring share={(xp - from) / (to - from)} />
      <span className="medal-level">{level}</span>
      <span className="medal-xp">{t('home_xp', { n: xp, m: to })}</span>
    </div>
  );
}

const ROUND = 2 * Math.PI * 40;

export function Ring({ share, size = 76 }: { share: number; size?: number }) {
  return (
    <svg className="ring" viewBox="0 0 100 100" width={size} height={size} aria-hidden="true">
      <circle cx="50" cy="50" r="40" fill="#FFF8EC" stroke="#1F2150" strokeWidth="20" />
      <circle cx="50" cy="50" r="40" fill="none" stroke="#E9DCC2" strokeWidth="14" />
      <circle
        className="ring-share"
        cx="50"
        cy="50"
        r="40"
        fill="none"
        stroke="#FFC53D"
        strokeWidth="14"
        strokeDasharray={`${Math.min(Math.max(share, 0), 1) * ROUND} ${ROUND}`}
        transform="rotate(-90 50 50)"
      />
    </svg>
  );
}
