import { useState, type ReactNode } from 'react';

import { othersOf } from '../classes.ts';
import { LONGEST_NICKNAME } from '../limits.ts';
import { useLive } from '../live.ts';
import { Field, Form, Told, useDoing } from '../parts/Doing.tsx';
import { Loaded, Screen } from '../parts/Screen.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { readSelf, tell } from '../server.ts';
import type { Card, ChildFigures, ClassView, Self } from '../shapes.ts';
import { useWords, type Translate } from '../words/index.ts';
import { Animals, ANIMALS } from './Change.tsx';
import { NewCard } from './Cards.tsx';
import { ChildLink } from './Class.tsx';
import { ImportRoster } from './Import.tsx';
import { ImportsSection } from './Imports.tsx';

export function RosterScreen({ classId, className, self }: { classId: number; className: string; self: Self }) {
  const t = useWords();
  const live = useLive<ClassView>(`/classes/${classId}`);
  const [imports, setImports] = useState(0);
  const refresh = () => {
    live.again();
    void readSelf();
  };
  const imported = () => {
    refresh();
    setImports((count) => count + 1);
  };
  return (
    <Screen title={t('tab_roster')} about={t('roster_about')} help="roster" live={live} tab={t('tab_roster')}>
      <Loaded live={live}>
        {(view) => (
          <div className="forms">
            <Fold title={t('add_title')}>
              <Add view={view} onAdded={refresh} />
            </Fold>
            <Fold title={t('import_title')} isOpen={view.students.length === 0}>
              <ImportRoster classId={classId} others={othersOf(self.classes, classId, t.tag)} onApplied={imported} />
              <ImportsSection classId={classId} key={imports} onUndone={refresh} />
            </Fold>
            <Table caption={t('children')} columns={columns(t)} rows={view.students} keyOf={({ id }) => id} file={[className, t('tab_roster')]} none={t('class_empty')} />
          </div>
        )}
      </Loaded>
    </Screen>
  );
}

/** Open at first only where it is what one came for; then as the person leaves it. */
function Fold({ title, isOpen = false, children }: { title: string; isOpen?: boolean; children: ReactNode }) {
  const [opensFirst] = useState(isOpen);
  return (
    <details className="paper" open={opensFirst}>
      <summary>
        <h2>{title}</h2>
      </summary>
      {children}
    </details>
  );
}

const columns = (t: Translate): Column<ChildFigures>[] => [
  { id: 'name', head: t('child'), value: ({ nickname }) => nickname, cell: (child) => <ChildLink child={child} to="change" /> },
  { id: 'level', head: t('level'), falling: true, value: ({ level }) => level },
  { id: 'xp', head: t('xp'), falling: true, value: ({ xp }) => xp },
];

function Add({ view, onAdded }: { view: ClassView; onAdded(): void }) {
  const t = useWords();
  const doing = useDoing();
  const [nickname, setNickname] = useState('');
  const [avatar, setAvatar] = useState(ANIMALS[view.students.length % ANIMALS.length]!);
  const [card, setCard] = useState<Card | null>(null);
  const send = () =>
    void doing.run(
      () => tell<Card>(`/classes/${view.class.id}/students`, { ...(nickname.trim() && { nickname: nickname.trim() }), avatar, language: t.tag }),
      (made) => {
        setCard(made);
        setNickname('');
        onAdded();
        return t('added', { name: made.nickname });
      },
    );
  return (
    <>
      <Form onSend={send} label={t('add_title')}>
        <Field label={t('nickname')} hint={t('nickname_made')} value={nickname} onChange={setNickname} maxLength={LONGEST_NICKNAME} />
        <Animals value={avatar} onChange={setAvatar} />
        <button disabled={doing.busy}>{t('add')}</button>
        <Told doing={doing} />
      </Form>
      {card && <NewCard card={card} className={view.class.name} />}
    </>
  );
}
