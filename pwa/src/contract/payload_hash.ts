/** The hash by which the server recognizes a session (neuroplay/infra/payloads.py): SHA-256 of its
 * canonical JSON (RFC 8785). JavaScript's own numbers, escapes and order of names are canonical. */

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

import { isRecord } from './answer.ts';
import type { WireSession } from './wire.ts';

/** 64 hexadecimal digits. */
export function payloadHash(session: WireSession): string {
  // As it was sent: JSON leaves out what is undefined.
  return bytesToHex(sha256(utf8ToBytes(canonical(JSON.parse(JSON.stringify(session))))));
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}
