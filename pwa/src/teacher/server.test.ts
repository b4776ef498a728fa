// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest';

import { known, read, readSelf, signOut, tell } from './server.ts';
import { begin, leave, sessionState } from './session.ts';
import { aSelf, school, SIGNED_OUT } from './shown.tsx';

beforeEach(async () => {
  leave();
  school.answers = { 'GET /self': { body: aSelf() }, 'GET /overview': { body: { at: '', classes: [] }, headers: { ETag: '"1"' } } };
  await readSelf();
  school.asked = [];
});

test('what has not changed comes as nothing', async () => {
  expect(await read('/overview')).toEqual({ kind: 'ok', value: { at: '', classes: [] } });
  school.answers['GET /overview'] = { status: 304 };
  expect(await read('/overview')).toEqual({ kind: 'ok', value: { at: '', classes: [] } });
  expect(school.asked.map(({ headers }) => headers['If-None-Match'])).toEqual([undefined, '"1"']);
});

test('when the sign-in has ended, nothing that was read stays', async () => {
  await read('/overview');
  school.answers['GET /overview'] = SIGNED_OUT;
  expect(await read('/overview')).toEqual({ kind: 'out' });
  expect(known('/overview')).toBeUndefined();
  expect(sessionState().session).toEqual({ kind: 'out', ended: true });
});

test('after signing out nothing that was read stays', async () => {
  await read('/overview');
  school.answers['POST /sign-out'] = { status: 204 };
  await signOut();
  expect(known('/overview')).toBeUndefined();
  expect(sessionState().session).toEqual({ kind: 'out', ended: false });
});

test('without an answer of the server, the person is still signed in', async () => {
  school.answers['POST /sign-out'] = 'away';
  expect(await signOut()).toEqual({ kind: 'away', answered: false });
  expect(sessionState().session.kind).toBe('in');
});

test('who signs in next sees nothing of the one before', async () => {
  await read('/overview');
  school.answers['GET /self'] = { body: { ...aSelf(), adult: { ...aSelf().adult, id: 2 } } };
  await readSelf();
  expect(known('/overview')).toBeUndefined();
});

test('nor of what was on its way to the one before', async () => {
  const asked = read('/overview');
  school.answers['GET /overview'] = { body: { at: '', classes: ['theirs'] }, headers: { ETag: '"2"' } };
  begin({ ...aSelf(), adult: { ...aSelf().adult, id: 2 } });
  expect(await asked).toEqual({ kind: 'ok', value: { at: '', classes: ['theirs'] } });
  const again = read('/overview');
  leave();
  expect(await again).toEqual({ kind: 'out' });
  expect(known('/overview')).toBeUndefined();
});

test.each([
  ['a filter’s page', { body: '<html>', type: 'text/html' }, false],
  ['a proxy’s error', { status: 502, body: 'bad', type: 'text/html' }, false],
  ['an error of the server', { status: 503, body: { code: 'store_unavailable' } }, true],
  ['nothing', 'away' as const, false],
])('%s is no answer: the last figures stay', async (_, reply, answered) => {
  await read('/overview');
  school.answers['GET /overview'] = reply;
  expect(await read('/overview')).toEqual({ kind: 'away', answered });
  expect(known('/overview')).toBeDefined();
  expect(sessionState().silentSince).not.toBeNull();
  school.answers['GET /overview'] = { status: 304 };
  await read('/overview');
  expect(sessionState().silentSince).toBeNull();
});

test('a server that has too much to do says for how long it is not to be asked', async () => {
  school.answers['GET /overview'] = { status: 503, body: { code: 'overloaded' }, headers: { 'Retry-After': '7' } };
  expect(await read('/overview')).toEqual({ kind: 'away', answered: true, waitMs: 7000 });
  school.answers['GET /overview'] = { status: 503, body: { code: 'overloaded' }, headers: { 'Retry-After': '99999' } };
  expect(await read('/overview')).toEqual({ kind: 'away', answered: true, waitMs: 300_000 });
});

test('a change that the server cannot make says nothing about the figures', async () => {
  school.answers['POST /students/7/erase'] = { status: 503, body: { code: 'store_unavailable' } };
  expect(await tell('/students/7/erase')).toEqual({ kind: 'away', answered: true });
  expect(sessionState().silentSince).toBeNull();
});

test('a change is sent again with the new token when another tab has signed in', async () => {
  school.answers['GET /self'] = { body: { ...aSelf(), csrf: 'c2' } };
  school.answers['POST /held/5/approve'] = ({ headers }) => (headers['X-CSRF-Token'] === 'c2' ? { status: 204 } : { status: 403, body: { code: 'csrf' } });
  expect((await tell('/held/5/approve', { reason: 'x' })).kind).toBe('ok');
});

test('but not in the name of somebody else', async () => {
  school.answers['GET /self'] = { body: { ...aSelf(), csrf: 'c2', adult: { ...aSelf().adult, id: 2 } } };
  school.answers['POST /held/5/approve'] = { status: 403, body: { code: 'csrf' } };
  expect((await tell('/held/5/approve', { reason: 'x' })).kind).toBe('refused');
  expect(school.asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
});
