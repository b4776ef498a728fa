import { language, useWords } from '../../i18n/index.ts';
import type { KnownStudent } from '../../outbox/store.ts';
import { Avatar } from '../../ui/art/Avatar.tsx';
import { GameScene } from '../../ui/art/GameScene.tsx';
import { Badge, Lantern, Sign } from '../../ui/art/Icons.tsx';
import { PaperButton } from '../../ui/PaperButton.tsx';
import { leaveToWho } from '../actions.ts';
import { badgeWords } from '../achievements.ts';
import { CATALOGUE, type CatalogueGame } from '../catalogue.ts';
import { go } from '../navigation.ts';
import { levelOf, xpAt } from '../progress.ts';
import { uncountedOf, useApp, xpShown } from '../state.ts';
import { SafeGames } from './SafeGames.tsx';

export function Home({ student }: { student: KnownStudent }) {
  const t = useWords();
  const app = useApp();
  const own = app.items.filter((item) => item.studentId === student.id);
  const xp = xpShown(app, student);
  const playedToday = uncountedOf(app, student).some((item) => isToday(new Date(item.session.ended_at)));
  return (
    <div className="home">
      <header className="home-top paper">
        <button className="me" onClick={leaveToWho} aria-label={t('home_switch')} data-testid="switch-child">
          <Avatar id={student.avatar} size={72} />
        </button>
        <div className="me-words">
          <h1 data-title={t('result_home')}>{t('home_hello', { name: student.nickname })}</h1>
          <Streak student={student} playedToday={playedToday} />
        </div>
        <LevelMedal xp={xp} />
      </header>
      <section className="tiles" aria-label={t('home_play')}>
        {CATALOGUE.map((game, index) => (
          <Tile key={game.id} game={game} next={index === 0} />
        ))}
      </section>
      <Shelf student={student} />
      <nav className="home-doors">
        <PaperButton sign="medal" onPress={() => go({ name: 'badges' })} testId="badges">
          {t('home_badges')}
        </PaperButton>
        <PaperButton sign="podium" onPress={() => go({ name: 'board' })} testId="board">
          {t('home_board')}
        </PaperButton>
        <PaperButton sign="people" onPress={leaveToWho}>
          {t('home_switch')}
        </PaperButton>
        <PaperButton sign="gear" onPress={() => go({ name: 'adults' })} testId="adults">
          {t('home_adults')}
        </PaperButton>
      </nav>
      <SafeGames student={student} items={own} />
    </div>
  );
}

function isToday(moment: Date): boolean {
  return ownDay(moment) === ownDay(new Date());
}

/** The tablet's local calendar day, YYYY-MM-DD. */
function ownDay(moment: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

function Streak({ student, playedToday }: { student: KnownStudent; playedToday: boolean }) {
  const t = useWords();
  const streak = student.me?.streak;
  // The server's today is in UTC; the child's is this tablet's.
  const counted = streak?.last_day === ownDay(new Date());
  const today = playedToday || counted;
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

export function Ring({ share, size = 92 }: { share: number; size?: number }) {
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

function Tile({ game, next }: { game: CatalogueGame; next: boolean }) {
  const t = useWords();
  const name = game.names[language()];
  return (
    <button
      className={`tile${next ? ' tile-next' : ''}`}
      disabled={!game.playable}
      onClick={() => go({ name: 'before', gameType: game.id })}
      data-testid={`tile-${game.id}`}
    >
      <GameScene id={game.id} />
      {next && <span className="tile-hint">{t('home_next')}</span>}
      <span className="tile-words">
        <span className="tile-name">{name}</span>
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

/** The student's five newest badges. */
function Shelf({ student }: { student: KnownStudent }) {
  const t = useWords();
  const badges = [...(student.me?.achievements ?? [])].reverse().slice(0, 5);
  if (badges.length === 0) return null;
  return (
    <ul className="shelf" aria-label={t('home_badges')} data-testid="shelf">
      {badges.map(({ id }) => (
        <li key={id}>
          <Badge id={id} size={64} />
          <span className="hidden">{badgeWords(language(), id).name}</span>
        </li>
      ))}
    </ul>
  );
}
