/** Forms that send something, and what came of it. */

import { useRef, useState, type FormEvent, type ReactNode } from 'react';

import { DAY_MINUTES, KEPT_DAYS, KEPT_MONTHS, LARGEST_CLASS, LONGEST_CLASS_NAME, LONGEST_NICKNAME } from '../limits.ts';
import type { Answer } from '../server.ts';
import { useWords, type Key, type Translate } from '../words/index.ts';

const CODES: Record<string, Key> = {
  not_found: 'not_found',
  csrf: 'page_old',
  wrong_passphrase: 'sign_in_wrong',
  wrong_old_passphrase: 'passphrase_old_wrong',
  needs_https: 'needs_https',
  archived_class: 'class_is_archived',
  class_archived: 'class_is_archived',
  bad_class_name: 'class_name_bad',
  bad_class_size: 'class_full',
  class_full: 'class_full',
  bad_day_minutes: 'day_minutes_bad',
  bad_retention: 'retention_bad',
  bad_nickname: 'nickname_bad',
  nickname_taken: 'nickname_taken',
  wrong_nickname: 'changed_meanwhile',
  student_moved: 'changed_meanwhile',
  card_changed: 'changed_meanwhile',
  not_a_roster: 'import_unreadable',
  bad_roster: 'line_letters',
  body_too_large: 'import_too_large',
  already_undone: 'undo_twice',
  too_late: 'undo_late',
  roster_changed: 'preview_old',
  weak_passphrase: 'passphrase_weak',
};

const VALUES: Partial<Record<Key, Record<string, number>>> = {
  class_name_bad: { most: LONGEST_CLASS_NAME },
  class_full: { most: LARGEST_CLASS },
  day_minutes_bad: DAY_MINUTES,
  retention_bad: { days: KEPT_DAYS.most, least: KEPT_MONTHS.least, most: KEPT_MONTHS.most },
  nickname_bad: { most: LONGEST_NICKNAME },
};

/** Why it did not work, in the page's language where it knows the reason. */
export function reasonOf(answer: Exclude<Answer<unknown>, { kind: 'ok' }>, t: Translate): string {
  if (answer.kind === 'away') return t('away');
  if (answer.kind === 'out') return t('signed_out');
  if (answer.status === 429) return t('too_many', { n: Math.max(1, Math.ceil((answer.wait ?? 60) / 60)) });
  const key = CODES[answer.code];
  return key ? t(key, VALUES[key]) : t('refused', { why: answer.detail || String(answer.status) });
}

interface Doing {
  busy: boolean;
  told: { good: boolean; text: string } | null;
  /** Send; `done` is called with the value, and gives the words for it. */
  run<T>(send: () => Promise<Answer<T>>, done: (value: T) => string | null): Promise<void>;
  say(text: string): void;
}

export function useDoing(): Doing {
  const t = useWords();
  const [state, setState] = useState<Pick<Doing, 'busy' | 'told'>>({ busy: false, told: null });
  const running = useRef(false);
  const run: Doing['run'] = async (send, done) => {
    if (running.current) return;
    running.current = true;
    setState({ busy: true, told: null });
    const answer = await send();
    running.current = false;
    const text = answer.kind === 'ok' ? done(answer.value) : reasonOf(answer, t);
    setState({ busy: false, told: text === null ? null : { good: answer.kind === 'ok', text } });
  };
  return { ...state, run, say: (text) => setState({ busy: false, told: { good: false, text } }) };
}

export function Told({ doing: { told, busy } }: { doing: Doing }) {
  const t = useWords();
  return (
    <p className={`told ${told ? (told.good ? 'good' : 'bad') : ''}`} role="status">
      {busy ? t('sending') : told?.text}
    </p>
  );
}

export function Form({ onSend, children, label }: { onSend(): void; children: ReactNode; label?: string }) {
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSend();
  };
  return (
    <form onSubmit={send} aria-label={label}>
      {children}
    </form>
  );
}

interface FieldProps {
  label: string;
  hint?: string;
  value: string;
  onChange(value: string): void;
  type?: 'text' | 'password' | 'number';
  autoComplete?: string;
  required?: boolean;
  minLength?: number;
  maxLength?: number;
  min?: number;
  max?: number;
}

let fields = 0;

export function Field({ label, hint, onChange, type = 'text', autoComplete = 'off', ...rest }: FieldProps) {
  const [id] = useState(() => `field-${++fields}`);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
      <input
        id={id}
        type={type}
        autoComplete={autoComplete}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.currentTarget.value)}
        {...rest}
      />
    </div>
  );
}

export function Choice<T extends string>({ label, value, options, onChange, className }: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange(value: T): void;
  className?: string;
}) {
  const [id] = useState(() => `field-${++fields}`);
  return (
    <div className={`field ${className ?? ''}`}>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
