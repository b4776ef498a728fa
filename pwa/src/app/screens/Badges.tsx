import { language, useWords } from '../../i18n/index.ts';
import type { KnownStudent } from '../../outbox/store.ts';
import { Badge } from '../../ui/art/Badge.tsx';
import { TopBar } from '../../ui/PaperButton.tsx';
import { BADGES, badgeWords } from '../achievements.ts';
import { CATALOGUE } from '../catalogue.ts';
import { go } from '../navigation.ts';

export function Badges({ student }: { student: KnownStudent }) {
  const t = useWords();
  const own = new Set((student.me?.achievements ?? []).map(({ id }) => id));
  // Badges from the server that this build does not know come last.
  const ids = [...BADGES, ...[...own].filter((id) => !BADGES.includes(id))];
  return (
    <div>
      <TopBar title={t('badges_title')} onBack={() => go({ name: 'home' })} backLabel={t('before_back')} />
      <ul className="badges">
        {ids.map((id) => {
          const { name, how } = badgeWords(language(), id);
          return (
            <li key={id} className={own.has(id) ? 'paper own' : 'paper'} data-testid={`badge-${id}`} data-own={own.has(id)}>
              <Badge id={id} locked={!own.has(id)} size={96} />
              <strong>{name}</strong>
              <span className="soft small">{how}</span>
              {!own.has(id) && <SoFar progress={soFar(student, id)} />}
              {!own.has(id) && <span className="hidden">{t('badges_locked')}</span>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** How far the child has come towards a badge that counts something. */
function soFar({ me }: KnownStudent, id: string): [n: number, of: number] | null {
  const games = me?.games ?? [];
  if (id === 'explorer') return [games.length, CATALOGUE.length];
  if (id === 'marathon') return [games.reduce((sum, { plays }) => sum + plays, 0), 50];
  const days = /^streak_(\d+)$/.exec(id)?.[1];
  return days ? [me?.streak.days ?? 0, Number(days)] : null;
}

function SoFar({ progress }: { progress: [n: number, of: number] | null }) {
  const t = useWords();
  if (!progress) return null;
  const [n, m] = progress;
  return (
    <svg className="badge-so-far" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={t('badges_so_far', { n, m })}>
      <rect width={(100 * Math.min(n, m)) / m} height="10" />
    </svg>
  );
}
