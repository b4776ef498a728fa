import { useState } from 'react';

import { Field, Form, Told, useDoing } from '../parts/Doing.tsx';
import { Link } from '../parts/Link.tsx';
import { Heard, Loaded, Screen } from '../parts/Screen.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { LARGEST_CLASS, LONGEST_CLASS_NAME } from '../limits.ts';
import { useLive } from '../live.ts';
import { readSelf, tell } from '../server.ts';
import type { ClassFigures, Overview } from '../shapes.ts';
import { useWords, type Translate } from '../words/index.ts';

/** With more classes than this, a table says more than cards. */
const MOST_CARDS = 6;

export function OverviewScreen() {
  const t = useWords();
  const [archivedToo, setArchivedToo] = useState(false);
  const live = useLive<Overview>(archivedToo ? '/overview?archived=1' : '/overview');
  return (
    <Screen title={t('nav_overview')} about={t('overview_about')} help="overview" live={live} tab={t('nav_overview')}>
      <Loaded live={live}>
        {({ classes }) => (
          <>
            {classes.length === 0 && <p>{t('overview_none')}</p>}
            {classes.length > 0 && classes.length <= MOST_CARDS && (
              <div className="class-cards">
                {classes.map((one) => (
                  <ClassCard key={one.id} figures={one} />
                ))}
              </div>
            )}
            {classes.length > MOST_CARDS && (
              <Table caption={t('nav_overview')} columns={columns(t)} rows={classes} keyOf={({ id }) => id} file={[t('nav_overview')]} none={t('overview_none')} />
            )}
          </>
        )}
      </Loaded>
      <label className="tick">
        <input type="checkbox" checked={archivedToo} onChange={(event) => setArchivedToo(event.currentTarget.checked)} />
        <span>{t('archived_too')}</span>
      </label>
      <NewClass onMade={live.again} />
    </Screen>
  );
}

function ClassCard({ figures }: { figures: ClassFigures }) {
  const t = useWords();
  const { id: classId, name, students } = figures;
  return (
    <section className="paper" aria-label={name}>
      <h2>
        <Link to={{ name: 'class', classId }}>{name}</Link>
        {figures.archived && <span className="badge">{t('archived')}</span>}
      </h2>
      <p className="soft">
        <Heard then={figures.last_heard} />
      </p>
      {students === 0 ? (
        <p>
          <Link to={{ name: 'roster', classId }}>{t('class_empty')}</Link>
        </p>
      ) : (
        <Played figures={figures} />
      )}
      {figures.made_up && <p className="note">{t('made_up')}</p>}
      <ul className="to-do">
        {figures.counting > 0 && <li className="soft">{t('counting', { n: figures.counting })}</li>}
        <li>
          <Link to={{ name: 'tablets', classId }}>
            {figures.unsent_games ? `${t('unsent_games', { n: figures.unsent_games })} ${t('on_tablets', { n: figures.unsent_tablets })}` : t('unsent_none')}
          </Link>
        </li>
        <li>
          <Link to={{ name: 'held', classId }} className={figures.held ? 'waits' : undefined}>
            {figures.held ? t('held_games', { n: figures.held }) : t('held_none')}
          </Link>
        </li>
      </ul>
    </section>
  );
}

function Played({ figures }: { figures: ClassFigures }) {
  const t = useWords();
  const { students } = figures;
  return (
    <dl className="figures">
      <Figure name={t('today')} value={t('played_of', { n: figures.played_today, of: students })} more={t('minutes', { n: Math.round(figures.minutes_today) })} />
      <Figure
        name={t('week')}
        value={t('played_of', { n: figures.played_week, of: students })}
        more={`${t('minutes', { n: Math.round(figures.minutes_week) })} · ${t('games', { n: figures.games_week })}`}
      />
    </dl>
  );
}

function Figure({ name, value, more }: { name: string; value: string; more: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
        <span>{more}</span>
      </dd>
    </div>
  );
}

const columns = (t: Translate): Column<ClassFigures>[] => [
  { id: 'name', head: t('class_title'), value: ({ name }) => name, cell: ({ id, name }) => <Link to={{ name: 'class', classId: id }}>{name}</Link> },
  { id: 'heard', head: t('heard'), falling: true, value: ({ last_heard }) => last_heard, cell: ({ last_heard }) => <Heard then={last_heard} brief /> },
  { id: 'students', head: t('children'), falling: true, value: ({ students }) => students },
  { id: 'today', head: t('played_today'), falling: true, value: ({ played_today }) => played_today },
  { id: 'week', head: t('played_week'), falling: true, value: ({ played_week }) => played_week },
  { id: 'minutes', head: t('minutes_week'), falling: true, value: ({ minutes_week }) => Math.round(minutes_week) },
  { id: 'games', head: t('games_week'), falling: true, value: ({ games_week }) => games_week },
  { id: 'unsent', head: t('unsent'), falling: true, quiet: true, value: ({ unsent_games }) => unsent_games },
  { id: 'held', head: t('held'), falling: true, quiet: true, value: ({ held }) => held },
];

function NewClass({ onMade }: { onMade(): void }) {
  const t = useWords();
  const doing = useDoing();
  const [name, setName] = useState('');
  const [students, setStudents] = useState('25');
  const send = () =>
    void doing.run(
      () => tell('/classes', { name: name.trim(), students: Number(students), language: t.tag }),
      () => {
        void readSelf();
        onMade();
        setName('');
        return t('class_made', { name: name.trim() });
      },
    );
  return (
    <details className="paper-fold">
      <summary>{t('class_new')}</summary>
      <Form onSend={send} label={t('class_new')}>
        <Field label={t('class_name')} hint={t('class_name_hint')} value={name} onChange={setName} required maxLength={LONGEST_CLASS_NAME} />
        <Field label={t('class_size')} hint={t('class_size_hint')} type="number" min={1} max={LARGEST_CLASS} value={students} onChange={setStudents} required />
        <button disabled={doing.busy}>{t('class_make')}</button>
        <Told doing={doing} />
      </Form>
    </details>
  );
}
