/** Why the server refused something, in the page's language. */

import { DAY_MINUTES, KEPT_DAYS, KEPT_MONTHS, LARGEST_CLASS, LONGEST_CLASS_NAME, LONGEST_NICKNAME, LONGEST_PASSKEY_NAME, MOST_PASSKEYS } from './limits.ts';
import type { Answer } from './server.ts';
import type { Key, Translate } from './words/index.ts';

/** By the codes of docs/api.md. */
export const CODES: Record<string, Key> = {
  // The page is older than the server, or not ours.
  bad_avatar: 'page_old',
  bad_language: 'page_old',
  bad_passkey: 'passkey_failed',
  bad_passkey_name: 'passkey_name_bad',
  bad_request: 'page_old',
  csrf: 'page_old',
  expectation_failed: 'page_old',
  headers_too_large: 'page_old',
  malformed_json: 'page_old',
  method_not_allowed: 'page_old',
  unsupported_media_type: 'page_old',
  // Somebody else was quicker.
  card_changed: 'changed_meanwhile',
  same_class: 'changed_meanwhile',
  same_student: 'changed_meanwhile',
  student_moved: 'changed_meanwhile',
  wrong_nickname: 'changed_meanwhile',
  already_undone: 'undo_twice',
  bad_class_name: 'class_name_bad',
  bad_class_size: 'class_full',
  bad_day_minutes: 'day_minutes_bad',
  bad_nickname: 'nickname_bad',
  bad_retention: 'retention_bad',
  bad_roster: 'line_letters',
  body_too_large: 'import_too_large',
  class_archived: 'class_is_archived',
  class_full: 'class_full',
  invalid_request: 'form_bad',
  link_late: 'join_over',
  link_unknown: 'join_cut',
  link_used: 'join_over',
  needs_https: 'needs_https',
  nickname_taken: 'nickname_taken',
  no_reason: 'held_reason_missing',
  not_a_roster: 'import_unreadable',
  not_found: 'not_found',
  passkey_late: 'passkey_late',
  passkey_not_added: 'passkey_there',
  passkeys_off: 'passkeys_off',
  request_timeout: 'away',
  roster_changed: 'preview_old',
  student_erased: 'not_found',
  too_late: 'undo_late',
  too_many_passkeys: 'passkeys_many',
  weak_passphrase: 'passphrase_weak',
  wrong_old_passphrase: 'passphrase_old_wrong',
  wrong_passkey: 'passkey_wrong',
  wrong_passphrase: 'sign_in_wrong',
};

const VALUES: Partial<Record<Key, Record<string, number>>> = {
  class_name_bad: { most: LONGEST_CLASS_NAME },
  class_full: { most: LARGEST_CLASS },
  day_minutes_bad: DAY_MINUTES,
  retention_bad: { days: KEPT_DAYS.most, least: KEPT_MONTHS.least, most: KEPT_MONTHS.most },
  nickname_bad: { most: LONGEST_NICKNAME },
  passkey_name_bad: { most: LONGEST_PASSKEY_NAME },
  passkeys_many: { most: MOST_PASSKEYS },
};

/** What a newer server says in a code that this page does not know, it says in English. */
export function reasonOf(answer: Exclude<Answer<unknown>, { kind: 'ok' }>, t: Translate): string {
  if (answer.kind === 'away') return t(answer.answered ? 'server_trouble' : 'away');
  if (answer.kind === 'out') return t('signed_out');
  if (answer.status === 429) return t('too_many', { n: Math.max(1, Math.ceil((answer.wait ?? 60) / 60)) });
  const key = CODES[answer.code];
  return key ? t(key, VALUES[key]) : t('refused', { why: answer.detail || String(answer.status) });
}
