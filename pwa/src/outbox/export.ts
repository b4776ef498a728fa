/** A student's unsent sessions as a file, for a tablet that is never online. */

import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

import * as store from './store.ts';

/** The file that `neuroplay sync import` reads. `seal` is HMAC-SHA-256 over the bytes of
 * `payload` with the key that this device received at sign-in. It proves which device wrote the
 * file and that it is unchanged. */
export interface OutboxFile {
  neuroplay_outbox: 1;
  token_id: string;
  /** JSON of {device_id, saved_at, sessions}, as text, so that the sealed bytes are unambiguous. */
  payload: string;
  /** 64 hexadecimal digits. */
  seal: string;
}

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
    seal: sealOf(payload, student.exportKey),
  };
}

/** Without crypto.subtle: a page without https has none, and may need the file most. */
function sealOf(text: string, hexKey: string): string {
  return bytesToHex(hmac(sha256, hexToBytes(hexKey), utf8ToBytes(text)));
}
