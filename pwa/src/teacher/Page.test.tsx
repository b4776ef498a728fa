// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import { csvOf } from './csv.ts';
import {
  aChild,
  aChildView,
  aClass,
  aClassFigures,
  aHeldGame,
  all,
  aSelf,
  button,
  columnOf,
  open,
  press,
  school,
  send,
  settled,
  SIGNED_OUT,
  text,
  type,
  words,
} from './shown.tsx';
import type { Round } from './shapes.ts';

const at = new Date().toISOString();
const PASSPHRASE = 'four words that differ';

const posted = (path: string) => school.asked.filter((asked) => asked.path === path && asked.method !== 'GET').map(({ body }) => body);

test('a link asks for a passphrase twice, and the token leaves the address', async () => {
  const invitation = { name: 'Maria', role: 'teacher', classes: [{ id: 3, name: '3A' }], expires_at: at, returning: false };
  await open('/teacher#join=tok', {
    'GET /self': SIGNED_OUT,
    'POST /invitation': { body: invitation },
    'POST /join': { body: aSelf() },
    'GET /overview': { body: { at, classes: [aClassFigures()] } },
  });
  expect(text()).toContain(words('join_hello', { name: 'Maria' }));
  await type(words('passphrase_new'), PASSPHRASE);
  await type(words('passphrase_twice'), 'something else entirely');
  await send(words('join_title'));
  expect(text()).toContain(words('passphrases_differ'));
  expect(posted('/join')).toEqual([]);
  await type(words('passphrase_twice'), PASSPHRASE);
  await send(words('join_title'));
  expect(posted('/join')).toEqual([{ token: 'tok', passphrase: PASSPHRASE }]);
  expect(location.hash).toBe('');
  expect(text()).toContain('1 of 3 children');
});

test.each(['link_used', 'link_late'])('a link that was used or is too old is told kindly (%s)', async (code) => {
  await open('/teacher#join=tok', { 'GET /self': SIGNED_OUT, 'POST /invitation': { status: 410, body: { code, detail: '' } } });
  expect(text()).toContain(words('join_over'));
  await press(button(words('sign_in')));
  expect(text()).toContain(words('sign_in_lost'));
});

test('a refusal that says nothing about the link is told as it is', async () => {
  const refusal = { status: 403, body: { code: 'needs_https', detail: 'Adults sign in over HTTPS.' } };
  await open('/teacher#join=tok', { 'GET /self': SIGNED_OUT, 'POST /invitation': refusal });
  expect(text()).toContain(words('needs_https'));
  expect(text()).not.toContain(words('join_over'));
});

test('a passphrase is shown only on request', async () => {
  await open('/teacher', { 'GET /self': SIGNED_OUT });
  const field = document.querySelector<HTMLInputElement>('[autocomplete=current-password]')!;
  expect(field.type).toBe('password');
  await press(button(words('show')));
  expect(field.type).toBe('text');
});

test('the overview says how fresh each figure is', async () => {
  await open('/teacher', { 'GET /overview': { body: { at, classes: [aClassFigures(), aClassFigures({ id: 4, name: '4B', last_heard: null })] } } });
  expect(text()).toContain('heard 5 minutes ago');
  expect(text()).toContain(words('heard_never'));
  expect(text()).toContain('4 games not sent yet on 2 tablets');
});

test('without a connection the last figures stay, and the page says since when', async () => {
  await open('/teacher', { 'GET /overview': { body: { at, classes: [aClassFigures()] } } });
  school.answers['GET /overview'] = 'away';
  await press(button(words('read_again')));
  expect(document.querySelector('[role=alert]')!.textContent).toMatch(/No figures have arrived since \d/);
  expect(text()).toContain('heard 5 minutes ago');
  school.answers['GET /overview'] = { body: { at, classes: [aClassFigures()] } };
  await press(button(words('read_again')));
  expect(document.querySelector('[role=alert]')).toBeNull();
});

test('when the sign-in ends, no figure stays on the page', async () => {
  await open('/teacher/class/3', { 'GET /classes/3': { body: aClass() } });
  expect(text()).toContain('Bright Fox');
  school.answers['GET /classes/3'] = SIGNED_OUT;
  await press(button(words('read_again')));
  expect(document.body.textContent).not.toContain('Bright Fox');
  expect(text()).toContain(words('signed_out'));
});

test('a class can be put in order by its headings, what has no value last', async () => {
  const students = [aChild({ id: 1, nickname: 'Zé', unsent: 2 }), aChild({ id: 2, nickname: 'Ágata', unsent: 10, last_heard: null }), aChild({ id: 3, nickname: 'Bia', unsent: 0 })];
  await open('/teacher/class/3', { 'GET /classes/3': { body: aClass({ students }) } });
  const heading = () => all('th').find((one) => one.textContent.startsWith(words('child')))!;
  expect(columnOf(words('child'))).toEqual(['Ágata', 'Bia', 'Zé']);
  expect(heading().getAttribute('aria-sort')).toBe('ascending');
  await press(heading().querySelector('button')!);
  expect(columnOf(words('child'))).toEqual(['Zé', 'Bia', 'Ágata']);
  await press(button(words('unsent')));
  expect(columnOf(words('unsent'))).toEqual(['10', '2', '0']);
  for (let press_ = 0; press_ < 2; press_++) {
    await press(button(words('heard')));
    expect(columnOf(words('child')).at(-1)).toBe('Ágata');
  }
});

test('among many, a name is found without its accents', async () => {
  const students = ['Ágata', 'Bia', ...Array.from({ length: 20 }, (_, n) => `Zé ${n}`)].map((nickname, id) => aChild({ id, nickname }));
  await open('/teacher/class/3', { 'GET /classes/3': { body: aClass({ students }) } });
  expect(columnOf(words('child'))).toHaveLength(22);
  await type(words('find'), 'agA');
  expect(columnOf(words('child'))).toEqual(['Ágata']);
  await type(words('find'), 'Xu');
  expect(columnOf(words('child'))).toEqual([]);
  expect(text()).toContain(words('find_none'));
});

test('the file of a table has its rows, in the order that is shown, and no formula', async () => {
  const students = [aChild({ id: 1, nickname: '=cmd()' }), aChild({ id: 2, nickname: 'Ana' })];
  await open('/teacher/class/3', { 'GET /classes/3': { body: aClass({ students }) } });
  const made: Blob[] = [];
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => `blob:${made.push(blob as Blob)}`);
  // The browser would save it; this one would go there.
  const saved = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  await press(button(words('save_csv')));
  expect(saved.mock.contexts[0]).toMatchObject({ download: expect.stringMatching(/^neuroplay-3A-Children-\d{4}-\d\d-\d\d\.csv$/) });
  vi.restoreAllMocks();
  const lines = (await made[0]!.text()).split('\r\n');
  expect(lines[0]).toContain(csvOf([[words('child'), words('heard')]], { separator: ',', decimal: '.' }).trim().replace('\ufeff', ''));
  expect(lines[1]).toMatch(/^'=cmd\(\),/);
  expect(lines[2]).toMatch(/^Ana,/);
});

const rounds: Round[] = [
  { ended_at: '2026-11-20T10:00:00Z', difficulty: 4, next_difficulty: 5, accuracy: 0.9, duration_s: 120, completed: true, verdict: null },
  { ended_at: '2026-11-21T10:00:00Z', difficulty: 5, next_difficulty: 4, accuracy: 0.62, duration_s: 120, completed: true, verdict: null },
  { ended_at: '2026-11-22T10:00:00Z', difficulty: 4, next_difficulty: 9, accuracy: 1, duration_s: 9, completed: false, verdict: null },
];

test('a child’s level is explained by the last round that was played to its end', async () => {
  const game = { game_type: 'number_rush', plays: 3, difficulty: 4, lowest_difficulty: 4, highest_difficulty: 5, best_score: 1, last_played: at, rounds };
  await open('/teacher/child/7', { 'GET /students/7': { body: aChildView({ games: [game] }) } });
  expect(text()).toContain(words('level_down_right', { next: 4, from: 5, right: 62 }));
  expect(text()).toContain('Arithmetic');
  expect(document.title).not.toContain('Bright Fox');
  await press(button('The last 3 rounds'));
  expect(columnOf(words('level'))).toEqual(['4', '5', '4']);
});

test('a child of another class does not exist', async () => {
  await open('/teacher/child/99', {});
  expect(text()).toContain(words('not_found'));
  await open('/teacher/class/99/cards', {});
  expect(text()).toContain(words('not_found'));
  expect(all('.class-tabs')).toEqual([]);
});

test('a held game is decided with a reason', async () => {
  await open('/teacher/class/3/held', {
    'GET /classes/3/held': { body: { at, held: [aHeldGame()], older: null } },
    'POST /held/5/approve': () => {
      school.answers['GET /classes/3/held'] = { body: { at, held: [], older: null } };
      return { body: { id: 5, state: 'pending', result: 'applied' } };
    },
  });
  expect(text()).toContain(words('reason_overlapping_play'));
  await press(button(words('approve')));
  const decide = words('held_decide', { name: 'Bright Fox' });
  await send(decide);
  expect(text()).toContain(words('held_reason_missing'));
  await type(words('held_reason'), 'They share a tablet.');
  await send(decide);
  expect(posted('/held/5/approve')).toEqual([{ reason: 'They share a tablet.' }]);
  expect(text()).toContain(words('held_approved', { name: 'Bright Fox' }));
  expect(document.activeElement?.textContent).toBe(words('held_approved', { name: 'Bright Fox' }));
  expect(text()).toContain(words('held_none'));
});

test('held games beyond a page are shown on request', async () => {
  await open('/teacher/class/3/held', {
    'GET /classes/3/held': { body: { at, held: [aHeldGame({ id: 9 })], older: 9 } },
    'GET /classes/3/held?before=9': { body: { at, held: [aHeldGame({ id: 4, score: 77 })], older: null } },
  });
  expect(text()).not.toContain('77 points');
  await press(button(words('held_older')));
  expect(text()).toContain('77 points');
  expect(() => button(words('held_older'))).toThrow();
});

test('a blank reason decides nothing, and is asked for kindly', async () => {
  await open('/teacher/class/3/held', { 'GET /classes/3/held': { body: { at, held: [aHeldGame()], older: null } } });
  await type(words('held_reason'), '   ');
  await press(button(words('reject')));
  expect(text()).toContain(words('held_reason_missing'));
  expect(posted('/held/5/reject')).toEqual([]);
});

test('a card replaces the one that was seen, and a newer one is said to be there', async () => {
  const refusal = { status: 409, body: { code: 'card_changed', detail: '' } };
  await open('/teacher/child/7/change', { 'GET /students/7': { body: aChildView() }, 'GET /classes/3': { body: aClass() }, 'POST /students/7/card': refusal });
  school.answers['GET /students/7'] = { body: aChildView({ student: { ...aChildView().student, card_version: 4 } }) };
  await send(words('card_new'));
  expect(text()).toContain(words('changed_meanwhile'));
  await send(words('card_new'));
  expect(posted('/students/7/card')).toEqual([{ card_version: 3 }, { card_version: 4 }]);
});

test('of several classes none is chosen for a child who moves', async () => {
  const classes = [...aSelf().classes, { id: 5, name: '5C', code: 'JKMNP12345', students: 1 }];
  await open('/teacher/child/7/change', {
    'GET /self': { body: { ...aSelf(), classes } },
    'GET /students/7': { body: aChildView() },
    'GET /classes/3': { body: aClass() },
    'POST /students/7/move': { status: 204 },
  });
  await send(words('move_title'));
  expect(text()).toContain(words('move_choose'));
  await type(words('move_to'), '5');
  await send(words('move_title'));
  expect(posted('/students/7/move')).toEqual([{ class_id: 5 }]);
});

test('after a move, what was made and chosen in the class before is gone', async () => {
  const card = { student_id: 7, nickname: 'Bright Fox', avatar: 'fox', card_code: 'OLDCODE123', card_version: 4, address: 'https://x/#card=ABCDE-OLDCODE123' };
  await open('/teacher/child/7/change', {
    'GET /students/7': { body: aChildView() },
    'GET /classes/3': { body: aClass() },
    'GET /classes/4': { body: aClass() },
    'POST /students/7/card': { body: card },
    'POST /students/7/move': { status: 204 },
  });
  await send(words('card_new'));
  expect(text()).toContain('OLDCO DE123');
  school.answers['GET /students/7'] = { body: aChildView({ class: { id: 4, name: '4B', made_up: false } }) };
  await send(words('move_title'));
  expect(text()).toContain(words('moved', { name: 'Bright Fox', to: '4B' }));
  expect(text()).not.toContain('OLDCO DE123');
  expect(all('a').some((one) => one.getAttribute('href') === '/teacher/class/4/cards')).toBe(true);
});

test.each([
  ['http://127.0.0.1:5000', true],
  ['http://localhost', true],
  ['https://127.example.org', false],
  ['http://192.168.1.7:5000', false],
])('a card says where its codes are typed, and the page that no tablet reaches it (%s: %s)', async (url, isLocal) => {
  const card = { student_id: 7, nickname: 'Bright Fox', avatar: 'fox', card_code: 'ABCDE12345', card_version: 1, address: `${url}/#card=AX049-ABCDE12345` };
  await open('/teacher/class/3/cards', { 'GET /classes/3/cards': { body: { at, class: { id: 3, name: '3A', code: 'AX049' }, cards: [card] } } });
  expect(document.querySelector('.card')!.textContent).toContain(words('card_open', { url }));
  expect(text().includes(words('cards_local', { url }))).toBe(isLocal);
});

test('a list is seen before it is applied, and what was seen is what is applied', async () => {
  const preview = { preview_id: 'p1', lines: [{ line: 2, becomes: 'added', nickname: 'Ana' }], counts: { added: 1 }, doubts: [], can_apply: true };
  await open('/teacher/class/3/roster', {
    'GET /classes/3': { body: aClass() },
    'GET /classes/3/imports': { body: { imports: [] } },
    'POST /classes/3/roster/preview': { body: preview },
    'POST /classes/3/roster/apply': { body: { import_id: 1, counts: { added: 1 } } },
  });
  await type(words('import_paste'), 'Ana');
  await send(words('import_title'));
  expect(columnOf(words('nickname'))).toEqual(['Ana']);
  await type(words('import_paste'), 'Ana\nBia');
  expect(all('form').some((form) => form.getAttribute('aria-label') === words('import_apply'))).toBe(false);
  await send(words('import_title'));
  await send(words('import_apply'));
  expect(posted('/classes/3/roster/apply')).toEqual([{ name: words('import_pasted'), text: 'Ana\nBia', preview_id: 'p1' }]);
  expect(text()).toContain('Done.');
});

test('a list with a bad line cannot be applied', async () => {
  const faults = [{ code: 'name_twice', column: 'B (Nome)', about: '1234' }];
  const line = { line: 2, becomes: 'bad', nickname: null, message: 'column B (Nome): the name is the same as on line 1234', faults };
  const doubts = [
    { code: 'shortened', about: 'Ana Reis → Ana', message: 'whole names become nicknames' },
    { code: 'blue', about: '', message: 'all of it is blue' },
  ];
  const newer = { line: 3, becomes: 'bad', nickname: null, message: 'too blue', faults: [{ code: 'blue', column: '', about: '' }] };
  await open('/teacher/class/3/roster', {
    'GET /classes/3': { body: aClass() },
    'POST /classes/3/roster/preview': { body: { preview_id: 'p', lines: [line, newer], counts: { bad: 2 }, doubts, can_apply: false } },
  });
  await type(words('import_paste'), 'x');
  await send(words('import_title'));
  expect(all('.seen .note li').map((one) => one.textContent)).toEqual([words('doubt_shortened', { about: 'Ana Reis → Ana' }), 'all of it is blue']);
  expect(columnOf(words('why'))).toEqual(['Column B (Nome): The same name as on line 1234.', 'too blue']);
  expect(text()).toContain(words('import_cannot'));
});

test('a child is erased only when the nickname was typed, and the receipt stays', async () => {
  await open('/teacher/child/7/change', {
    'GET /students/7': { body: aChildView() },
    'GET /classes/3': { body: aClass() },
    'POST /students/7/erase': { body: { erased_at: at, student_id: 7, rows: { game_sessions: 3, students: 1 } } },
  });
  const label = words('erase_type', { name: 'Bright Fox' });
  await type(label, 'Bright');
  await send(words('erase_title'));
  expect(posted('/students/7/erase')).toEqual([]);
  await type(label, 'Bright Fox');
  await send(words('erase_title'));
  expect(posted('/students/7/erase')).toEqual([{ nickname: 'Bright Fox' }]);
  expect(text()).toContain(words('receipt_title'));
  expect(text()).toMatch(/4 rows/);
});

test('settings send only what was changed', async () => {
  await open('/teacher/class/3/settings', { 'GET /classes/3': { body: aClass() }, 'PATCH /classes/3': { status: 204 } });
  await send(words('tab_settings'));
  expect(text()).toContain(words('nothing_changed'));
  await type(words('day_minutes'), '45');
  await send(words('tab_settings'));
  expect(posted('/classes/3')).toEqual([{ day_minutes: 45 }]);
});

test('what the server refuses is told in the page’s language', async () => {
  const refusal = { status: 422, body: { code: 'bad_class_name', detail: 'a class name is not empty' } };
  await open('/teacher/class/3/settings', { 'GET /classes/3': { body: aClass() }, 'PATCH /classes/3': refusal });
  await type(words('class_name'), 'id:3');
  await send(words('tab_settings'));
  expect(text()).toContain(words('class_name_bad', { most: 60 }));
  expect(text()).not.toContain('is not empty');
});

test('a form says in the page’s language which field is wrong, and goes there', async () => {
  await open('/teacher/class/3/settings', { 'GET /classes/3': { body: aClass() } });
  await type(words('day_minutes'), '300');
  await send(words('tab_settings'));
  expect(text()).toContain(words('field_range', { label: words('day_minutes'), least: 5, most: 240 }));
  expect(document.activeElement?.getAttribute('type')).toBe('number');
  await type(words('class_name'), '');
  await send(words('tab_settings'));
  expect(text()).toContain(words('field_missing', { label: words('class_name') }));
  expect(posted('/classes/3')).toEqual([]);
});

test('a link that was cut off is told from one that was used', async () => {
  await open('/teacher#join=to', { 'GET /self': SIGNED_OUT, 'POST /invitation': { status: 404, body: { code: 'link_unknown', detail: '' } } });
  expect(text()).toContain(words('join_cut'));
  expect(text()).not.toContain(words('join_over'));
});

test('a screen begins at its heading, for those who hear it', async () => {
  await open('/teacher/account', {});
  expect(document.activeElement?.tagName).toBe('H1');
  await press(all('.mark')[0]!);
  await settled();
  expect(location.pathname).toBe('/teacher');
  expect(document.activeElement?.tagName).toBe('H1');
});

test('nothing of a child is in the browser’s storage', async () => {
  await open('/teacher/class/3', { 'GET /classes/3': { body: aClass() } });
  expect({ ...localStorage }).toEqual({ 'neuroplay-teacher-language': 'en' });
  expect({ ...sessionStorage }).toEqual({});
});
