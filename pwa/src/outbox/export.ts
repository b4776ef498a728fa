/** A student's unsent sessions as a file, for a tablet that never sees a network. */

import * as store from './store.ts';

/** What `neuroplay sync import` takes. `seal` is HMAC-SHA-256 over the bytes of `payload` under the
 * key that this device got at sign-in: it proves which device wrote the file, and that nobody
 * changed it since. */
export interface OutboxFile {
  neuroplay_outbox: 1;
  token_id: string;
  /** JSON text of {device_id, saved_at, sessions}: text, so that its bytes are beyond doubt. */
  payload: string;
  /** 64 hexadecimal digits. */
  seal: string;
}

/** Throws where the browser has no crypto.subtle (a page without https), or the student no key. */
export async function outboxFile(student: store.KnownStudent, now: Date = new Date()): Promise<OutboxFile> {
  const items = await store.itemsOf(student.id);
  const payload = JSON.stringify({
    device_id: student.deviceId ?? (await store.deviceId()),
    saved_at: now.toISOString(),
    sessions: items.map((item) => item.session),
  });
  return {
    neuroplay_outbox: 1,
    token_id: student.tokenId,
    payload,
    seal: await sealOf(payload, student.exportKey),
  };
}

async function sealOf(text: string, hexKey: string): Promise<string> {
  const bytes = Uint8Array.from(hexKey.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign']);
  const seal = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text));
  return Array.from(new Uint8Array(seal), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
