import type { ReactNode } from 'react';

import { Sign, type SignId } from './art/Icons.tsx';

interface Props {
  children?: ReactNode;
  onPress(): void;
  /** `main`: the one thing to do on a screen; `plain`: paper; `door`: small, the sign above
   * the words. */
  kind?: 'main' | 'plain' | 'door';
  sign?: SignId;
  label?: string;
  disabled?: boolean;
  testId?: string;
  type?: 'button' | 'submit';
  /** Focus it when it appears: it replaces what had the focus. */
  takesFocus?: boolean;
}

/** A paper cut-out that can be pushed. */
export function PaperButton({ children, onPress, kind = 'plain', sign, label, disabled, testId, type = 'button', takesFocus = false }: Props) {
  return (
    <button
      type={type}
      className={`paper-button ${kind}`}
      onClick={onPress}
      aria-label={label}
      disabled={disabled}
      ref={takesFocus ? focus : undefined}
      data-testid={testId}
    >
      {sign && <Sign id={sign} />}
      {children !== undefined && <span>{children}</span>}
    </button>
  );
}

/** React's `autoFocus` does this; Preact leaves it to the browser, which does it once for a page. */
function focus(button: HTMLButtonElement | null): void {
  button?.focus();
}

/** The bar of an inner screen: back button and title. */
export function TopBar({ title, onBack, backLabel, children }: { title: string; onBack(): void; backLabel: string; children?: ReactNode }) {
  return (
    <header className="top-bar">
      <PaperButton sign="back" label={backLabel} onPress={onBack} testId="back" />
      <h1>{title}</h1>
      {children}
    </header>
  );
}
