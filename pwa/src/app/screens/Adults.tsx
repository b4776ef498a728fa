import { useRef, useState, type ReactNode } from 'react';

import { language, LANGUAGES, momentOf, setLanguage, useWords, type Key, type Translate } from '../../i18n/index.ts';
import type { KnownStudent, OutboxItem, Trouble } from '../../outbox/store.ts';
import { Sign } from '../../ui/art/Icons.tsx';
import { PaperButton, TopBar } from '../../ui/PaperButton.tsx';
import { Arrival } from '../Arrival.tsx';
import { changeSettings, signOut } from '../actions.ts';
import { gameOf } from '../catalogue.ts';
import { go } from '../navigation.ts';
import { saveToFile } from '../save_to_file.ts';
import { sendNow } from '../sending.ts';
import { useApp } from '../state.ts';

const HOLD_MS = 3_000;

export function Adults({ student }: { student: KnownStudent | undefined }) {
  const t = useWords();
  const [open, setOpen] = useState(false);
  return (
    <div>
      <TopBar title={t('adults_title')} onBack={() => go({ name: student ? 'home' : 'who' })} backLabel={t('before_back')} />
      {open ? <Inside student={student} /> : <Held onHeld={() => setOpen(true)} />}
      {open && <Arrival screen="inside" />}
    </div>
  );
}

/** Opens when held for HOLD_MS, by finger, mouse or key: keeps small children out. */
function Held({ onHeld }: { onHeld(): void }) {
  const t = useWords();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [held, setHeld] = useState(false);
  const begin = () => {
    if (held) return;
    setHeld(true);
    timer.current = setTimeout(onHeld, HOLD_MS);
  };
  const end = () => {
    clearTimeout(timer.current);
    setHeld(false);
  };
  return (
    <div className="centred">
      <button
        className={`hold${held ? ' held' : ''}`}
        onPointerDown={begin}
        onPointerUp={end}
        onPointerLeave={end}
        onKeyDown={(event) => (event.key === 'Enter' || event.key === ' ') && begin()}
        onKeyUp={end}
        onBlur={end}
        onContextMenu={(event) => event.preventDefault()}
        data-testid="hold"
      >
        <Sign id="gear" size={48} />
        <span>{t('adults_hold')}</span>
      </button>
    </div>
  );
}

function Inside({ student }: { student: KnownStudent | undefined }) {
  return (
    <div className="adults">
      <Waiting />
      <section className="paper switches">
        {student && <OwnSwitches student={student} />}
        <Languages />
      </section>
      {student && <SignOut student={student} />}
    </div>
  );
}

function OwnSwitches({ student }: { student: KnownStudent }) {
  const t = useWords();
  const { sound, calm, bigText, voice = true, leftHanded = false, oneSwitch = false } = student.settings;
  return (
    <>
      <Switch on={sound} onChange={(on) => void changeSettings({ sound: on })}>
        {t('adults_sound')}
      </Switch>
      <Switch on={calm} onChange={(on) => void changeSettings({ calm: on })}>
        {t('adults_calm')}
      </Switch>
      <Switch on={bigText} onChange={(on) => void changeSettings({ bigText: on })}>
        {t('adults_big')}
      </Switch>
      <Switch on={voice} onChange={(on) => void changeSettings({ voice: on })}>
        {t('adults_voice')}
      </Switch>
      <Switch on={leftHanded} onChange={(on) => void changeSettings({ leftHanded: on })}>
        {t('adults_left_hand')}
      </Switch>
      <Switch on={oneSwitch} onChange={(on) => void changeSettings({ oneSwitch: on })}>
        {t('adults_one_switch')}
      </Switch>
    </>
  );
}

function Languages() {
  const t = useWords();
  return (
    <fieldset className="segments">
      <legend>{t('adults_language')}</legend>
      {LANGUAGES.map(({ id, name }) => (
        <label key={id} lang={id}>
          <input
            type="radio"
            name="language"
            checked={language() === id}
            onChange={() => setLanguage(id)}
            data-testid={`language-${id}`}
          />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** All unsent sessions on this tablet, by student, with the reason. */
function Waiting() {
  const t = useWords();
  const { items, students, troubles } = useApp();
  const [said, setSaid] = useState('');
  const send = async () => {
    setSaid(t('adults_sending'));
    const report = await sendNow('by-hand');
    setSaid(!report || report.again ? t('adults_not_sent') : t('adults_sent', { n: report.delivered.length }));
  };
  const save = async (student: KnownStudent) => {
    try {
      setSaid(t('adults_saved', { file: await saveToFile(student) }));
    } catch {
      setSaid(t('adults_not_saved'));
    }
  };
  const waitOf = (item: OutboxItem) => why(t, item, troubles.find((one) => one.studentId === item.studentId));
  return (
    <section className="paper">
      <h2>{t('adults_waiting')}</h2>
      {items.length === 0 && <p className="soft">{t('adults_none')}</p>}
      {students.map((student) => {
        const own = items.filter((item) => item.studentId === student.id);
        return own.length === 0 ? null : (
          <section key={student.id} className="waiting-child" data-testid={`waiting-${student.id}`}>
            <h3>
              {student.nickname}
              {student.access === 'signed-out' && <span className="soft small"> · {t('adults_left')}</span>}
            </h3>
            <ul className="waiting" data-testid="waiting">
              {own.map((item) => (
                <li key={item.sessionId} data-why={item.parked?.code ?? ''}>
                  {gameOf(item.session.game_type)?.names[language()] ?? item.session.game_type}
                  {' · '}
                  {momentOf(item.session.ended_at)}
                  <span className="soft"> · {waitOf(item)}</span>
                </li>
              ))}
            </ul>
            <PaperButton sign="box" onPress={() => void save(student)} testId={`save-${student.id}`}>
              {t('adults_save')}
            </PaperButton>
          </section>
        );
      })}
      <PaperButton kind="main" onPress={() => void send()} testId="send-now">
        {t('adults_send')}
      </PaperButton>
      <p role="status" className="soft" data-testid="said">
        {said}
      </p>
    </section>
  );
}

/** Texts by kind of trouble. One stored by a later release is shown as a server problem. */
const WAITS: Partial<Record<string, Key>> = {
  away: 'wait_away',
  stranger: 'wait_stranger',
  busy: 'wait_busy',
  broken: 'wait_broken',
  card: 'wait_card',
};

/** Why a session is still on this tablet, for adults. */
function why(t: Translate, { parked, putAt }: OutboxItem, trouble: Trouble | undefined): string {
  if (parked?.code === 'conflict') return t('adults_parked', { reason: t('parked_conflict') });
  if (parked) return t('adults_parked', { reason: parked.message || parked.code });
  if (!trouble || trouble.at < putAt) return t('wait_turn');
  return t(WAITS[trouble.kind] ?? 'wait_broken');
}

function Switch({ on, onChange, children }: { on: boolean; onChange(on: boolean): void; children: ReactNode }) {
  const t = useWords();
  return (
    <button className="switch" role="switch" aria-checked={on} onClick={() => onChange(!on)}>
      <span>{children}</span>
      <span className="switch-words soft small" aria-hidden="true">
        {t(on ? 'on' : 'off')}
      </span>
      <span className="switch-track" aria-hidden="true" />
    </button>
  );
}

function SignOut({ student }: { student: KnownStudent }) {
  const t = useWords();
  const { items } = useApp();
  const [asking, setAsking] = useState<boolean | null>(null);
  const left = items.filter((item) => item.studentId === student.id).length;
  if (!asking) {
    return (
      <PaperButton onPress={() => setAsking(true)} testId="sign-out" takesFocus={asking === false}>
        {t('adults_sign_out')}
      </PaperButton>
    );
  }
  return (
    <div className="paper" role="alertdialog" aria-label={t('adults_sign_out')}>
      <p>{left ? t('adults_sign_out_kept', { n: left }) : t('adults_sign_out_sure')}</p>
      <div className="result-doors">
        <PaperButton kind="main" onPress={() => void signOut()} testId="sign-out-yes">
          {t('adults_yes')}
        </PaperButton>
        <PaperButton onPress={() => setAsking(false)} takesFocus>
          {t('adults_no')}
        </PaperButton>
      </div>
    </div>
  );
}
