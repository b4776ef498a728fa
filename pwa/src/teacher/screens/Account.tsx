import { useState } from 'react';

import { Form, Told, useDoing } from '../parts/Doing.tsx';
import { Screen } from '../parts/Screen.tsx';
import { go } from '../place.ts';
import { enter, signOut } from '../server.ts';
import type { Self } from '../shapes.ts';
import { useWords } from '../words/index.ts';
import { OwnPasskeys } from './Passkeys.tsx';
import { LEAST_LENGTH, Passphrase } from './Passphrase.tsx';

export function Account({ self }: { self: Self }) {
  const t = useWords();
  const leaving = useDoing();
  const leave = () =>
    void leaving.run(signOut, () => {
      go({ name: 'overview' }, { instead: true });
      return null;
    });
  return (
    <div className="narrow">
      <Screen title={self.adult.name} about={t('account_about')} help="account" tab={t('nav_account')}>
        <p>{t(self.adult.role === 'school' ? 'role_school' : 'role_teacher')}</p>
        <button type="button" className="main" onClick={leave} disabled={leaving.busy}>
          {t('sign_out')}
        </button>
        <Told doing={leaving} />
        <OwnPasskeys self={self} />
        <NewPassphrase name={self.adult.name} />
      </Screen>
    </div>
  );
}

function NewPassphrase({ name }: { name: string }) {
  const t = useWords();
  const doing = useDoing();
  const [old, setOld] = useState('');
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const send = () => {
    if (first !== second) return doing.say(t('passphrases_differ'));
    void doing.run(
      () => enter('/passphrase', { old, new: first }),
      () => {
        [setOld, setFirst, setSecond].forEach((set) => set(''));
        return t('passphrase_changed');
      },
    );
  };
  return (
    <section>
      <h2>{t('passphrase_change')}</h2>
      <Form onSend={send} label={t('passphrase_change')}>
        <input type="text" name="username" autoComplete="username" value={name} readOnly className="hidden" tabIndex={-1} aria-hidden="true" />
        <Passphrase label={t('passphrase_old')} value={old} onChange={setOld} autoComplete="current-password" />
        <Passphrase label={t('passphrase_new')} hint={t('passphrase_hint', { n: LEAST_LENGTH })} value={first} onChange={setFirst} autoComplete="new-password" />
        <Passphrase label={t('passphrase_twice')} value={second} onChange={setSecond} autoComplete="new-password" />
        <button disabled={doing.busy}>{t('passphrase_change')}</button>
        <Told doing={doing} />
      </Form>
    </section>
  );
}
