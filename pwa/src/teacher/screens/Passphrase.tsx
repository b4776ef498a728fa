import { useState } from 'react';

import { useWords } from '../words/index.ts';

interface Props {
  label: string;
  value: string;
  onChange(value: string): void;
  autoComplete: 'new-password' | 'current-password';
  hint?: string;
}

/** As in neuroplay/core/rules/passphrases.py, which refuses shorter ones itself. */
export const LEAST_LENGTH = 10;

let fields = 0;

/** Shown on request: a long passphrase is otherwise hard to type. */
export function Passphrase({ label, value, onChange, autoComplete, hint }: Props) {
  const t = useWords();
  const [id] = useState(() => `passphrase-${++fields}`);
  const [visible, setVisible] = useState(false);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
      <div className="with-button">
        <input
          id={id}
          type={visible ? 'text' : 'password'}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          autoComplete={autoComplete}
          autoCapitalize="off"
          spellCheck={false}
          aria-describedby={hint ? `${id}-hint` : undefined}
          minLength={autoComplete === 'new-password' ? LEAST_LENGTH : undefined}
          maxLength={256}
          required
        />
        <button type="button" aria-pressed={visible} aria-controls={id} onClick={() => setVisible(!visible)}>
          {t(visible ? 'hide' : 'show')}
          <span className="hidden">: {label}</span>
        </button>
      </div>
    </div>
  );
}
