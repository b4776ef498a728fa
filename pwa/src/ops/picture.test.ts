import { describe, expect, it } from 'vitest';

import { duration, milliseconds, number, share, silent, tiles, type Picture } from './picture.ts';

const QUIET: Picture = {
  window_s: null,
  all: { count: 0, failed: 0, per_second: null, failed_share: null, p50_ms: null, p95_ms: null, p99_ms: null },
  requests: [],
  errors: [],
  games: [],
  inbox: {},
  oldest_pending_s: null,
  active_users: null,
  workers: null,
  devices: { holding: null, sessions: null, oldest_s: null },
  cache_hit_rate: null,
  host: { cpu: null, memory: null, disk: null },
  sources: {},
};

describe('the picture in words', () => {
  it('says nothing where nothing is known', () => {
    expect(tiles(QUIET).every(({ value, mood }) => value === '–' && mood === 'well')).toBe(true);
    expect(silent(QUIET)).toEqual([]);
  });

  it('names what does not answer', () => {
    expect(silent({ ...QUIET, sources: { database: 0, redis: 1 } })).toEqual(['database: no response']);
  });

  it('is alarmed at the limits of the alerts', () => {
    const bad = { ...QUIET, workers: 0, inbox: { pending: 1000 }, oldest_pending_s: 300, host: { cpu: 0.8, memory: 0.8, disk: 0.9 } };
    const alarmed = tiles(bad).filter(({ mood }) => mood === 'bad').map(({ name }) => name);
    expect(alarmed).toEqual(['Workers', 'Pending games', 'Oldest pending', 'CPU', 'Memory', 'Disk']);
  });

  it('writes figures as people read them', () => {
    expect([number(12), number(3.14159), number(1234.5)]).toEqual(['12', '3.1', '1,235']);
    expect([share(0), share(0.005), share(0.5)]).toEqual(['0 %', '0.5 %', '50 %']);
    expect([milliseconds(4.25), duration(30), duration(7200), duration(0)]).toEqual(['4.3 ms', '30 s', '2 h', '–']);
  });
});
