import 'fake-indexeddb/auto';

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { payloadHash } from '../contract/payload_hash.ts';
import type { OfferRequest, Receipt, SyncRequest, WireSession } from '../contract/wire.ts';
import { CHANNEL, drain } from './drain.ts';
import { outboxFile } from './export.ts';
import { MOST_OFFERED } from './kept.ts';
import { batchOf, MOST_SESSIONS, type Fetch } from './send.ts';
import * as store from './store.ts';

beforeEach(async () => {
  await store.closeStore();
  await new Promise<void>((resolve, reject) => {
    const gone = indexedDB.deleteDatabase(store.DATABASE);
    gone.onsuccess = () => resolve();
    gone.onerror = () => reject(new Error('not deleted'));
  });
});
afterEach(() => store.closeStore());

function session(id: string, extra: Partial<WireSession> = {}): WireSession {
  return {
    session_id: id,
    game_type: 'cyber_runner',
    game_version: '1',
    started_at: '2026-11-20T14:01:00.000Z',
    ended_at: '2026-11-20T14:03:00.000Z',
    utc_offset_minutes: -180,
    score: 500,
    duration: 120,
    accuracy: 0.85,
    completed: true,
    metadata: {},
    ...extra,
  };
}

async function child(id: number, access: store.Access = 'active'): Promise<void> {
  await store.keepStudent({
    id,
    nickname: `n${id}`,
    avatar: 'fox',
    token: `token-${id}`,
    tokenId: `t${id}`,
    exportKey: '',
    access,
    me: null,
    meAt: 0,
    settings: store.FIRST_SETTINGS,
  });
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });

/** A problem document of ours. */
const problem = (status: number, code: string, more: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  json(
    status,
    { type: `urn:neuroplay:problem:${code}`, title: code, status, code, detail: 'why', ...more },
    { 'content-type': 'application/problem+json', ...headers },
  );

const accepted = (request: SyncRequest): Receipt[] =>
  request.sessions.map(({ session_id }) => ({ session_id, status: 'accepted' }));

/** Our 204 returns the request id. */
const signedOut = (init: RequestInit) =>
  new Response(null, {
    status: 204,
    headers: { 'x-request-id': new Headers(init.headers).get('x-request-id') ?? '' },
  });

/** A server that answers with `reply` and records the requests. */
function server(reply: (request: SyncRequest, token: string) => Response | Promise<Response>) {
  const seen: { token: string; request: SyncRequest }[] = [];
  const fetch: Fetch = async (url, init) => {
    if (url.endsWith('/sign-out')) return signedOut(init);
    const request = JSON.parse(String(init.body)) as SyncRequest;
    const token = new Headers(init.headers).get('authorization') ?? '';
    seen.push({ token, request });
    return reply(request, token);
  };
  return { fetch, seen };
}

const honest = () => server((request) => json(202, { receipts: accepted(request) }));

describe('drain', () => {
  it('sends everything with the token of its student, and removes it on the receipt', async () => {
    await child(1);
    await child(2);
    await store.putSession(1, session('a'));
    await store.putSession(2, session('b'));
    const { fetch, seen } = honest();
    const report = await drain(fetch);
    expect(report.delivered.map((item) => item.sessionId).sort()).toEqual(['a', 'b']);
    expect(report.again).toBe(false);
    expect(seen.map(({ token }) => token)).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(await store.allItems()).toEqual([]);
  });

  it('keeps what is over a budget for as long as was asked, and lets the others of the tablet go on', async () => {
    await child(1);
    await child(2);
    await store.putSession(1, session('a'));
    await store.putSession(2, session('b'));
    const { fetch, seen } = server((request, token) =>
      token === 'Bearer token-1'
        ? problem(429, 'over_budget', {}, { 'retry-after': '600' })
        : json(202, { receipts: accepted(request) }),
    );
    const report = await drain(fetch);
    expect(report.delivered.map((item) => item.sessionId)).toEqual(['b']);
    expect(report.again).toBe(true);
    expect(report.retryAfterMs).toBeGreaterThan(0);
    expect((await store.allItems()).map((item) => [item.sessionId, item.parked])).toEqual([['a', null]]);
    await store.putSession(2, session('c'));
    expect((await drain(fetch)).delivered.map((item) => item.sessionId)).toEqual(['c']);
    expect(seen.map(({ token }) => token)).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
    await drain(fetch, 'by-hand');
    expect(seen).toHaveLength(4);
  });

  it('treats a duplicate as delivered', async () => {
    await child(1);
    await store.putSession(1, session('a'));
    const { fetch } = server((request) =>
      json(202, { receipts: request.sessions.map((s) => ({ session_id: s.session_id, status: 'duplicate' })) }),
    );
    await drain(fetch);
    expect(await store.allItems()).toEqual([]);
  });

  const notOurs: [string, () => Response | Promise<Response>][] = [
    ['a network error', () => Promise.reject(new TypeError('failed'))],
    ['408', () => json(408, { code: 'timeout' })],
    ['425', () => json(425, { code: 'too_early' })],
    ['429', () => json(429, { code: 'too_many' })],
    ['500', () => json(500, { code: 'internal' })],
    ['502 of a proxy', () => new Response('bad gateway', { status: 502 })],
    ['503', () => json(503, { code: 'store_unavailable' })],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: '/login' } })],
    ['a login page', () => new Response('<html>', { status: 200, headers: { 'content-type': 'text/html' } })],
    ['JSON of a portal', () => json(200, { login: true })],
    ['a portal that refuses in JSON', () => json(401, { message: 'please log in' })],
    ['202 without receipts', () => json(202, {})],
    ['a reply that is cut', () => new Response('{"receipts": [', { status: 202, headers: { 'content-type': 'application/json' } })],
    ['receipts of other sessions', () => json(202, { receipts: [{ session_id: 'x', status: 'accepted' }] })],
  ];
  it.each(notOurs)('keeps everything on %s', async (_name, reply) => {
    await child(1);
    await store.putSession(1, session('a'));
    const report = await drain(server(reply).fetch);
    expect(report.again).toBe(true);
    expect((await store.allItems()).map((item) => [item.sessionId, item.parked])).toEqual([['a', null]]);
  });

  const reasons: [string, () => Response | Promise<Response>, store.TroubleKind][] = [
    ['nobody', () => Promise.reject(new TypeError('failed')), 'away'],
    ['a login page', () => new Response('<html>', { status: 200 }), 'stranger'],
    ['a redirect', () => new Response(null, { status: 302 }), 'stranger'],
    ['a busy server', () => problem(503, 'store_unavailable'), 'busy'],
    ['a proxy without a server', () => new Response('bad gateway', { status: 502 }), 'broken'],
    ['a broken server', () => problem(500, 'internal'), 'broken'],
    ['a refused token', () => problem(401, 'token_revoked'), 'card'],
  ];
  it.each(reasons)('says why games wait: %s', async (_name, reply, kind) => {
    await child(1);
    await store.putSession(1, session('a'));
    await drain(server(reply).fetch);
    expect((await store.troubles()).map((trouble) => [trouble.studentId, trouble.kind])).toEqual([[1, kind]]);
    await child(1);
    await drain(honest().fetch, 'by-hand');
    expect(await store.troubles()).toEqual([]);
  });

  it.each([
    ['our own 500', () => problem(500, 'internal')],
    ['a 413 of a proxy', () => new Response('<h1>too large</h1>', { status: 413 })],
    ['a 400 of a filter', () => new Response('blocked', { status: 400 })],
    ['a 403 of a filter', () => json(403, { code: 'blocked' })],
    ['a 422 of a gateway', () => json(422, { code: 'invalid_request', message: 'payload' })],
  ])('lets no session that causes %s hold up the others, and keeps it', async (_name, reply) => {
    await child(1);
    for (let n = 0; n < 20; n += 1) await store.putSession(1, session(n === 7 ? 'poison' : `s${n}`));
    const { fetch, seen } = server((request) =>
      request.sessions.some(({ session_id }) => session_id === 'poison')
        ? reply()
        : json(202, { receipts: accepted(request) }),
    );
    const report = await drain(fetch);
    expect((await store.allItems()).map((item) => [item.sessionId, item.parked])).toEqual([['poison', null]]);
    expect(report.again).toBe(true);
    expect(seen.length).toBeLessThan(20);
  });

  it('stops soon where the server fails on everything', async () => {
    await child(1);
    await child(2);
    for (let n = 0; n < 50; n += 1) await store.putSession(1, session(`s${n}`));
    await store.putSession(2, session('other'));
    const { fetch, seen } = server(() => problem(500, 'internal'));
    await drain(fetch);
    expect(await store.allItems()).toHaveLength(51);
    expect(seen.length).toBeLessThan(16);
  });

  it('asks nothing before the time the server named, but for an adult', async () => {
    await child(1);
    await store.putSession(1, session('a'));
    await drain(server(() => json(503, { code: 'x' }, { 'retry-after': '60' })).fetch);
    const { fetch, seen } = honest();
    const report = await drain(fetch);
    expect([seen.length, report.again]).toEqual([0, true]);
    expect(report.retryAfterMs).toBeGreaterThan(50_000);
    await drain(fetch, 'by-hand');
    expect(await store.allItems()).toEqual([]);
  });

  it('takes a date as well as seconds, and believes no absurd wait', async () => {
    await child(1);
    await store.putSession(1, session('a'));
    const date = 'Mon, 23 Nov 2026 12:00:00 GMT';
    const later = 'Mon, 23 Nov 2026 12:00:09 GMT';
    const waits = [{ date, 'retry-after': later }, { 'retry-after': '99999999' }, { 'retry-after': 'soon' }];
    const told = [];
    for (const headers of waits) {
      const { fetch } = server(() => json(503, { code: 'x' }, headers as Record<string, string>));
      told.push((await drain(fetch, 'by-hand')).retryAfterMs);
    }
    expect(told[0]).toBeGreaterThanOrEqual(9000);
    expect(told[0]).toBeLessThanOrEqual(13_500);
    expect(told.slice(1)).toEqual([3_600_000, null]);
  });

  it('tells every page what was delivered', async () => {
    await child(1);
    await store.putSession(1, session('a'));
    const channel = new BroadcastChannel(CHANNEL);
    const heard = new Promise<store.OutboxItem[]>((resolve) => {
      channel.onmessage = (event: MessageEvent<store.OutboxItem[]>) => resolve(event.data);
    });
    await drain(honest().fetch);
    expect((await heard).map((item) => item.sessionId)).toEqual(['a']);
    channel.close();
  });

  it('tells how long the server asked to wait', async () => {
    await child(1);
    await store.putSession(1, session('a'));
    const { fetch } = server(() => json(503, { code: 'x' }, { 'retry-after': '7' }));
    const { retryAfterMs } = await drain(fetch);
    expect(retryAfterMs).toBeGreaterThanOrEqual(7000);
    expect(retryAfterMs).toBeLessThanOrEqual(10_500);
  });

  it('lets a refused token stop its own student alone', async () => {
    await child(1);
    await child(2);
    await store.putSession(1, session('a'));
    await store.putSession(2, session('b'));
    const { fetch } = server((request, token) =>
      token.endsWith('1') ? problem(401, 'token_revoked') : json(202, { receipts: accepted(request) }),
    );
    await drain(fetch);
    expect((await store.student(1))?.access).toBe('expired');
    expect((await store.allItems()).map((item) => item.sessionId)).toEqual(['a']);
  });

  it('forgets an erased student with what is unsent', async () => {
    await child(1);
    await store.putSession(1, session('a'));
    await drain(server(() => problem(410, 'student_erased', { student_id: 1 })).fetch);
    expect(await store.student(1)).toBeUndefined();
    expect(await store.allItems()).toEqual([]);
  });

  it('parks what is invalid or in conflict, with the reason, and sends it no more', async () => {
    await child(1);
    await store.putSession(1, session('bad'));
    await store.putSession(1, session('good'));
    const { fetch, seen } = server((request) =>
      json(202, {
        receipts: request.sessions.map(({ session_id }) =>
          session_id === 'bad'
            ? { session_id, status: 'invalid', error: { code: 'negative', field: 'score', message: 'no' } }
            : { session_id, status: 'accepted' },
        ),
      }),
    );
    await drain(fetch);
    await drain(fetch);
    const [left] = await store.allItems();
    expect(left?.parked).toEqual({ code: 'negative', message: 'no' });
    expect(seen).toHaveLength(1);
  });

  it.each([
    [400, 'malformed_json'],
    [413, 'body_too_large'],
    [422, 'invalid_request'],
  ])('halves a batch refused with %i %s until the cause stands alone', async (status, code) => {
    await child(1);
    for (let n = 0; n < 11; n += 1) await store.putSession(1, session(n === 6 ? 'poison' : `s${n}`));
    const { fetch } = server((request) =>
      request.sessions.some(({ session_id }) => session_id === 'poison')
        ? problem(status, code)
        : json(202, { receipts: accepted(request) }),
    );
    await drain(fetch);
    const left = await store.allItems();
    expect(left.map((item) => [item.sessionId, item.parked?.code])).toEqual([['poison', code]]);
  });

  it('says how many of the student stay here', async () => {
    await child(1);
    for (let n = 0; n < MOST_SESSIONS + 7; n += 1) await store.putSession(1, session(`s${n}`));
    const { fetch, seen } = honest();
    await drain(fetch);
    expect(seen.map(({ request }) => [request.sessions.length, request.outbox.pending])).toEqual([
      [MOST_SESSIONS, 7],
      [7, 0],
    ]);
  });

  it('signs out only by our own word, and asks until it has it', async () => {
    const answers: [boolean, (init: RequestInit) => Response][] = [
      [false, () => new Response(null, { status: 204 })],
      [false, () => new Response('<html>', { status: 200 })],
      [false, () => json(410, { code: 'student_erased' })],
      [false, () => problem(410, 'student_erased', { student_id: 2 })],
      [true, (init) => signedOut(init)],
      [true, () => problem(401, 'token_revoked')],
      [true, () => problem(410, 'student_erased', { student_id: 1 })],
    ];
    for (const [ends, reply] of answers) {
      await child(1, 'signed-out');
      const report = await drain(async (_url, init) => reply(init));
      expect([report.again, (await store.students()).length]).toEqual(ends ? [false, 0] : [true, 1]);
    }
  });

  it('lets an adult ask again with a token that somebody refused', async () => {
    await child(1);
    await store.putSession(1, session('a'));
    await drain(server(() => problem(401, 'unauthorized')).fetch);
    expect((await store.student(1))?.access).toBe('expired');
    await drain(honest().fetch);
    expect(await store.allItems()).toHaveLength(1);
    await drain(honest().fetch, 'by-hand');
    expect([await store.allItems(), (await store.student(1))?.access]).toEqual([[], 'active']);
  });

  it('forgets a child who signed out once nothing is left, and ends the token', async () => {
    await child(1, 'signed-out');
    await store.putSession(1, session('a'));
    const asked: string[] = [];
    await drain((url, init) => {
      asked.push(url);
      return honest().fetch(url, init);
    });
    expect(await store.students()).toEqual([]);
    expect(asked.at(-1)).toBe('/api/v1/sign-out');
  });

  it('keeps a child who signed out for as long as a round of theirs may still be handed in', async () => {
    await child(1, 'signed-out');
    const round = { checkpoint: 1, sessionId: 'a', studentId: 1, savedAt: 0, session: null };
    await store.keepCheckpoint(round as unknown as store.Checkpoint);
    expect((await drain(honest().fetch)).again).toBe(false);
    await store.putSession(1, session('a'));
    expect((await drain(honest().fetch)).delivered).toHaveLength(1);
    expect(await store.students()).toEqual([]);
  });

  it('never loses and never repeats a session, whatever the server does in between', async () => {
    const moods = fc.array(fc.constantFrom('ok', 'lost', 'down', 'busy', 'html'), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(moods, fc.integer({ min: 1, max: 9 }), async (script, count) => {
        for (const known of await store.students()) await store.forgetStudent(known.id, true);
        await child(1);
        for (let n = 0; n < count; n += 1) await store.putSession(1, session(`s${n}`));
        const stored = new Map<string, number>();
        const { fetch } = server((request) => {
          const mood = script.shift() ?? 'ok';
          if (mood === 'down') throw new TypeError('down');
          if (mood === 'busy') return json(503, { code: 'busy' });
          if (mood === 'html') return new Response('<html>', { status: 200 });
          const receipts = request.sessions.map(({ session_id }): Receipt => {
            const known = stored.has(session_id);
            if (!known) stored.set(session_id, 1);
            return { session_id, status: known ? 'duplicate' : 'accepted' };
          });
          if (mood === 'lost') throw new TypeError('the answer was lost');
          return json(202, { receipts });
        });
        for (let tries = 0; (await drain(fetch, 'by-hand')).again; tries += 1) expect(tries).toBeLessThan(20);
        expect(stored.size).toBe(count);
        expect(await store.allItems()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('batchOf', () => {
  it('stays within its bytes but always takes one', () => {
    const heavy = { session: session('a', { metadata: { trace: 'x'.repeat(600 * 1024) } }) };
    expect(batchOf([heavy, heavy])).toHaveLength(1);
  });
});

describe('the file', () => {
  it('holds what waits, under a seal of the student’s key', async () => {
    await child(1);
    await store.changeStudent(1, (known) => ({ ...known, exportKey: '0b'.repeat(32) }));
    await store.putSession(1, session('a'));
    await store.putSession(2, session('b'));
    const known = (await store.student(1))!;
    const file = await outboxFile(known);
    const content = JSON.parse(file.payload) as { sessions: WireSession[]; device_id: string };
    expect(content.sessions.map(({ session_id }) => session_id)).toEqual(['a']);
    expect([file.token_id, content.device_id]).toEqual(['t1', await store.deviceId()]);
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', new Uint8Array(32).fill(0x0b), hmac, false, ['verify']);
    const seal = Uint8Array.from(file.seal.match(/../g)!, (pair) => parseInt(pair, 16));
    expect(await crypto.subtle.verify('HMAC', key, seal, new TextEncoder().encode(file.payload))).toBe(true);
  });
});

describe('the store', () => {
  it('keeps one id for this device', async () => {
    expect(await store.deviceId()).toBe(await store.deviceId());
  });

  it('opens again after its connection was lost', async () => {
    await child(1);
    await store.closeStore();
    expect((await store.students()).map(({ id }) => id)).toEqual([1]);
  });

  it('shrinks its batches where the door cut a body that took too long', async () => {
    await child(1);
    for (let n = 0; n < 40; n++) {
      await store.putSession(1, session(`s${n}`, { metadata: { trace: Array<number>(6_000).fill(1234) } }));
    }
    const slow = server((request) =>
      JSON.stringify(request).length > 300_000
        ? problem(408, 'request_timeout', {}, { 'retry-after': '0' })
        : json(202, { receipts: accepted(request) }),
    );
    for (let tries = 0; tries < 12; tries++) await drain(slow.fetch);
    expect(await store.allItems()).toEqual([]);
  });

});

describe('a server that is restored', () => {
  const T0 = Date.parse('2026-11-25T12:00:00Z');
  const iso = (ms: number) => new Date(ms).toISOString();

  /** A server with an epoch, a clock and backups. */
  class School {
    epoch = 'first';
    now = T0;
    safeBefore: number | null = null;
    stored = new Map<string, string>();
    /** How often each was accepted, over all restores. */
    accepted: string[] = [];
    asked: string[] = [];
    offers: { token: string; ids: string[] }[] = [];
    /** Instead of its own answer to an offer. */
    onOffer: (() => Response | Promise<Response>) | null = null;
    onSync: (() => Response | Promise<Response>) | null = null;
    private saved = new Map<string, string>();

    readonly fetch: Fetch = async (url, init) => {
      this.now += 1_000;
      const what = url.slice(url.lastIndexOf('/') + 1);
      this.asked.push(what);
      if (what === 'sign-out') return signedOut(init);
      const body = JSON.parse(String(init.body)) as SyncRequest & OfferRequest;
      if (what === 'offer') {
        const token = new Headers(init.headers).get('authorization') ?? '';
        this.offers.push({ token, ids: body.offered.map(({ session_id }) => session_id) });
        if (this.onOffer) return this.onOffer();
        const lacking = body.offered.filter(({ session_id, hash }) => this.stored.get(session_id) !== hash);
        return json(200, { lacking: lacking.map(({ session_id }) => session_id), ...this.acknowledgement() });
      }
      if (this.onSync) return this.onSync();
      const receipts = body.sessions.map((sent): Receipt => {
        const known = this.stored.has(sent.session_id);
        this.stored.set(sent.session_id, payloadHash(sent));
        if (!known) this.accepted.push(sent.session_id);
        return { session_id: sent.session_id, status: known ? 'duplicate' : 'accepted' };
      });
      return json(202, { receipts, ...this.acknowledgement() });
    };

    private acknowledgement() {
      return {
        epoch: this.epoch,
        answered_at: iso(this.now),
        ...(this.safeBefore !== null && { safe_before: iso(this.safeBefore) }),
      };
    }

    backUp(): void {
      this.saved = new Map(this.stored);
      this.safeBefore = this.now += 1_000;
    }

    restore(): void {
      this.stored = new Map(this.saved);
      this.epoch = `restored at ${this.now}`;
      this.safeBefore = null;
    }
  }

  const keptIds = async () => (await store.keptItems()).map(({ sessionId }) => sessionId).sort();
  const again = (school: School) => drain(school.fetch, 'by-hand');

  it('gets back what it acknowledged and lost, once, with what it has left alone', async () => {
    await child(1);
    await child(2);
    const school = new School();
    await store.putSession(1, session('before'));
    await drain(school.fetch);
    school.backUp();
    await store.putSession(1, session('a'));
    await store.putSession(2, session('b'));
    await drain(school.fetch);
    expect(await store.allItems()).toEqual([]);
    school.restore();
    const report = await again(school);
    expect(report.delivered.map(({ sessionId }) => sessionId).sort()).toEqual(['a', 'b']);
    expect([...school.stored.keys()].sort()).toEqual(['a', 'b', 'before']);
    expect(school.accepted.sort()).toEqual(['a', 'a', 'b', 'b', 'before']);
    expect(await store.allItems()).toEqual([]);
    expect((await store.keptItems()).map(({ epoch }) => epoch)).toEqual([school.epoch, school.epoch]);
    const { asked } = school;
    school.asked = [];
    await again(school);
    expect([asked.length > 0, school.asked]).toEqual([true, ['offer']]);
    expect(school.offers.at(-1)!.ids).toEqual([]);
  });

  it('is asked for its epoch by a new page, and not again for a while', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      vi.advanceTimersByTime(10 * 60_000);
      await child(1);
      const school = new School();
      await store.putSession(1, session('a'));
      await drain(school.fetch);
      await drain(school.fetch);
      expect(school.asked).toEqual(['sync']);
      vi.advanceTimersByTime(60_000);
      await drain(school.fetch);
      await drain(school.fetch);
      expect(school.asked).toEqual(['sync', 'offer']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is asked nothing by a tablet that keeps nothing', async () => {
    await child(1);
    const school = new School();
    await again(school);
    expect(school.asked).toEqual([]);
  });

  it('is offered each child’s own games, in batches', async () => {
    await child(1);
    await child(2);
    const school = new School();
    const ids = Array.from({ length: MOST_OFFERED + 3 }, (_, n) => `s${String(n).padStart(4, '0')}`);
    for (const id of ids) await store.putSession(1, session(id));
    await store.putSession(2, session('other'));
    await drain(school.fetch);
    school.restore();
    await again(school);
    const offers = school.offers.filter(({ ids: offered }) => offered.length > 0);
    expect(offers.map(({ token, ids: offered }) => [token, offered.length])).toEqual([
      ['Bearer token-1', MOST_OFFERED],
      ['Bearer token-1', 3],
      ['Bearer token-2', 1],
    ]);
    expect([...school.stored.keys()].sort()).toEqual(['other', ...ids]);
  });

  it('hears of its new epoch by the game of any child, and has the others’ too', async () => {
    await child(1);
    await child(2);
    const school = new School();
    await store.putSession(1, session('a'));
    await drain(school.fetch);
    school.restore();
    await store.putSession(2, session('b'));
    await drain(school.fetch);
    expect([...school.stored.keys()].sort()).toEqual(['a', 'b']);
  });

  it('that names an epoch for the first time is sent nothing twice for it', async () => {
    await child(1);
    await store.putSession(1, session('poison'));
    const school = new School();
    school.onSync = () => problem(500, 'internal');
    await drain(school.fetch);
    expect(school.asked).toEqual(['sync']);
    school.onSync = null;
    school.asked = [];
    await child(2);
    await store.putSession(2, session('b'));
    const usual = school.fetch;
    const fetch: Fetch = (url, init) =>
      new Headers(init.headers).get('authorization') === 'Bearer token-1'
        ? Promise.resolve(problem(500, 'internal')).finally(() => school.asked.push('poison'))
        : usual(url, init);
    await drain(fetch);
    expect(school.asked).toEqual(['poison', 'sync']);
  });

  it('is offered nothing that a backup of its epoch covers, and what an older backup had is kept for it', async () => {
    await child(1);
    const school = new School();
    await store.putSession(1, session('a'));
    await drain(school.fetch);
    expect(await keptIds()).toEqual(['a']);
    school.backUp();
    await again(school);
    expect(await keptIds()).toEqual([]);
    await store.putSession(1, session('b'));
    await drain(school.fetch);
    school.restore();
    school.backUp(); // Of the new epoch, later than the receipt of b: it does not have b.
    await again(school);
    expect([...school.stored.keys()].sort()).toEqual(['a', 'b']);
  });

  it('of 2.5, which names no epoch, has its games removed at the receipt', async () => {
    await child(1);
    await store.putSession(1, session('a'));
    await drain(honest().fetch);
    expect([await store.allItems(), await store.keptItems()]).toEqual([[], []]);
  });

  it('that is taken back to 2.5 loses nothing and holds up nothing', async () => {
    await child(1);
    const school = new School();
    await store.putSession(1, session('a'));
    await drain(school.fetch);
    school.onOffer = () => problem(404, 'not_found');
    school.onSync = () => json(202, { receipts: [{ session_id: 'b', status: 'accepted' }] });
    await store.putSession(1, session('b'));
    const report = await again(school);
    expect([report.again, (await store.allItems()).length]).toEqual([false, 0]);
    expect((await again(school)).again).toBe(false);
    expect(await keptIds()).toEqual(['a']);
  });

  const unanswered: [string, () => Response | Promise<Response>, boolean][] = [
    ['a network error', () => Promise.reject(new TypeError('failed')), true],
    ['503', () => problem(503, 'store_unavailable', {}, { 'retry-after': '0' }), true],
    ['a login page', () => new Response('<html>', { status: 200 }), true],
    ['429', () => problem(429, 'over_budget', {}, { 'retry-after': '60' }), true],
    ['403 of a filter', () => json(403, { code: 'blocked' }), false],
    ['a portal’s JSON', () => json(200, { lacking: [] }), true],
    ['half an answer', () => json(200, { lacking: 'all', epoch: 'x', answered_at: iso(T0) }), true],
    ['413', () => problem(413, 'too_many_offered'), false],
  ];
  it.each(unanswered)('keeps everything when it answers an offer with %s', async (_name, reply, retries) => {
    await child(1);
    const school = new School();
    await store.putSession(1, session('a'));
    await drain(school.fetch);
    school.restore();
    await store.putSession(1, session('b')); // By which the tablet hears of the new epoch.
    school.onOffer = reply;
    const report = await drain(school.fetch);
    expect(report.again).toBe(retries);
    expect([await keptIds(), await store.allItems()]).toEqual([['a', 'b'], []]);
    expect(await store.troubles()).toEqual([]);
    school.onOffer = null;
    await again(school);
    expect([...school.stored.keys()].sort()).toEqual(['a', 'b']);
  });

  it('is not asked before the time it named', async () => {
    await child(1);
    const school = new School();
    await store.putSession(1, session('a'));
    await drain(school.fetch);
    school.restore();
    await store.putSession(1, session('b'));
    school.onOffer = () => problem(503, 'store_unavailable', {}, { 'retry-after': '60' });
    await drain(school.fetch);
    school.onOffer = null;
    const report = await drain(school.fetch);
    expect([school.offers.length, report.again, report.retryAfterMs! > 50_000]).toEqual([1, true, true]);
  });

  it('that erased the child meanwhile gets nothing, and the tablet forgets it all', async () => {
    await child(1);
    await child(2);
    const school = new School();
    await store.putSession(1, session('a'));
    await store.putSession(2, session('b'));
    await drain(school.fetch);
    school.restore();
    const usual = school.fetch;
    const fetch: Fetch = (url, init) =>
      new Headers(init.headers).get('authorization') === 'Bearer token-1'
        ? Promise.resolve(problem(410, 'student_erased', { student_id: 1 }))
        : usual(url, init);
    await drain(fetch, 'by-hand');
    await drain(fetch, 'by-hand');
    expect((await store.students()).map(({ id }) => id)).toEqual([2]);
    expect([await keptIds(), [...school.stored.keys()]]).toEqual([['b'], ['b']]);
  });

  it('that does not know the token any more gets the games after the next sign-in', async () => {
    await child(1);
    const school = new School();
    await store.putSession(1, session('a'));
    await drain(school.fetch);
    school.restore();
    school.onOffer = () => problem(401, 'unauthorized');
    await again(school);
    expect([(await store.student(1))?.access, await keptIds()]).toEqual(['expired', ['a']]);
    school.onOffer = null;
    await child(1); // Signs in again.
    await again(school);
    expect([...school.stored.keys()]).toEqual(['a']);
  });

  it('gets the games of a child who signed out when that child is here again', async () => {
    await child(1);
    const school = new School();
    await store.putSession(1, session('a'));
    await drain(school.fetch);
    await store.changeStudent(1, (known) => ({ ...known, access: 'signed-out' }));
    await drain(school.fetch);
    expect([await store.students(), await keptIds()]).toEqual([[], ['a']]);
    school.restore();
    await child(1);
    await again(school);
    expect([...school.stored.keys()]).toEqual(['a']);
  });

  it('gets what it lacks before a child who signs out is forgotten', async () => {
    await child(1);
    const school = new School();
    await store.putSession(1, session('a'));
    await drain(school.fetch);
    await store.changeStudent(1, (known) => ({ ...known, access: 'signed-out' }));
    school.restore();
    await again(school);
    expect([[...school.stored.keys()], await store.students()]).toEqual([['a'], []]);
  });

  it('counts every game once, whatever is backed up, restored or lost in between', async () => {
    const events = fc.array(
      fc.constantFrom('play', 'play', 'play', 'drain', 'drain', 'back up', 'restore', 'answer lost', 'offer lost', 'restart'),
      { maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(events, async (script) => {
        for (const known of await store.students()) await store.forgetStudent(known.id, true);
        await child(1);
        await child(2);
        const school = new School();
        const played: string[] = [];
        const losing = (from: number) => async (url: string, init: RequestInit) => {
          const answer = await school.fetch(url, init);
          if (school.asked.length > from) throw new TypeError('the answer was lost');
          return answer;
        };
        for (const event of script) {
          if (event === 'play') {
            played.push(`p${played.length}`);
            await store.putSession(1 + (played.length % 2), session(played.at(-1)!));
          } else if (event === 'drain') await again(school);
          else if (event === 'back up') school.backUp();
          else if (event === 'restore') school.restore();
          else if (event === 'restart') await store.closeStore();
          else await drain(losing(school.asked.length + (event === 'answer lost' ? 0 : 1)), 'by-hand');
        }
        for (let tries = 0; (await again(school)).again; tries += 1) expect(tries).toBeLessThan(20);
        expect([...school.stored.keys()].sort()).toEqual([...played].sort());
        expect(await store.allItems()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
