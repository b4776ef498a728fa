import { useLive } from '../live.ts';
import { Ago, Heard, Loaded, Screen } from '../parts/Screen.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import type { Tablet, Tablets } from '../shapes.ts';
import { useWords, type Translate } from '../words/index.ts';
import { Link } from '../parts/Link.tsx';

export function TabletsScreen({ classId, className }: { classId: number; className: string }) {
  const t = useWords();
  const live = useLive<Tablets>(`/classes/${classId}/tablets`);
  return (
    <Screen title={t('tab_tablets')} about={t('tablets_about')} help="tablets" live={live} tab={t('tab_tablets')}>
      <Loaded live={live}>
        {({ tablets }) => <Table caption={t('tab_tablets')} columns={columns(t)} rows={tablets} keyOf={({ device }) => device} file={[className, t('tab_tablets')]} first={{ by: 'unsent', falling: true }} none={t('tablets_none')} />}
      </Loaded>
    </Screen>
  );
}

const unsentOf = ({ students }: Tablet) => students.reduce((sum, { unsent }) => sum + unsent, 0);
const oldestOf = ({ students }: Tablet) => students.flatMap(({ oldest }) => oldest ?? []).sort()[0] ?? null;

const columns = (t: Translate): Column<Tablet>[] => [
  { id: 'tablet', head: t('tablet'), value: ({ device }) => device, cell: ({ device }) => <code>{device}</code> },
  { id: 'heard', head: t('heard'), falling: true, value: ({ last_contact }) => last_contact, cell: ({ last_contact }) => <Heard then={last_contact} brief /> },
  { id: 'unsent', head: t('unsent'), falling: true, value: unsentOf },
  { id: 'oldest', head: t('unsent_oldest'), value: oldestOf, cell: (tablet) => <Ago then={oldestOf(tablet)} none="unsent_none_short" words="just_ago" now="just_now" /> },
  {
    id: 'children',
    head: t('children'),
    value: ({ students }) => students.map(({ nickname }) => nickname).join(', '),
    cell: ({ students }) => (
      <ul className="of-tablet">
        {students.map((child) => (
          <li key={child.id}>
            <ChildName child={child} t={t} />
          </li>
        ))}
      </ul>
    ),
  },
];

function ChildName({ child, t }: { child: Tablet['students'][number]; t: Translate }) {
  return (
    <>
      <Link to={{ name: 'child', studentId: child.id }} className="child-link">
        {child.nickname}
      </Link>
      {child.unsent > 0 && <span className="soft"> {t('games', { n: child.unsent })}</span>}
    </>
  );
}
