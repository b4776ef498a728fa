import { useState } from 'react';

import { Avatar } from '../../ui/art/Avatar.tsx';
import { animals } from '../../../../neuroplay/core/avatars.json';
import { othersOf } from '../classes.ts';
import { save } from '../csv.ts';
import { LONGEST_NICKNAME } from '../limits.ts';
import { useLive } from '../live.ts';
import { Choice, Field, Form, Told, useDoing } from '../parts/Doing.tsx';
import { InClass } from '../parts/InClass.tsx';
import { Link } from '../parts/Link.tsx';
import { Loaded, Screen } from '../parts/Screen.tsx';
import { forget, newCard, readFile, tell } from '../server.ts';
import type { Card, ChildView, ClassView, Receipt, Self } from '../shapes.ts';
import { useWords, type Key } from '../words/index.ts';
import { NewCard } from './Cards.tsx';
import { ChildName } from './Child.tsx';
import { Erase, ReceiptPaper } from './Erase.tsx';

export const ANIMALS = Object.keys(animals);

interface Props {
  view: ChildView;
  again(): void;
}

type Over = { receipt: Receipt } | { told: string };

/** What can be done about one child. */
export function Change({ studentId, self }: { studentId: number; self: Self }) {
  const [over, setOver] = useState<{ what: Over; classId: number } | null>(null);
  if (over) return <Gone {...over} />;
  const end = (classId: number) => (what: Over) => {
    forget(`/students/${studentId}`);
    setOver({ what, classId });
  };
  return <ChangeOf studentId={studentId} self={self} end={end} />;
}

function Gone({ what, classId }: { what: Over; classId: number }) {
  const t = useWords();
  const next = <Link to={{ name: 'roster', classId }}>{t('receipt_next')}</Link>;
  return (
    <Screen title={t('receipt' in what ? 'receipt_title' : 'merge_title')} tab={t('child_change')}>
      {'receipt' in what ? <ReceiptPaper receipt={what.receipt} /> : <p role="status">{what.told}</p>}
      <p className="actions">{next}</p>
    </Screen>
  );
}

function ChangeOf({ studentId, self, end }: { studentId: number; self: Self; end(classId: number): (what: Over) => void }) {
  const t = useWords();
  const live = useLive<ChildView>(`/students/${studentId}`);
  const own = live.value?.class;
  const screen = (
    <Screen title={live.value ? <ChildName child={live.value.student} /> : t('child')} about={t('change_about')} help="change" tab={t('child_change')}>
      <Loaded live={live}>
        {(view) => (
          <div className="forms">
            <p>
              <Link to={{ name: 'child', studentId }}>{t('child_back')}</Link>
            </p>
            <Rename view={view} again={live.again} key={view.student.nickname} />
            {/* A card and a choice belong to the class that they were made in. */}
            <CardAgain view={view} again={live.again} key={`card ${view.class.id}`} />
            <Move view={view} again={live.again} self={self} />
            <Merge view={view} key={`merge ${view.class.id}`} onMerged={(told) => end(view.class.id)({ told })} />
            <Export view={view} />
            <Erase student={view.student} onErased={(receipt) => end(view.class.id)({ receipt })} />
          </div>
        )}
      </Loaded>
    </Screen>
  );
  return own ? (
    <InClass classId={own.id} name={own.name}>
      {screen}
    </InClass>
  ) : (
    screen
  );
}

function Rename({ view: { student }, again }: Props) {
  const t = useWords();
  const doing = useDoing();
  const [nickname, setNickname] = useState(student.nickname);
  const [avatar, setAvatar] = useState(student.avatar);
  const send = () =>
    void doing.run(
      () => tell(`/students/${student.id}`, { nickname: nickname.trim(), avatar }, 'PATCH'),
      () => {
        again();
        return t('saved');
      },
    );
  return (
    <section className="paper">
      <h2>{t('rename_title')}</h2>
      <Form onSend={send} label={t('rename_title')}>
        <Field label={t('nickname')} hint={t('nickname_hint')} value={nickname} onChange={setNickname} required maxLength={LONGEST_NICKNAME} />
        <Animals value={avatar} onChange={setAvatar} />
        <button disabled={doing.busy}>{t('save')}</button>
        <Told doing={doing} />
      </Form>
    </section>
  );
}

export function Animals({ value, onChange }: { value: string; onChange(avatar: string): void }) {
  const t = useWords();
  return (
    <fieldset className="animals">
      <legend>{t('animal')}</legend>
      {ANIMALS.map((animal) => (
        <label key={animal} className={value === animal ? 'chosen' : undefined}>
          <input type="radio" name="animal" value={animal} checked={value === animal} onChange={() => onChange(animal)} />
          <Avatar id={animal} size={44} />
          <span>{t(`animal_${animal}` as Key)}</span>
        </label>
      ))}
    </fieldset>
  );
}

function CardAgain({ view: { student, class: own }, again }: Props) {
  const t = useWords();
  const doing = useDoing();
  const [card, setCard] = useState<Card | null>(null);
  const send = () =>
    void doing.run(
      async () => {
        const answer = await newCard(student.id, student.card_version);
        again();
        return answer;
      },
      (made) => {
        setCard(made);
        return t('card_made');
      },
    );
  return (
    <section className="paper">
      <h2>{t('card_new')}</h2>
      <p>{t('card_new_text', { name: student.nickname })}</p>
      <Form onSend={send} label={t('card_new')}>
        <button disabled={doing.busy}>{t('card_new')}</button>
        <Told doing={doing} />
      </Form>
      {card && <NewCard card={card} className={own.name} />}
    </section>
  );
}

function Move({ view: { student, class: own }, again, self }: Props & { self: Self }) {
  const t = useWords();
  const doing = useDoing();
  const others = othersOf(self.classes, own.id, t.tag);
  const [wanted, setTo] = useState('');
  // After a move the class that was chosen is the child's own.
  const to = others.find(({ id }) => String(id) === wanted) ?? (others.length === 1 ? others[0] : undefined);
  const [moved, setMoved] = useState<{ id: number; name: string } | null>(null);
  const send = () => {
    if (!to) return doing.say(t('move_choose'));
    void doing.run(
      () => tell(`/students/${student.id}/move`, { class_id: to.id }),
      () => {
        setMoved(to);
        again();
        return null;
      },
    );
  };
  return (
    <section className="paper">
      <h2>{t('move_title')}</h2>
      <p>{t('move_text', { name: student.nickname })}</p>
      {others.length === 0 ? (
        <p className="hint">{t('move_nowhere')}</p>
      ) : (
        <Form onSend={send} label={t('move_title')}>
          <Choice
            label={t('move_to')}
            value={String(to?.id ?? '')}
            options={[...(to ? [] : [['', t('choose')] as const]), ...others.map(({ id, name }) => [String(id), name] as const)]}
            onChange={setTo}
          />
          <button disabled={doing.busy}>{t('move_go')}</button>
          <Told doing={doing} />
        </Form>
      )}
      <p className="told good" role="status">
        {moved && t('moved', { name: student.nickname, to: moved.name })}
      </p>
      {moved && (
        <p>
          <Link to={{ name: 'cards', classId: moved.id }}>{t('moved_cards', { to: moved.name })}</Link>
        </p>
      )}
    </section>
  );
}

function Merge({ view: { student, class: own }, onMerged }: { view: ChildView; onMerged(told: string): void }) {
  const t = useWords();
  const doing = useDoing();
  const live = useLive<ClassView>(`/classes/${own.id}`);
  const others = (live.value?.students ?? []).filter(({ id }) => id !== student.id);
  const [into, setInto] = useState('');
  const [isSure, setIsSure] = useState(false);
  const other = others.find(({ id }) => String(id) === into);
  const send = () => {
    if (!other) return doing.say(t('merge_choose'));
    if (!isSure) return doing.say(t('merge_unsure'));
    void doing.run(
      () => tell(`/students/${student.id}/merge`, { into: other.id }),
      () => {
        onMerged(t('merged', { name: student.nickname, other: other.nickname }));
        return null;
      },
    );
  };
  return (
    <section className="paper">
      <h2>{t('merge_title')}</h2>
      <p>{t('merge_text', { name: student.nickname })}</p>
      <Form onSend={send} label={t('merge_title')}>
        <Choice
          label={t('merge_into')}
          value={into}
          options={[['', t('choose')], ...others.map(({ id, nickname, xp }) => [String(id), t('merge_option', { name: nickname, xp })] as const)]}
          onChange={(value) => {
            setInto(value);
            setIsSure(false);
          }}
        />
        {other && (
          <label className="tick">
            <input type="checkbox" checked={isSure} onChange={(event) => setIsSure(event.currentTarget.checked)} />
            <span>{t('merge_sure', { name: student.nickname, xp: student.xp, other: other.nickname, otherXp: other.xp })}</span>
          </label>
        )}
        <button disabled={doing.busy}>{t('merge_go')}</button>
        <Told doing={doing} />
      </Form>
    </section>
  );
}

function Export({ view: { student } }: { view: ChildView }) {
  const t = useWords();
  const doing = useDoing();
  const send = () =>
    void doing.run(
      () => readFile(`/students/${student.id}/export`),
      (file) => {
        save(file);
        return t('file_saved');
      },
    );
  return (
    <section className="paper">
      <h2>{t('export_title')}</h2>
      <p>{t('export_text')}</p>
      <Form onSend={send} label={t('export_title')}>
        <button disabled={doing.busy}>{t('save_file')}</button>
        <Told doing={doing} />
      </Form>
    </section>
  );
}
