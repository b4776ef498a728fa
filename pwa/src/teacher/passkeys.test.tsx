// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Passkey } from './shapes.ts';
import { aSelf, act, all, button, open, press, school, send, settled, SIGNED_OUT, text, type, words } from './shown.tsx';

const bytes = (...some: number[]): ArrayBuffer => new Uint8Array(some).buffer;
const decoded = (data: BufferSource): string => new TextDecoder().decode(data);

/** The browser: what it was asked, and how it answers. */
const device = {
  asked: [] as (CredentialCreationOptions & CredentialRequestOptions)[],
  answer: (() => Promise.resolve(SIGNED)) as (options: CredentialRequestOptions) => Promise<unknown>,
  inField: false,
};

const SIGNED = {
  rawId: bytes(255, 254, 253),
  response: { clientDataJSON: bytes(1), authenticatorData: bytes(2), signature: bytes(3), userHandle: bytes(4) },
};
const MADE = { rawId: bytes(255), response: { clientDataJSON: bytes(1, 2), attestationObject: bytes(251, 255, 190) } };
const NEVER = new Promise<never>(() => undefined);
const QUESTION = { challenge: 'a.b.c', origin: location.origin, domain: 'school.example' };
const NEW = { ...QUESTION, handle: '-_8', name: 'Maria', known: ['_w'], algorithms: [-7, -257] };
const SELF = { ...aSelf(), passkeys_at: location.origin };
const LAPTOP: Passkey = { id: 5, name: 'School laptop', created_at: '2026-11-20T12:00:00Z', last_used: null };

const refusal = (name: string) => () => Promise.reject(new DOMException('no', name));
const posted = (path: string) => school.asked.filter((asked) => asked.path === path && asked.method !== 'GET').map(({ body }) => body);

beforeEach(() => {
  const ask = (options: CredentialCreationOptions & CredentialRequestOptions) => {
    device.asked.push(options);
    return device.answer(options);
  };
  vi.stubGlobal('PublicKeyCredential', class { static isConditionalMediationAvailable = async () => device.inField; });
  Object.defineProperty(navigator, 'credentials', { configurable: true, value: { create: ask, get: ask } });
  device.asked = [];
  device.answer = () => Promise.resolve(SIGNED);
  device.inField = false;
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const signedOut = { 'GET /self': SIGNED_OUT, 'POST /sign-in/passkey/challenge': { body: QUESTION } };
const overview = { 'GET /overview': { body: { at: new Date().toISOString(), classes: [] } } };

test('a passkey signs in', async () => {
  await open('/teacher', { ...signedOut, ...overview, 'POST /sign-in/passkey': { body: SELF } });
  await send(words('passkey_sign_in'));
  const [asked] = device.asked;
  expect(decoded(asked!.publicKey!.challenge)).toBe('a.b.c');
  expect(asked!.publicKey).toMatchObject({ rpId: 'school.example', userVerification: 'required' });
  expect(asked!.mediation).toBeUndefined();
  const sent = { challenge: 'a.b.c', credential_id: '__79', client_data: 'AQ', authenticator_data: 'Ag', signature: 'Aw', handle: 'BA' };
  expect(posted('/sign-in/passkey')).toEqual([sent]);
  expect(text()).toContain(words('overview_none'));
});

test('the list of the name’s field offers passkeys until the button is pressed', async () => {
  device.inField = true;
  device.answer = (options) => (options.mediation ? NEVER : refusal('NotAllowedError')());
  await open('/teacher', signedOut);
  expect(document.querySelector('[autocomplete="username webauthn"]')).not.toBeNull();
  const [waiting] = device.asked;
  expect(waiting).toMatchObject({ mediation: 'conditional' });
  expect(waiting!.signal!.aborted).toBe(false);
  await send(words('passkey_sign_in'));
  expect(waiting!.signal!.aborted).toBe(true);
  expect(text()).toContain(words('passkey_stopped'));
  expect(device.asked.map(({ mediation }) => mediation)).toEqual(['conditional', undefined]);
  expect(posted('/sign-in/passkey')).toEqual([]);
});

test('a passkey that is chosen in the field signs in', async () => {
  device.inField = true;
  await open('/teacher', { ...signedOut, ...overview, 'POST /sign-in/passkey': { body: SELF } });
  await settled();
  expect(text()).toContain(words('overview_none'));
});

test('a passkey of the field that is refused is not asked for again', async () => {
  device.inField = true;
  await open('/teacher', { ...signedOut, 'POST /sign-in/passkey': { status: 401, body: { code: 'wrong_passkey', detail: '' } } });
  await settled();
  expect(text()).toContain(words('passkey_wrong'));
  expect(device.asked).toHaveLength(1);
});

test('while the page is open its challenge is renewed', async () => {
  device.inField = true;
  device.answer = () => NEVER;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
  await open('/teacher', signedOut);
  await act(() => vi.advanceTimersByTimeAsync(9 * 60_000));
  await settled();
  expect(device.asked).toHaveLength(2);
  expect(device.asked[0]!.signal!.aborted).toBe(true);
  expect(device.asked[1]!.signal!.aborted).toBe(false);
});

test.each([
  ['passkey_wrong', { status: 401, body: { code: 'wrong_passkey', detail: '' } }],
  ['passkey_late', { status: 410, body: { code: 'passkey_late', detail: '' } }],
] as const)('a passkey that does not sign in is told: %s', async (key, refused) => {
  await open('/teacher', { ...signedOut, 'POST /sign-in/passkey': refused });
  await send(words('passkey_sign_in'));
  expect(text()).toContain(words(key));
  expect(text()).toContain(words('passphrase'));
});

test.each([
  ['no passkeys at all', () => vi.stubGlobal('PublicKeyCredential', undefined), QUESTION],
  ['another address', () => undefined, { ...QUESTION, origin: 'https://elsewhere.example' }],
])('with %s nothing is said of passkeys', async (_, change, question) => {
  change();
  await open('/teacher', { ...signedOut, 'POST /sign-in/passkey/challenge': { body: question } });
  expect(text().toLowerCase()).not.toContain('passkey');
  await open('/teacher/account', { 'GET /self': { body: { ...SELF, passkeys_at: question.origin } } });
  const said = all('h2').map((one) => one.textContent);
  expect(said).not.toContain(words('passkeys'));
});

const account = (answers = {}, passkeys = [LAPTOP]) =>
  open('/teacher/account', {
    'GET /self': { body: { ...SELF, passkeys } },
    'POST /passkeys/challenge': { body: NEW },
    'POST /passkeys': { status: 201, body: { ...LAPTOP, name: 'Phone' } },
    ...answers,
  });

async function add() {
  await type(words('passkey_name'), ' Phone ');
  await type(words('passphrase'), 'four words that differ');
  await send(words('passkey_add'));
}

test('a passkey is added with the passphrase', async () => {
  device.answer = () => Promise.resolve(MADE);
  await account();
  await add();
  expect(posted('/passkeys/challenge')).toEqual([{ passphrase: 'four words that differ' }]);
  const asked = device.asked[0]!.publicKey as unknown as PublicKeyCredentialCreationOptions;
  expect(decoded(asked.challenge)).toBe('a.b.c');
  expect([...new Uint8Array(asked.user.id as ArrayBuffer)]).toEqual([251, 255]);
  expect([...new Uint8Array(asked.excludeCredentials![0]!.id as ArrayBuffer)]).toEqual([255]);
  expect(asked.rp.id).toBe('school.example');
  expect(asked.pubKeyCredParams).toEqual([-7, -257].map((alg) => ({ type: 'public-key', alg })));
  expect(asked.authenticatorSelection).toMatchObject({ residentKey: 'required', userVerification: 'required' });
  expect(posted('/passkeys')).toEqual([{ challenge: 'a.b.c', name: 'Phone', client_data: 'AQI', attestation: '-_--' }]);
  expect(text()).toContain(words('passkey_added', { name: 'Phone' }));
  expect(school.asked.filter(({ path }) => path === '/self')).toHaveLength(2);
});

test.each([
  ['InvalidStateError', 'passkey_there'],
  ['NotAllowedError', 'passkey_stopped'],
  ['SecurityError', 'passkey_failed'],
] as const)('what the browser does not do is told: %s', async (name, key) => {
  device.answer = refusal(name);
  await account();
  await add();
  expect(text()).toContain(words(key));
  expect(posted('/passkeys')).toEqual([]);
});

test('the own passkeys are listed and removed', async () => {
  await account({ 'DELETE /passkeys/5': { status: 204 } }, [LAPTOP, { ...LAPTOP, id: 6, name: 'Phone', last_used: '2026-11-25T12:00:00Z' }]);
  const [laptop, phone] = all('.passkeys li');
  expect(laptop!.textContent).toContain(words('passkey_unused'));
  expect(phone!.textContent).toContain('Nov 25, 2026');
  await press(button(words('passkey_remove'), laptop));
  expect(posted('/passkeys/5')).toHaveLength(1);
  expect(text()).toContain(words('passkey_removed', { name: 'School laptop' }));
});

test('they can be removed where none can be added', async () => {
  await account({ 'GET /self': { body: { ...SELF, passkeys: [LAPTOP], passkeys_at: '' } } });
  expect(all('.passkeys li')).toHaveLength(1);
  expect(all(`form[aria-label="${words('passkey_add')}"]`)).toHaveLength(0);
});
