import { useWords, type Key } from '../../i18n/index.ts';
import { GoalLantern } from '../../ui/art/GoalLantern.tsx';
import { Sign } from '../../ui/art/Icons.tsx';
import type { GoalId } from '../day/lanterns.ts';
import type { Lamp } from '../day/today.ts';

export const goalWords = (id: GoalId): Key => `goal_${id}`;

/** The three lanterns of the day, and what lights each. */
export function Lanterns({ lamps }: { lamps: readonly Lamp[] }) {
  const t = useWords();
  return (
    <ul className="lamps paper" aria-label={t('home_lanterns')} data-testid="lanterns">
      {lamps.map(({ id, lit }) => (
        <li key={id} className={lit ? 'lamp lit' : 'lamp'} data-goal={id} data-lit={lit}>
          <GoalLantern id={id} lit={lit} size={52} />
          <span>
            {t(goalWords(id))}
            {lit ? (
              <>
                {' '}
                <Sign id="check" size={18} />
                <span className="hidden">{t('lantern_lit')}</span>
              </>
            ) : (
              <span className="hidden"> ({t('lantern_dark')})</span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
