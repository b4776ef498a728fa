import { language, useWords, type Translate } from '../../i18n/index.ts';
import type { KnownStudent } from '../../outbox/store.ts';
import { Avatar, colourOf } from '../../ui/art/Avatar.tsx';
import { Sign } from '../../ui/art/Icons.tsx';
import { Face } from '../../ui/Face.tsx';
import { TopBar } from '../../ui/PaperButton.tsx';
import { badgeWords } from '../achievements.ts';
import { changeSettings } from '../actions.ts';
import { earnedHats, HAT_REASONS, type HatReason } from '../hats.ts';
import { go } from '../navigation.ts';
import { useApp, xpShown } from '../state.ts';

/** Where a child puts on one of the hats that playing has earned. */
export function Wardrobe({ student }: { student: KnownStudent }) {
  const t = useWords();
  const earned = earnedHats(student, xpShown(useApp(), student));
  const { hat = '' } = student.settings;
  return (
    <div className="wardrobe">
      <TopBar title={t('wardrobe_title')} onBack={() => go({ name: 'home' })} backLabel={t('before_back')} />
      <div className="wardrobe-mirror">
        <Face student={student} size={176} />
      </div>
      <ul className="hats">
        {['', ...Object.keys(HAT_REASONS)].map((id) => {
          const own = id === '' || earned.includes(id);
          return (
            <li key={id}>
              <button
                className={own ? 'hat paper' : 'hat paper locked'}
                aria-pressed={id === hat}
                disabled={!own}
                onClick={() => void changeSettings({ hat: id })}
                data-testid={`hat-${id || 'none'}`}
              >
                <Avatar id={student.avatar} colour={colourOf(student.id)} hat={id} size={84} />
                <span>{id === '' ? t('wardrobe_none') : own ? t('wardrobe_own') : howTo(t, HAT_REASONS[id]!)}</span>
                {id === hat && <Sign id="check" size={22} />}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function howTo(t: Translate, reason: HatReason): string {
  if ('level' in reason) return t('home_level', { n: reason.level });
  return badgeWords(language(), reason.badge).name;
}
