import { useWords, type Translate } from '../../i18n/index.ts';
import type { KnownStudent } from '../../outbox/store.ts';
import { Neo } from '../../ui/art/Neo.tsx';
import { Sign } from '../../ui/art/Icons.tsx';
import { Face } from '../../ui/Face.tsx';
import { PaperButton } from '../../ui/PaperButton.tsx';
import { choose } from '../actions.ts';
import { go } from '../navigation.ts';
import { useApp } from '../state.ts';

export function WhoPlays() {
  const t = useWords();
  const { students, storageAway } = useApp();
  const here = students.filter(({ access }) => access !== 'signed-out');
  return (
    <div className="who">
      <div className="who-hello">
        <Neo mood="wave" size={here.length ? 130 : 190} />
        <div>
          <h1>{t('who_title')}</h1>
          {here.length === 0 && <p>{t('who_hello')}</p>}
        </div>
      </div>
      {storageAway && (
        <p className="paper storage-away" role="alert" data-testid="storage-away">
          {t('storage_away')}
        </p>
      )}
      <ul className="who-list">
        {here.map((student) => (
          <li key={student.id}>
            <Child student={student} t={t} />
          </li>
        ))}
        <li>
          <button className="child new" onClick={() => go({ name: 'card' })} data-testid="new-card">
            <span className="child-picture">
              <Sign id="card" size={72} />
            </span>
            <span className="child-name">{t('who_new_card')}</span>
          </button>
        </li>
      </ul>
      {students.length > 0 && (
        <nav className="home-doors">
          <PaperButton sign="gear" onPress={() => go({ name: 'adults' })} testId="adults">
            {t('home_adults')}
          </PaperButton>
        </nav>
      )}
    </div>
  );
}

function Child({ student, t }: { student: KnownStudent; t: Translate }) {
  return (
    <button className="child" onClick={() => void choose(student.id)} data-testid={`child-${student.id}`}>
      <span className="child-picture">
        <Face student={student} size={112} />
      </span>
      <span className="child-name">{student.nickname}</span>
      {student.access === 'expired' && <span className="soft small">{t('who_needs_card')}</span>}
    </button>
  );
}
