import { Avatar, colourOf } from '../../ui/art/Avatar.tsx';
import { gameName, skillName } from '../games.ts';
import { useLive } from '../live.ts';
import { Link } from '../parts/Link.tsx';
import { Ago, Heard, Loaded, Screen } from '../parts/Screen.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import type { ChildFigures, ClassView } from '../shapes.ts';
import { useWords, type Translate } from '../words/index.ts';

export function ClassScreen({ classId, name }: { classId: number; name: string }) {
  const t = useWords();
  const live = useLive<ClassView>(`/classes/${classId}`);
  return (
    <Screen title={name} about={t('class_about')} help="class" live={live} tab={t('class_title')}>
      <Loaded live={live}>
        {(view) => (
          <>
            {view.class.made_up && <p className="note">{t('made_up')}</p>}
            {view.class.archived && <p className="note">{t('archived_note')}</p>}
            <Table caption={t('children')} columns={children(t)} rows={view.students} keyOf={({ id }) => id} file={[name, t('children')]} none={t('class_empty')} />
            <section>
              <h2>{t('class_games')}</h2>
              <Table caption={t('class_games')} columns={games(t)} rows={view.games} keyOf={({ game_type }) => game_type} file={[name, t('class_games')]} none={t('games_none')} />
            </section>
          </>
        )}
      </Loaded>
    </Screen>
  );
}

/** A child's face and name, and where to read more. */
export function ChildLink({ child, to = 'child' }: { child: { id: number; nickname: string; avatar: string }; to?: 'child' | 'change' }) {
  return (
    <Link to={{ name: to, studentId: child.id }} className="child-link">
      <Avatar id={child.avatar} colour={colourOf(child.id)} size={34} />
      <span>{child.nickname}</span>
    </Link>
  );
}

const children = (t: Translate): Column<ChildFigures>[] => [
  { id: 'name', head: t('child'), value: ({ nickname }) => nickname, cell: (child) => <ChildLink child={child} /> },
  { id: 'heard', head: t('heard'), falling: true, value: ({ last_heard }) => last_heard, cell: ({ last_heard }) => <Heard then={last_heard} brief /> },
  {
    id: 'played',
    head: t('played_last'),
    falling: true,
    value: ({ last_played }) => last_played,
    cell: ({ last_played }) => <Ago then={last_played} none="played_never" words="just_ago" now="just_now" />,
  },
  { id: 'unsent', head: t('unsent'), falling: true, quiet: true, value: ({ unsent }) => unsent },
  { id: 'today', head: t('minutes_today'), falling: true, value: ({ minutes_today }) => Math.round(minutes_today) },
  { id: 'week', head: t('minutes_week'), falling: true, value: ({ minutes_week }) => Math.round(minutes_week) },
  { id: 'days', head: t('days_week'), falling: true, quiet: true, value: ({ days_week }) => days_week },
  { id: 'games', head: t('games_week'), falling: true, quiet: true, value: ({ games_week }) => games_week },
  { id: 'held', head: t('held'), falling: true, quiet: true, value: ({ held }) => held },
];

const games = (t: Translate): Column<ClassView['games'][number]>[] => [
  { id: 'game', head: t('game'), value: ({ game_type }) => gameName(game_type, t.tag) },
  { id: 'skill', head: t('practises'), value: ({ game_type }) => skillName(game_type, t.tag) },
  { id: 'children', head: t('children_who_played'), falling: true, value: ({ children }) => children },
  { id: 'games', head: t('games_week'), falling: true, value: ({ games_week }) => games_week },
  {
    id: 'right',
    head: t('right_week'),
    falling: true,
    value: ({ accuracy_week }) => (accuracy_week === null ? null : Math.round(accuracy_week * 100)),
    cell: ({ accuracy_week }) => (accuracy_week === null ? '–' : t('percent', { n: Math.round(accuracy_week * 100) })),
  },
];
