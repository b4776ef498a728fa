import { useState } from 'react';

import { Field, Form, Told, useDoing } from '../parts/Doing.tsx';
import { Screen } from '../parts/Screen.tsx';
import { enter } from '../server.ts';
import { useWords } from '../words/index.ts';
import { PasskeySignIn } from './Passkeys.tsx';
import { Passphrase } from './Passphrase.tsx';

/** `ended`: the server ended the session; the same screen comes back after the sign-in. */
export function SignIn({ ended }: { ended: boolean }) {
  const t = useWords();
  const doing = useDoing();
  const [name, setName] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const send = () => {
    void doing.run(
      () => enter('/sign-in', { name: name.trim(), passphrase }),
      () => null,
    );
  };
  return (
    <div className="narrow">
      <Screen title={t('sign_in_title')} about={t('sign_in_about')} help="sign-in" tab={t('sign_in_title')}>
        {ended && <p role="status">{t('signed_out')}</p>}
        <Form onSend={send} label={t('sign_in_title')}>
          <Field label={t('name')} value={name} onChange={setName} autoComplete="username webauthn" required maxLength={80} />
          <Passphrase label={t('passphrase')} value={passphrase} onChange={setPassphrase} autoComplete="current-password" />
          <button className="main" disabled={doing.busy}>
            {t('sign_in')}
          </button>
          <Told doing={doing} />
        </Form>
        <PasskeySignIn />
        <p className="hint">{t('sign_in_lost')}</p>
      </Screen>
    </div>
  );
}
