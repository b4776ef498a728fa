import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';

import documented from '../../../docs/api.md?raw';
import { ask, STATUS_OF_PROBLEM, verdictOn, type Fetch, type ProblemCode } from './answer.ts';
import fixture from './fixture.json';
import { readBoardOf, readLacking, readMeOf, readReceiptsFor, readSignIn } from './shapes.ts';

const OURS = 'application/problem+json';
const wanted = { status: 200, read: (body: unknown) => (body as { ok?: true } | null)?.ok ?? null, timeoutMs: 1_000 };

const asked = (response: () => Response | Promise<Response>) => ask((async () => response()) as Fetch, '/x', {}, wanted);

const answer = (status: number, body: string, type: string, headers: Record<string, string> = {}) =>
  new Response(body, { status, headers: { 'content-type': type, ...headers } });

afterEach(() => vi.useRealTimers());

describe('a stranger’s answer', () => {
  const statuses = [200, 202, 203, 400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 413, 415, 421, 422, 423, 426,
    428, 429, 431, 451, 495, 499, 500, 501, 502, 503, 504, 507, 508, 511, 520, 530];
  const types = ['application/json', 'application/problem+json', 'text/html', 'application/problem+xml', '', 'x'];
  const codes = [...Object.keys(STATUS_OF_PROBLEM), 'constructor', '__proto__', 'blocked', ''];

  it('means something only as our document, with our code under its own status', async () => {
    const cases = fc.tuple(fc.constantFrom(...statuses), fc.constantFrom(...types), fc.constantFrom(...codes));
    await fc.assert(
      fc.asyncProperty(cases, async ([status, type, code]) => {
        const { kind } = await asked(() => answer(status, JSON.stringify({ code, detail: 'x', student_id: 1 }), type));
        const isOurs = type === OURS && (STATUS_OF_PROBLEM as Record<string, unknown>)[code] === status;
        expect(kind).toBe(isOurs ? 'problem' : 'stranger');
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['no body', answer(410, '', OURS)],
    ['a list', answer(410, '[]', OURS)],
    ['null', answer(410, 'null', OURS)],
    ['a number for a code', answer(410, '{"code": 410}', OURS)],
    ['another status in the document', answer(410, '{"code": "student_erased", "status": 401}', OURS)],
    ['no JSON', answer(410, '{"code": "student_erased"', OURS)],
    ['a value of another shape', answer(200, '{"login": true}', 'application/json')],
    ['a value as text', answer(200, '{"ok": true}', 'text/plain')],
    ['a value under another 2xx', answer(203, '{"ok": true}', 'application/json')],
    ['a body beyond all measure', answer(200, `{"ok": true, "x": "${'x'.repeat(1024 * 1024)}"}`, 'application/json')],
  ])('is weather: %s', async (_name, response) => {
    expect((await asked(() => response)).kind).toBe('stranger');
  });

  it('is waited for until the time is up: at its head and within its body', async () => {
    vi.useFakeTimers();
    const endless = new ReadableStream({ pull: (stream) => void stream.enqueue(new Uint8Array(65_536)) }, { highWaterMark: 0 });
    const silent = new ReadableStream({});
    const never = [
      () => new Promise<Response>(() => undefined),
      () => new Response(silent, { headers: { 'content-type': 'application/json' } }),
    ];
    for (const response of never) {
      const waiting = asked(response);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await waiting).toEqual({ kind: 'away', timedOut: true });
    }
    vi.useRealTimers();
    expect((await asked(() => new Response(endless, { headers: { 'content-type': 'application/json' } }))).kind).toBe('stranger');
  });

  it('that fails or is cut is nobody', async () => {
    const cut = new ReadableStream({ pull: (stream) => stream.error(new TypeError('cut')) });
    expect(await asked(() => Promise.reject(new TypeError('no')))).toEqual({ kind: 'away', timedOut: false });
    expect(await asked(() => new Response(cut, { headers: { 'content-type': 'application/json' } }))).toEqual({
      kind: 'away',
      timedOut: false,
    });
  });
});

describe('a slow network', () => {
  it('is told by who had waited long enough, whatever they say then', async () => {
    expect(await asked(() => answer(408, '', 'text/plain'))).toMatchObject({ kind: 'stranger', timedOut: true });
    expect((await asked(() => answer(502, '', 'text/plain'))) as object).not.toHaveProperty('timedOut');
    vi.useFakeTimers();
    const late = async () => {
      await new Promise((resolve) => setTimeout(resolve, 9_000));
    };
    const unhurried = (end: () => Response) => {
      const waiting = ask(() => late().then(end), '/x', {}, { status: 200, read: () => true, timeoutMs: 20_000 });
      return vi.advanceTimersByTimeAsync(9_000).then(() => waiting);
    };
    expect(await unhurried(() => answer(504, '', 'text/html'))).toMatchObject({ kind: 'stranger', timedOut: true });
    expect(
      await unhurried(() => {
        throw new TypeError('the connection was reset');
      }),
    ).toEqual({ kind: 'away', timedOut: true });
    vi.useRealTimers();
  });
});

describe('our own answer', () => {
  it('is the value, whatever its parameters', async () => {
    expect(await asked(() => answer(200, '{"ok": true}', 'Application/JSON; charset=utf-8'))).toEqual({ kind: 'value', value: true });
  });

  it('names the child that was erased, and erases no other', () => {
    const erased = { code: 'student_erased' as const, detail: '' };
    expect(verdictOn({ ...erased, studentId: 7 }, { id: 7 })).toBe('erased');
    expect(verdictOn({ ...erased, studentId: 8 }, { id: 7 })).toBeNull();
    expect(verdictOn({ ...erased, studentId: null }, { id: 7 })).toBeNull();
  });

  it('wants the card for three reasons, and nothing for the others', () => {
    const card = (Object.keys(STATUS_OF_PROBLEM) as ProblemCode[]).filter(
      (code) => verdictOn({ code, detail: '', studentId: null }, { id: 1 }) === 'show-the-card',
    );
    expect(card).toEqual(['unauthorized', 'token_revoked', 'device_mismatch']);
  });

  it('has the codes of docs/api.md', () => {
    for (const [code, status] of Object.entries(STATUS_OF_PROBLEM)) expect(documented).toContain(`| ${status} | \`${code}\` |`);
  });
});

describe('shapes', () => {
  const read = {
    signIn: [readSignIn, fixture.sign_in_answer],
    me: [readMeOf({ id: 1 }), fixture.me],
    board: [readBoardOf('cyber_runner'), fixture.leaderboard],
  } as const;

  it.each(Object.entries(read))('takes the wire’s own %s, and one with fields that we do not know', (_name, [reads, good]) => {
    expect(reads(good)).toEqual(good);
    expect(reads({ ...good, new: 1 })).not.toBeNull();
  });

  it.each(Object.entries(read))('takes no %s that lacks a part', (name, [reads, good]) => {
    const needless = { board: ['period', 'since'], me: ['day_minutes'], signIn: [''] }[name]!;
    for (const field of Object.keys(good).filter((one) => !needless.includes(one))) {
      expect([field, reads({ ...good, [field]: undefined })]).toEqual([field, null]);
      expect([field, reads({ ...good, [field]: { a: 1 } })]).toEqual([field, null]);
    }
    for (const other of [null, [], 'x', 1, {}, { token: '' }]) expect(reads(other)).toBeNull();
  });

  it('takes the progress of a server that does not know the minutes of a day', () => {
    const older: Partial<typeof fixture.me> = { ...fixture.me };
    delete older.day_minutes;
    expect(readMeOf({ id: 1 })(older)).toEqual(older);
    expect(readMeOf({ id: 1 })({ ...older, day_minutes: '30' })).toBeNull();
  });

  it('takes no progress of another child', () => {
    expect(readMeOf({ id: 2 })(fixture.me)).toBeNull();
  });

  it('takes receipts for what was sent alone', () => {
    const reads = readReceiptsFor(new Set(['a', 'b']));
    const receipts = [
      { session_id: 'x', status: 'accepted' },
      { session_id: 'a', status: 'swallowed' },
      null,
      { session_id: 'b', status: 'accepted' },
      { session_id: 'b', status: 'invalid' },
    ];
    expect([...reads({ receipts })!.bySession]).toEqual([['b', { session_id: 'b', status: 'accepted' }]]);
    expect(reads({ receipts: receipts.slice(0, 3) })).toBeNull();
    expect(reads({ receipts: 'a' })).toBeNull();
  });

  it('hears the epoch of a receipt, and does without it', () => {
    const { session_id } = fixture.sync_answer.receipts[0]!;
    const read = (changes: Record<string, unknown>) =>
      readReceiptsFor(new Set([session_id]))({ ...fixture.sync_answer, ...changes })!.acknowledgement;
    const heard = {
      epoch: fixture.sync_answer.epoch,
      answeredAt: Date.parse('2026-11-20T14:05:00.250Z'),
      safeBefore: Date.parse('2026-11-20T02:25:00Z'),
    };
    expect(read({})).toEqual(heard);
    expect(read({ safe_before: undefined })).toEqual({ ...heard, safeBefore: null });
    for (const safe of [null, 7, 'soon']) expect(read({ safe_before: safe })).toEqual({ ...heard, safeBefore: null });
    for (const epoch of [undefined, null, 7, '']) expect(read({ epoch })).toBeNull();
    for (const at of [undefined, null, 7, 'soon']) expect(read({ answered_at: at })).toBeNull();
  });

  it('takes the answer to an offer in its whole shape only', () => {
    const { lacking, epoch } = fixture.offer_answer;
    const found = readLacking(fixture.offer_answer)!;
    expect([[...found.sessionIds], found.acknowledgement.epoch]).toEqual([lacking, epoch]);
    for (const broken of [{ lacking: 'a' }, { lacking: [7] }, { lacking: undefined }, { epoch: undefined }, { answered_at: 1 }]) {
      expect(readLacking({ ...fixture.offer_answer, ...broken })).toBeNull();
    }
    expect(readLacking(null)).toBeNull();
  });
});
