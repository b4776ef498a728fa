/** Passkeys: what the server asks for, put to the browser, and what the browser answers. Bytes travel as base64url. */

import type { Declined } from './parts/Doing.tsx';
import type { NewPasskeyChallenge, PasskeyChallenge } from './shapes.ts';

/** What the server is sent of a new passkey. */
export interface MadePasskey {
  challenge: string;
  client_data: string;
  attestation: string;
}

/** What the server is sent to sign in. */
export interface SignedChallenge {
  challenge: string;
  credential_id: string;
  client_data: string;
  authenticator_data: string;
  signature: string;
  handle: string;
}

/** Browsers have them on HTTPS and on localhost. */
export const hasPasskeys = (): boolean => typeof PublicKeyCredential === 'function';

/** Whether passkeys of the server work where this page was opened. */
export const workHere = (origin: string): boolean => hasPasskeys() && origin === location.origin;

export async function makePasskey(asked: NewPasskeyChallenge): Promise<MadePasskey | Declined> {
  const made = await answered(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { id: asked.domain, name: 'NeuroPlay' },
        user: { id: read(asked.handle), name: asked.name, displayName: asked.name },
        challenge: new TextEncoder().encode(asked.challenge),
        pubKeyCredParams: asked.algorithms.map((alg) => ({ type: 'public-key', alg })),
        excludeCredentials: asked.known.map((id) => ({ type: 'public-key', id: read(id) })),
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
        attestation: 'none',
      },
    }),
  );
  if ('kind' in made) return made;
  const response = made.response as AuthenticatorAttestationResponse;
  return { challenge: asked.challenge, client_data: write(response.clientDataJSON), attestation: write(response.attestationObject) };
}

/** In the list of the name's field, until one is chosen or `signal` says stop; otherwise in the browser's own window. */
export async function signWithPasskey(asked: PasskeyChallenge, inField?: AbortSignal): Promise<SignedChallenge | Declined> {
  const made = await answered(() =>
    navigator.credentials.get({
      ...(inField && { mediation: 'conditional', signal: inField }),
      publicKey: { challenge: new TextEncoder().encode(asked.challenge), rpId: asked.domain, userVerification: 'required' },
    }),
  );
  if ('kind' in made) return made;
  const response = made.response as AuthenticatorAssertionResponse;
  return {
    challenge: asked.challenge,
    credential_id: write(made.rawId),
    client_data: write(response.clientDataJSON),
    authenticator_data: write(response.authenticatorData),
    signature: write(response.signature),
    handle: write(response.userHandle ?? new ArrayBuffer(0)),
  };
}

/** Whether the browser can offer passkeys in a field's list. */
export async function canOfferInField(): Promise<boolean> {
  return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
}

async function answered(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential | Declined> {
  try {
    const found = await ask();
    if (found) return found as PublicKeyCredential;
  } catch (error) {
    const { name } = error as Error;
    if (name === 'InvalidStateError') return { kind: 'declined', words: 'passkey_there' };
    if (name !== 'NotAllowedError' && name !== 'AbortError') return { kind: 'declined', words: 'passkey_failed' };
  }
  return { kind: 'declined', words: 'passkey_stopped' };
}

function write(bytes: ArrayBuffer): string {
  const text = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function read(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
}
