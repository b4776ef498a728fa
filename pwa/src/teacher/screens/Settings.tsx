import { useState } from 'react';

import { save } from '../csv.ts';
import { DAY_MINUTES, KEPT_DAYS, KEPT_MONTHS, LONGEST_CLASS_NAME } from '../limits.ts';
import { useLive } from '../live.ts';
import { Field, Form, Told, useDoing } from '../parts/Doing.tsx';
import { Loaded, Screen } from '../parts/Screen.tsx';
import { readFile, readSelf, tell } from '../server.ts';
import type { ClassSettings, ClassView } from '../shapes.ts';
import { useWords } from '../words/index.ts';

export function Settings({ classId }: { classId: number }) {
  const t = useWords();
  const live = useLive<ClassView>(`/classes/${classId}`);
  const changed = () => {
    live.again();
    void readSelf();
  };
  return (
    <Screen title={t('tab_settings')} about={t('settings_about')} help="settings" tab={t('tab_settings')}>
      <Loaded live={live}>
        {({ class: own }) => (
          <div className="forms">
            <Choices own={own} onSaved={changed} />
            <YearsEnd own={own} onChanged={changed} />
          </div>
        )}
      </Loaded>
    </Screen>
  );
}

type Typed = Record<'name' | 'day_minutes' | 'trace_days' | 'raw_days' | 'keep_months', string> & { board: boolean };
const LIMITS = {
  trace_days: { words: 'trace', most: KEPT_DAYS.most },
  raw_days: { words: 'raw', most: KEPT_DAYS.most },
  keep_months: { words: 'keep', most: KEPT_MONTHS.most },
} as const;

function Choices({ own, onSaved }: { own: ClassView['class']; onSaved(): void }) {
  const t = useWords();
  const doing = useDoing();
  const [typed, setTyped] = useState<Typed>(() => ({
    name: own.name,
    board: own.leaderboard_enabled,
    day_minutes: String(own.day_minutes),
    trace_days: written(own.trace_days),
    raw_days: written(own.raw_days),
    keep_months: written(own.keep_months),
  }));
  const set = (name: keyof Typed) => (value: string) => setTyped((before) => ({ ...before, [name]: value }));
  const send = () => {
    const changes = changesOf(own, typed);
    if (!Object.keys(changes).length) return doing.say(t('nothing_changed'));
    void doing.run(
      () => tell(`/classes/${own.id}`, changes, 'PATCH'),
      () => {
        onSaved();
        return t('saved');
      },
    );
  };
  return (
    <section className="paper">
      <Form onSend={send} label={t('tab_settings')}>
        <Field label={t('class_name')} value={typed.name} onChange={set('name')} required maxLength={LONGEST_CLASS_NAME} />
        <label className="tick">
          <input type="checkbox" checked={typed.board} onChange={(event) => setTyped({ ...typed, board: event.currentTarget.checked })} />
          <span>{t('board')}</span>
        </label>
        <Field label={t('day_minutes')} hint={t('day_minutes_hint')} type="number" min={DAY_MINUTES.least} max={DAY_MINUTES.most} value={typed.day_minutes} onChange={set('day_minutes')} required />
        <h2>{t('retention_title')}</h2>
        <p className="hint">
          {t('retention_text')} {t('retention_hint')}
        </p>
        {(Object.keys(LIMITS) as (keyof typeof LIMITS)[]).map((name) => (
          <Field key={name} label={t(`retention_${LIMITS[name].words}`)} type="number" min={0} max={LIMITS[name].most} value={typed[name]} onChange={set(name)} />
        ))}
        <button className="main" disabled={doing.busy}>
          {t('save')}
        </button>
        <Told doing={doing} />
      </Form>
    </section>
  );
}

const written = (value: number | null) => (value === null ? '' : String(value));
const numberOr = (text: string) => (text.trim() === '' ? null : Number(text));

/** Only what differs, so that two people's changes do not undo each other. */
function changesOf(own: ClassSettings, typed: Typed): Partial<ClassSettings> {
  const wanted: ClassSettings = {
    name: typed.name.trim(),
    leaderboard_enabled: typed.board,
    day_minutes: Number(typed.day_minutes),
    trace_days: numberOr(typed.trace_days),
    raw_days: numberOr(typed.raw_days),
    keep_months: numberOr(typed.keep_months),
  };
  const names = (Object.keys(wanted) as (keyof ClassSettings)[]).filter((name) => wanted[name] !== own[name]);
  return Object.fromEntries(names.map((name) => [name, wanted[name]]));
}

function YearsEnd({ own, onChanged }: { own: ClassView['class']; onChanged(): void }) {
  const t = useWords();
  const saving = useDoing();
  const archiving = useDoing();
  const exportIt = () =>
    void saving.run(
      () => readFile(`/classes/${own.id}/export`),
      (file) => {
        save(file);
        return t('file_saved');
      },
    );
  const archive = () =>
    void archiving.run(
      () => tell(`/classes/${own.id}/archive`, { archived: !own.archived }),
      () => {
        onChanged();
        return t(own.archived ? 'archive_back_done' : 'archive_done');
      },
    );
  return (
    <section className="paper">
      <h2>{t('year_title')}</h2>
      <p>{t('year_export')}</p>
      <Form onSend={exportIt} label={t('year_export_go')}>
        <button disabled={saving.busy}>{t('year_export_go')}</button>
        <Told doing={saving} />
      </Form>
      <p>{t(own.archived ? 'archive_back_text' : 'archive_text')}</p>
      <Form onSend={archive} label={t(own.archived ? 'archive_back' : 'archive')}>
        <button disabled={archiving.busy}>{t(own.archived ? 'archive_back' : 'archive')}</button>
        <Told doing={archiving} />
      </Form>
    </section>
  );
}
