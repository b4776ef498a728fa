import { useEffect, useState } from 'react';

import { language, useWords, type Translate } from '../../i18n/index.ts';
import type { KnownStudent } from '../../outbox/store.ts';
import { Badge } from '../../ui/art/Badge.tsx';
import { Sign, Star } from '../../ui/art/Icons.tsx';
import { Neo } from '../../ui/art/Neo.tsx';
import { PaperButton } from '../../ui/PaperButton.tsx';
import { GoalLantern } from '../../ui/art/GoalLantern.tsx';
import { badgeWords } from '../achievements.ts';
import { isTired, lampsOf } from '../day/today.ts';
import { go } from '../navigation.ts';
import { levelOf, ratingOf, starsOf, xpAt, xpOf } from '../progress.ts';
import type { Result } from '../state.ts';
import { play } from './Before.tsx';
import { Ring } from './Home.tsx';
import { goalWords } from './Lanterns.tsx';

const COUNT_MS = 1_800;
/** Who still taps as the round ends has not seen the buttons. */
const OPENS_AFTER_MS = 600;

export function ResultScreen({ student, result }: { student: KnownStudent; result: Result }) {
  const t = useWords();
  const { round, session } = result;
  const rating = ratingOf(round.accuracy, round.completed);
  const stars = starsOf(rating);
  const { share, skip } = useCountUp(student.settings.calm);
  const isOpen = useOpening();
  const gained = xpOf(session);
  const xp = result.xpBefore + Math.round(gained * share);
  const level = levelOf(xp);
  const fresh = (student.me?.achievements ?? [])
    .map(({ id }) => id)
    .filter((id) => !result.badgesBefore.includes(id));
  const allLit = result.lit.length > 0 && lampsOf(student).every(({ lit }) => lit);
  const on = (way: () => void) => () => (isTired(student) ? go({ name: 'sleepy', gameType: result.gameType }) : way());
  return (
    <div className="result" onClick={skip}>
      <Neo mood={rating === 'needs_improvement' || !round.completed ? 'idle' : 'cheer'} size={150} />
      <h1>{title(t, rating, round.completed)}</h1>
      <div className="stars" role="img" aria-label={t('stars', { n: stars })}>
        {[1, 2, 3].map((star) => (
          <span key={star} className={`star star-${star}${share * 3 >= star - 0.7 ? ' shown' : ''}`}>
            <Star lit={star <= stars} size={star === 2 ? 84 : 68} />
          </span>
        ))}
      </div>
      <div className="result-numbers paper">
        <p className="points">
          <strong data-testid="result-score" data-score={round.score}>
            {Math.round(round.score * share)}
          </strong>
          <span>{t('result_points', { n: round.score })}</span>
        </p>
        <div className="result-xp">
          <Ring share={(xp - xpAt(level)) / (xpAt(level + 1) - xpAt(level))} size={84} />
          <p>
            <strong>{t('home_level', { n: level })}</strong>
            <span>{t('result_xp', { n: gained })}</span>
          </p>
        </div>
      </div>
      {result.lit.map((id) => (
        <p key={id} className="new-badge paper" role="status" data-testid={`lit-${id}`}>
          <GoalLantern id={id} lit size={60} />
          <span>
            <strong>{t('lantern_lit')}</strong>
            {t(goalWords(id))}
          </span>
        </p>
      ))}
      {allLit && <p className="all-lit">{t('lantern_all')}</p>}
      {fresh.map((id) => (
        <p key={id} className="new-badge paper" role="status">
          <Badge id={id} size={72} />
          <span>
            <strong>{t('result_badge')}</strong>
            {badgeWords(language(), id).name}
          </span>
        </p>
      ))}
      <p className="feedback" data-testid="feedback">
        {round.feedback[language()]}
      </p>
      <p className="saved soft small" data-testid="saved" data-saved={result.saved}>
        <Sign id={result.saved ? 'check' : 'box'} size={20} />
        {t(result.sent ? 'result_sent' : result.saved ? 'result_saved' : 'result_unsaved')}
      </p>
      <div className="way-on">
        <PaperButton kind="main" sign="again" disabled={!isOpen} onPress={on(() => play(result.gameType))} testId="again">
          {t('result_again')}
        </PaperButton>
        <PaperButton sign="home" disabled={!isOpen} onPress={on(() => go({ name: 'home' }))} testId="result-home">
          {t('result_home')}
        </PaperButton>
      </div>
    </div>
  );
}

function title(t: Translate, rating: string, completed: boolean): string {
  if (!completed) return t('result_try');
  if (rating === 'excellent') return t('result_great');
  if (rating === 'good') return t('result_good');
  return t('result_average');
}

function useOpening(): boolean {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOpen(true), OPENS_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return isOpen;
}

/** 0 to 1 while the numbers count up; `skip` (a tap anywhere) ends it at once. */
function useCountUp(calm: boolean): { share: number; skip(): void } {
  const [share, setShare] = useState(calm ? 1 : 0);
  useEffect(() => {
    if (share >= 1) return undefined;
    const begun = performance.now() - share * COUNT_MS;
    let frame = requestAnimationFrame(function count(now) {
      const next = Math.min(1, (now - begun) / COUNT_MS);
      setShare((shown) => Math.max(shown, next));
      if (next < 1) frame = requestAnimationFrame(count);
    });
    return () => cancelAnimationFrame(frame);
    // The loop runs by itself; it starts once and ends at 1.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return { share, skip: () => setShare(1) };
}
