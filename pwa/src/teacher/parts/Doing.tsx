/** Forms that send something, and what came of it. */

import { useRef, useState, type FormEvent, type ReactNode } from 'react';

import { reasonOf } from '../refusals.ts';
import type { Answer } from '../server.ts';
import { useWords, type Key, type Translate } from '../words/index.ts';

/** What the person or the browser did not do, so that nothing was sent. */
export interface Declined {
  kind: 'declined';
  words: Key;
}

interface Doing {
  busy: boolean;
  told: { good: boolean; text: string } | null;
  /** Send; `done` is called with the value, and gives the words for it. */
  run<T>(send: () => Promise<Answer<T> | Declined>, done: (value: T) => string | null): Promise<void>;
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
    const text = answer.kind === 'ok' ? done(answer.value) : answer.kind === 'declined' ? t(answer.words) : reasonOf(answer, t);
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

/** A form whose fields are checked before it is sent, in the page's language: browsers speak their own. */
export function Form({ onSend, children, label }: { onSend(): void; children: ReactNode; label?: string }) {
  const t = useWords();
  const [fault, setFault] = useState<string | null>(null);
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = [...event.currentTarget.elements].filter((one) => one instanceof HTMLInputElement);
    const wrong = fields.find(({ validity }) => !validity.valid);
    fields.forEach((one) => one.setAttribute('aria-invalid', String(one === wrong)));
    setFault(wrong ? faultOf(wrong, t) : null);
    if (wrong) wrong.focus();
    else onSend();
  };
  return (
    <form onSubmit={send} aria-label={label} noValidate>
      {children}
      <p className="told bad" role="status">
        {fault}
      </p>
    </form>
  );
}

function faultOf(field: HTMLInputElement, t: Translate): string {
  const { validity, minLength, min, max } = field;
  const label = field.labels?.[0]?.textContent ?? '';
  if (validity.tooShort) return t('field_short', { label, n: minLength });
  if (min && max && !validity.valueMissing) return t('field_range', { label, least: Number(min), most: Number(max) });
  return t('field_missing', { label });
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
