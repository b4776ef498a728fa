import { useMemo } from 'react';

import { Avatar, colourOf } from '../../ui/art/Avatar.tsx';
import { gameName, levelsOf, skillName } from '../games.ts';
import { useLive } from '../live.ts';
import { InClass } from '../parts/InClass.tsx';
import { Link } from '../parts/Link.tsx';
import { Plot } from '../parts/Plot.tsx';
import { Ago, Heard, Loaded, Screen } from '../parts/Screen.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import type { ChildGame, ChildView, Round } from '../shapes.ts';
import { durationOf, momentOf } from '../when.ts';
import { useWords, type Translate } from '../words/index.ts';
import { whyNext } from '../why_next.ts';

export function ChildScreen({ studentId }: { studentId: number }) {
  const t = useWords();
  const live = useLive<ChildView>(`/students/${studentId}`);
  const screen = (
    <Screen title={live.value ? <ChildName child={live.value.student} /> : t('child')} about={t('child_about')} help="child" live={live} tab={t('child')}>
      <Loaded live={live}>{(view) => <ChildFigures view={view} />}</Loaded>
    </Screen>
  );
  const { class: own } = live.value ?? {};
  return own ? (
    <InClass classId={own.id} name={own.name}>
      {screen}
    </InClass>
  ) : (
    screen
  );
}

export function ChildName({ child }: { child: { id: number; nickname: string; avatar: string } }) {
  return (
    <span className="child-name">
      <Avatar id={child.avatar} colour={colourOf(child.id)} size={52} />
      <span>{child.nickname}</span>
    </span>
  );
}

function ChildFigures({ view: { student, days, games, class: own } }: { view: ChildView }) {
  const t = useWords();
  const played = days.filter((day) => day.games > 0);
  const minutes = Math.round(played.reduce((sum, day) => sum + day.minutes, 0));
  return (
    <>
      <p className="actions">
        <Link to={{ name: 'change', studentId: student.id }}>{t('child_change')}</Link>
        <button type="button" onClick={() => print()}>
          {t('print')}
        </button>
      </p>
      <dl className="figures">
        <div>
          <dt>{t('heard')}</dt>
          <dd>
            <Heard then={student.last_heard} brief />
          </dd>
        </div>
        <div>
          <dt>{t('played_last')}</dt>
          <dd>
            <Ago then={student.last_played} none="played_never" words="just_ago" now="just_now" />
          </dd>
        </div>
        <div>
          <dt>{t('days_28')}</dt>
          <dd>{played.length ? `${t('days_played', { n: played.length })}, ${t('minutes', { n: minutes })}` : t('played_never_28')}</dd>
        </div>
        <div>
          <dt>{t('unsent')}</dt>
          <dd>
            <Link to={{ name: 'tablets', classId: own.id }}>{t('games', { n: student.unsent })}</Link>
          </dd>
        </div>
        <div>
          <dt>{t('held')}</dt>
          <dd>
            <Link to={{ name: 'held', classId: own.id }}>{t('games', { n: student.held })}</Link>
          </dd>
        </div>
      </dl>
      {own.made_up && <p className="note">{t('made_up')}</p>}
      {student.counting > 0 && <p className="soft">{t('counting', { n: student.counting })}</p>}
      {games.length === 0 && <p>{t('child_no_games')}</p>}
      {games.map((game) => (
        <Game key={game.game_type} game={game} />
      ))}
    </>
  );
}

function Game({ game }: { game: ChildGame }) {
  const t = useWords();
  const name = gameName(game.game_type, t.tag);
  const skill = skillName(game.game_type, t.tag);
  const lines = useMemo(() => linesOf(game.rounds), [game.rounds]);
  const [lowest, highest] = useMemo(() => shownLevels(game), [game]);
  return (
    <section className="game paper">
      <h2>{name}</h2>
      <p className="soft">
        {skill && t('practises_skill', { skill })} {t('plays', { n: game.plays })}{' '}
        <Ago then={game.last_played} none="played_never" words="played_ago" now="played_now" />
      </p>
      <p>{levelWords(game, t)}</p>
      {lines.times.length > 1 ? (
        <div className="plots">
          <figure>
            <figcaption>{t('plot_level')}</figcaption>
            <Plot label={t('plot_level_of', { name, n: lines.times.length })} line={lines.level} lowest={lowest} highest={highest} />
          </figure>
          <figure>
            <figcaption>{t('plot_right')}</figcaption>
            <Plot label={t('plot_right_of', { name, n: lines.times.length })} line={lines.right} lowest={0} highest={100} unit={t('percent_sign')} mark={80} />
          </figure>
        </div>
      ) : (
        <p className="hint">{t('plot_few')}</p>
      )}
      {game.rounds.length > 0 && (
        <details>
          <summary>{t('rounds_table', { n: game.rounds.length })}</summary>
          <Table caption={t('rounds_of', { name })} columns={rounds(t)} rows={game.rounds} keyOf={({ ended_at }) => ended_at} file={[name]} none="" />
        </details>
      )}
    </section>
  );
}

/** At least five levels, so that one level more or less looks like little; not all twenty, where nothing would be seen. */
function shownLevels({ game_type, rounds }: ChildGame): readonly [number, number] {
  const [lowest, highest] = levelsOf(game_type);
  const played = Math.max(lowest, ...rounds.map(({ difficulty }) => difficulty ?? lowest));
  return [lowest, Math.min(highest, Math.max(lowest + 5, played + 1))];
}

function linesOf(all: readonly Round[]) {
  const times = all.map(({ ended_at }) => Date.parse(ended_at) / 1000);
  return {
    times,
    level: { times, values: all.map(({ difficulty }) => difficulty) },
    right: { times, values: all.map(({ accuracy }) => (accuracy === null ? null : accuracy * 100)) },
  };
}

/** The level now, and why it is so. */
function levelWords(game: ChildGame, t: Translate): string {
  const last = [...game.rounds].reverse().find(({ completed }) => completed);
  const { words, next, right } = whyNext(last);
  if (words === null) return t('level_unknown');
  const values = { next: next!, from: last!.difficulty!, right: right ?? 0 };
  return t(words, values);
}

const rounds = (t: Translate): Column<Round>[] => [
  { id: 'when', head: t('when'), falling: true, value: ({ ended_at }) => ended_at, cell: ({ ended_at }) => momentOf(ended_at, t.tag) },
  { id: 'level', head: t('level'), falling: true, value: ({ difficulty }) => difficulty },
  { id: 'next', head: t('level_next'), falling: true, value: ({ next_difficulty }) => next_difficulty },
  {
    id: 'right',
    head: t('right'),
    falling: true,
    value: ({ accuracy }) => (accuracy === null ? null : Math.round(accuracy * 100)),
    cell: ({ accuracy }) => (accuracy === null ? '–' : t('percent', { n: Math.round(accuracy * 100) })),
  },
  { id: 'minutes', head: t('minutes_head'), falling: true, value: ({ duration_s }) => Math.round(duration_s / 6) / 10, cell: ({ duration_s }) => durationOf(duration_s, t.tag) },
  { id: 'whole', head: t('whole'), value: ({ completed }) => t(completed ? 'yes' : 'left') },
];
