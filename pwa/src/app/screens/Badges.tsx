import { language, useWords } from '../../i18n/index.ts';
import type { KnownStudent } from '../../outbox/store.ts';
import { Badge } from '../../ui/art/Badge.tsx';
import { TopBar } from '../../ui/PaperButton.tsx';
import { BADGES, badgeWords } from '../achievements.ts';
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
              {!own.has(id) && <span className="hidden">{t('badges_locked')}</span>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
