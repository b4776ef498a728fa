import { useWords, type Translate } from '../../i18n/index.ts';
import type { KnownStudent } from '../../outbox/store.ts';
import { Badge, BADGES } from '../../ui/art/Icons.tsx';
import { TopBar } from '../../ui/PaperButton.tsx';
import { go } from '../navigation.ts';

export function Badges({ student }: { student: KnownStudent }) {
  const t = useWords();
  const own = new Set((student.me?.achievements ?? []).map(({ id }) => id));
  return (
    <div>
      <TopBar title={t('badges_title')} onBack={() => go({ name: 'home' })} backLabel={t('before_back')} />
      <ul className="badges">
        {BADGES.map((id) => (
          <li key={id} className={own.has(id) ? 'paper own' : 'paper'} data-testid={`badge-${id}`} data-own={own.has(id)}>
            <Badge id={id} locked={!own.has(id)} size={96} />
            <strong>{t(`badge_${id}` as Parameters<Translate>[0])}</strong>
            <span className="soft small">{t(`badge_${id}_how` as Parameters<Translate>[0])}</span>
            {!own.has(id) && <span className="hidden">{t('badges_locked')}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
